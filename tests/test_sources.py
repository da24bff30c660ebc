"""Dataset adapters on trees that reproduce their quirks."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.errors import SourceError
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.fakeavceleb import CATEGORIES, SPLITS, fakeavceleb


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_a_manifest_gives_labels_and_groups(tmp_path: Path) -> None:
    text = (
        "path,label,label_audio,split,identity,extra\n"
        "a.mp4,real,0,train,p1,7\n sub/b.mp4 , 1 ,,test,p2,\nc.mp4,,,,,\nd.mp4,,fake,,,\n"
    )
    (tmp_path / "m.csv").write_text("\ufeff" + text, encoding="utf-8")
    a, b, c, d = list_videos([tmp_path / "m.csv"]).videos
    assert (a.label, a.label_visual, a.label_audio, a.split, a.identity) == (0, -1, 0, "train", "p1")
    assert (b.id, b.label, b.path) == ("sub/b.mp4", 1, str((tmp_path / "sub/b.mp4").resolve()))
    assert c.label == -1 and (d.label, d.label_audio) == (1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\na,0\n", "no column path"),
        ("path,lable\na,0\n", "no column label"),
        ("path,label\na,maybe\n", "line 2: label is 'maybe'"),
        ("path,label,split\na,0,dev\n", "split 'dev'"),
        ("path,label,label_audio\na,0,1\n", "modality is labelled fake"),
        ("path,label\na,0\na,1\n", "a is listed 2 times"),
        ("path,label\n,0\n", "line 2: the path is empty"),
        ("path,label\n", "lists no videos"),
        ("", "no column path or label"),
    ],
)
def test_a_wrong_manifest_is_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        list_videos([tmp_path / "m.csv"])
    assert "\n" not in str(caught.value)


def test_a_manifest_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"path,label\n\xff\xfe,0\n")
    with pytest.raises(SourceError, match="not a CSV file"):
        list_videos([tmp_path / "m.csv"])


def test_folders_real_and_fake(tmp_path: Path) -> None:
    for name in ("real/a.mp4", "fake/sub/b.MKV", "fake/.hidden.mp4", "notes.txt", "other.mp4"):
        touch(tmp_path / name)
    videos = list_videos([tmp_path]).videos
    assert {(v.id, v.label, v.label_visual) for v in videos} == {("real/a.mp4", 0, 0), ("fake/sub/b.MKV", 1, -1)}


def test_any_folder_and_single_files(tmp_path: Path) -> None:
    for name in ("x/a.mp4", "b.flac", "c.csv.txt"):
        touch(tmp_path / name)
    assert [(v.id, v.label) for v in list_videos([tmp_path]).videos] == [("b.flac", -1), ("x/a.mp4", -1)]
    assert [v.id for v in list_videos([tmp_path / "x/a.mp4", tmp_path / "b.flac"]).videos] == ["a.mp4", "b.flac"]


def test_what_is_not_there(tmp_path: Path) -> None:
    for sources, dataset, message in (
        ([tmp_path / "nowhere"], None, "no such file or folder"),
        ([tmp_path], None, "no video files"),
        ([tmp_path], "imagenet", "unknown"),
        ([tmp_path], "fakeavceleb", "fill in the form"),
    ):
        with pytest.raises(SourceError, match=message):
            list_videos(sources, dataset)


RACES = ("African", "Asian (East)", "Asian (South)", "Caucasian (American)", "Caucasian (European)")


def write_fakeavceleb(root: Path, header: list[str], spell: "dict[str, str] | None" = None) -> int:
    """A tree of empty files with the dataset's table; `spell` renames race folders as some copies do."""
    rows = []
    for number, race in enumerate(RACES * 2):
        gender, person = ("men", "women")[number // 5], f"id{number:05d}"
        for kind, method in CATEGORIES:
            name = f"{number:05d}_{method}.mp4"
            folder = f"{kind}/{(spell or {}).get(race, race)}/{gender}/{person}"
            touch(root / folder / name)
            letter = "ABCD"[list(dict.fromkeys(k for k, _ in CATEGORIES)).index(kind)]
            rows.append(
                [
                    person,
                    "-",
                    "-",
                    method,
                    letter,
                    kind,
                    race,
                    gender,
                    name,
                    f"FakeAVCeleb/{kind}/{race}/{gender}/{person}",
                ]
            )
            if method == "faceswap-wav2lip" and number < 3:
                rows.append([*rows[-1][:3], "wav2lip", *rows[-1][4:]])
    with (root / "meta_data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return len(rows)


ORIGINAL = ["source", "target1", "target2", "method", "category", "type", "race", "gender", "path", ""]


@pytest.mark.parametrize(
    "header",
    [
        ORIGINAL,
        ORIGINAL[:-1],
        [*ORIGINAL[:8], "filename", "path"],
        [*ORIGINAL[:8], "vid", "path"],
    ],
)
@pytest.mark.parametrize(
    "spell", [None, {"Asian (East)": "Asian_(East)", "Caucasian (American)": "Caucasian(American)"}]
)
def test_fakeavceleb_with_its_quirks(header: list[str], spell: "dict[str, str] | None", tmp_path: Path) -> None:
    rows = write_fakeavceleb(tmp_path, header, spell)
    touch(tmp_path / "RealVideo-RealAudio/African/men/id99999/not_listed.mp4")
    listing = list_videos([tmp_path])
    assert rows == 83 and len(listing.videos) == 80 and "3 files are listed twice" in listing.notes[0]
    assert all(Path(video.path).is_file() for video in listing.videos)
    assert Counter(v.category for v in listing.videos) == dict.fromkeys(CATEGORIES.values(), 10)
    assert Counter(v.method for v in listing.videos)["wav2lip"] == 20
    assert Counter(v.split for v in listing.videos) == {"train": 48, "val": 16, "test": 16}
    assert {v.split for v in listing.videos if v.group == "Caucasian (European)"} == {"test"}
    by_identity = {v.identity: v.split for v in listing.videos}
    assert all(by_identity[v.identity] == v.split for v in listing.videos) and len(by_identity) == 10
    labels = {v.category: (v.label, v.label_visual, v.label_audio) for v in listing.videos}
    assert labels["RVRA"] == (0, 0, 0) and labels["RVFA"] == (1, 0, 1)
    assert labels["FVRA-WL"] == (1, 1, 0) and labels["FVFA-GAN"] == (1, 1, 1)
    assert [path.name for path in listing.unlisted] == ["not_listed.mp4"]
    assert set(SPLITS) == {v.group for v in listing.videos}


def test_fakeavceleb_of_another_make_is_refused(tmp_path: Path) -> None:
    write_fakeavceleb(tmp_path, ORIGINAL)
    table = tmp_path / "meta_data.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("African", "Martian"), encoding="utf-8")
    with pytest.raises(SourceError, match="line 2: race 'Martian'"):
        fakeavceleb(tmp_path)
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no column"):
        fakeavceleb(tmp_path)
