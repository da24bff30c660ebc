"""Dataset adapters on trees that reproduce their quirks."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.cache.core.identity_split import splits_of
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.fakeavceleb import CATEGORIES, FakeAvCeleb
from avdf.pipeline.sources.inventory import take_inventory
from avdf.pipeline.sources.registry import ADAPTERS
from tests.helpers.command import call
from tests.helpers.fakeavceleb_trees import (
    COLUMNS,
    HEADER,
    write_full_fakeavceleb,
    write_small_fakeavceleb,
)
from tests.helpers.trees import touch, write_avdeepfake1m, write_dfdc, write_kodf, write_lavdf


def test_a_manifest_gives_labels_and_groups(tmp_path: Path) -> None:
    text = (
        "path,label,label_audio,split,identity,extra\n"
        "a.mp4,real,0,train,p1,7\n sub/b.mp4 , 1 ,,test,p2,\nc.mp4,,,,,\nd.mp4,,fake,,,\n"
    )
    (tmp_path / "m.csv").write_text("\ufeff" + text, encoding="utf-8")
    a, b, c, d = list_videos([tmp_path / "m.csv"]).videos
    assert (a.label, a.label_visual, a.label_audio, a.split, a.identity) == (
        0,
        -1,
        0,
        "train",
        "p1",
    )
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
        ("path,label\na,0\na,1\n", "line 3: 'a' is the file of line 2 again"),
        ("path,label\n,0\n", "line 2: the path is empty"),
        ("path,label\n", "lists no videos"),
        ("", "without even a header"),
    ],
)
def test_a_wrong_manifest_is_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        list_videos([tmp_path / "m.csv"])
    assert "\n" not in str(caught.value)


def test_a_manifest_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"path,label\n\xff\xfe,0\n")
    with pytest.raises(SourceError, match="not text in UTF-8"):
        list_videos([tmp_path / "m.csv"])


def test_folders_real_and_fake(tmp_path: Path) -> None:
    for name in ("real/a.mp4", "fake/sub/b.MKV", "fake/.hidden.mp4", "notes.txt", "other.mp4"):
        touch(tmp_path / name)
    videos = list_videos([tmp_path]).videos
    assert {(v.id, v.label, v.label_visual) for v in videos} == {
        ("real/a.mp4", 0, 0),
        ("fake/sub/b.MKV", 1, -1),
    }


def test_any_folder_and_single_files(tmp_path: Path) -> None:
    for name in ("x/a.mp4", "b.flac", "c.csv.txt"):
        touch(tmp_path / name)
    assert [(v.id, v.label) for v in list_videos([tmp_path]).videos] == [
        ("b.flac", -1),
        ("x/a.mp4", -1),
    ]
    assert [v.id for v in list_videos([tmp_path / "x/a.mp4", tmp_path / "b.flac"]).videos] == [
        "a.mp4",
        "b.flac",
    ]


def test_what_is_not_there(tmp_path: Path) -> None:
    for sources, dataset, message in (
        ([tmp_path / "nowhere"], None, "no such file or folder"),
        ([tmp_path], None, "no video files"),
        ([tmp_path], "imagenet", "unknown"),
        ([tmp_path], "fakeavceleb", "fill in the form"),
    ):
        with pytest.raises(SourceError, match=message):
            list_videos(sources, dataset)


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        COLUMNS,
        [*COLUMNS[:8], "filename", "path"],
        [*COLUMNS[:8], "vid", "path"],
    ],
)
@pytest.mark.parametrize(
    "spell", [None, {"Asian (East)": "Asian_(East)", "Caucasian (American)": "Caucasian(American)"}]
)
def test_fakeavceleb_with_its_quirks(
    header: list[str], spell: "dict[str, str] | None", tmp_path: Path
) -> None:
    rows = write_small_fakeavceleb(tmp_path, header, spell)
    touch(tmp_path / "RealVideo-RealAudio/African/men/id99999/not_listed.mp4")
    listing = list_videos([tmp_path])
    assert (
        rows == 83 and len(listing.videos) == 80 and "3 files are listed twice" in listing.notes[0]
    )
    assert all(Path(video.path).is_file() for video in listing.videos)
    assert Counter(v.category for v in listing.videos) == dict.fromkeys(CATEGORIES.values(), 10)
    assert Counter(v.method for v in listing.videos)["wav2lip"] == 20
    assert Counter(v.split for v in listing.videos) == {"train": 48, "val": 16, "test": 16}
    assert {v.split for v in listing.videos if v.group == "Caucasian (European)"} == {"test"}
    by_identity = {v.identity: v.split for v in listing.videos}
    assert (
        all(by_identity[v.identity] == v.split for v in listing.videos) and len(by_identity) == 10
    )
    labels = {v.category: (v.label, v.label_visual, v.label_audio) for v in listing.videos}
    assert labels["RVRA"] == (0, 0, 0) and labels["RVFA"] == (1, 0, 1)
    assert labels["FVRA-WL"] == (1, 1, 0) and labels["FVFA-GAN"] == (1, 1, 1)
    assert [path.name for path in listing.unlisted] == ["not_listed.mp4"]
    assert set(ETHNIC_SPLIT) == {v.group for v in listing.videos}


def test_fakeavceleb_of_another_make_is_refused(tmp_path: Path) -> None:
    write_small_fakeavceleb(tmp_path)
    table = tmp_path / "meta_data.csv"
    text = (
        table.read_text(encoding="utf-8").replace("African", "Martian").replace("Asian", "Martian")
    )
    table.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="line 2: race 'Martian'"):
        FakeAvCeleb().read(tmp_path)
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no column"):
        FakeAvCeleb().read(tmp_path)


def test_the_whole_of_fakeavceleb_is_counted_as_its_authors_count_it(tmp_path: Path) -> None:
    """Figures: the dataset's file lists, and the paper's split (docs/datasets.md)."""
    write_full_fakeavceleb(tmp_path)
    listing = list_videos([tmp_path])
    found = take_inventory(listing)
    assert found.videos == 21_544 and listing.notes[0].startswith("22 files are listed twice")
    assert found.tables["split"] == (
        ("test", 4_693, 100, 4_593), ("train", 12_762, 300, 12_462), ("val", 4_089, 100, 3_989),
    )  # fmt: skip
    assert {name: count for name, count, *_ in found.tables["method"]} == {
        "real": 500, "rtvc": 500, "faceswap": 730, "fsgan": 3_964, "wav2lip": 9_602 - 22, "fsgan-wav2lip": 3_553,
        "faceswap-wav2lip": 2_717,
    }  # fmt: skip
    kinds = Counter(Path(video.id).parts[0] for video in listing.videos)
    assert [kinds[kind] for kind in sorted(kinds)] == [10_835, 9_709, 500, 500]
    assert {name: count for name, count, *_ in found.tables["group"]}.keys() == set(ETHNIC_SPLIT)
    assert not found.missing and not found.unlisted and not found.crossing
    of_category = {name: count for name, count, *_ in found.tables["category"]}
    assert of_category["FVRA-FS"] + of_category["FVRA-GAN"] == 4_694  # in none of Table 2's
    assert of_category["FVFA-FS"] == 2_717 and of_category["FVRA-WL"] == 5_015


def by_id(root: Path) -> dict[str, VideoInfo]:
    listing = list_videos([root])
    assert all(video.file.is_file() for video in listing.videos) and not listing.unlisted
    return {video.id: video for video in listing.videos}


def test_lavdf(tmp_path: Path) -> None:
    write_lavdf(tmp_path)
    videos = by_id(tmp_path)
    assert Counter((video.split, video.category) for video in videos.values()) == {
        (split, kind): 1
        for split in ("train", "val", "test")
        for kind in ("RVRA", "FVRA", "RVFA", "FVFA")
    }
    fake = videos["dev/000001.mp4"]
    assert (fake.dataset, fake.split, fake.label_visual, fake.label_audio) == (
        "lav-df",
        "val",
        1,
        0,
    )
    assert fake.periods == (Period(0.2, 0.6, 1, 0),) and videos["dev/000000.mp4"].periods == ()
    assert {video.identity for name, video in videos.items() if name.startswith("dev")} == {
        "dev/000000"
    }


@pytest.mark.parametrize("plus", [False, True])
def test_avdeepfake1m(plus: bool, tmp_path: Path) -> None:
    write_avdeepfake1m(tmp_path, plus=plus)
    videos = by_id(tmp_path)
    assert Counter(video.split for video in videos.values()) == {"train": 4, "val": 4}
    assert Counter(video.category for video in videos.values()) == dict.fromkeys(
        ("RVRA", "FVRA", "RVFA", "FVFA"), 2
    )
    both = next(video for video in videos.values() if "both" in video.id)
    assert both.periods == (Period(0.1, 0.4, 1, 0), Period(0.3, 0.5, 0, 1), Period(0.8, 1.0, 1, 0))
    assert both.identity == f"id0500{int(plus)}" and (both.label_visual, both.label_audio) == (1, 1)


@pytest.mark.parametrize("test", [False, True])
def test_dfdc(test: bool, tmp_path: Path) -> None:
    write_dfdc(tmp_path, test=test)
    videos = by_id(tmp_path)
    fake = videos["dfdc_train_part_1/f13.mp4"]
    assert (fake.label, fake.label_visual, fake.label_audio, fake.identity) == (1, -1, -1, "r13")
    splits = Counter(video.split for video in videos.values())
    if test:
        assert videos["test/videos/bb.mp4"].label == 1 and splits["test"] == 2
        assert splits["train"] > splits["val"] > 0 and splits["train"] + splits["val"] == 40
        assert all(
            videos[name].split == videos[name.replace("/f", "/r")].split
            for name in videos
            if "/f" in name
        )
    else:
        assert splits == {"": 40}


def test_kodf(tmp_path: Path) -> None:
    write_kodf(tmp_path)
    videos = by_id(tmp_path)
    methods = {"real": 3, "dfl": 3, "dffs": 3, "fsgan": 3, "fo": 3, "audio-driven": 3}
    assert Counter(video.method for video in videos.values()) == methods
    fake = videos["synthesized_videos/fo/20210101/102/102_103_4_0001.mp4"]
    assert (fake.method, fake.identity, fake.label, fake.label_visual, fake.split) == (
        "fo",
        "102",
        1,
        -1,
        "",
    )
    splits, given = splits_of(list(videos.values()))
    assert given == {"kodf": False} and set(splits) == {"train", "val", "test"}
    assert fake.targets == "103"


def test_no_identity_is_in_two_splits_of_any_dataset(tmp_path: Path) -> None:
    for write in (write_lavdf, write_avdeepfake1m, write_dfdc, write_kodf):
        root = tmp_path / write.__name__
        write(root)
        assert not take_inventory(list_videos([root])).crossing, write.__name__


@pytest.mark.parametrize("name", ["fakeavceleb", "lav-df", "av-deepfake1m", "dfdc", "kodf"])
def test_a_folder_that_is_not_the_dataset_says_how_to_ask(name: str, tmp_path: Path) -> None:
    assert name in ADAPTERS
    with pytest.raises(SourceError, match=r"https://.*name the folder"):
        list_videos([tmp_path], name)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "metadata.json",
            '[{"file": "a", "modify_video": 1, "modify_audio": 0}]',
            "entry 0 .a.: no key 'split'",
        ),
        (
            "metadata.json",
            '[{"file": "a", "modify_video": 1, "modify_audio": 0, "split": "x", "fake_periods": []}]',
            "split 'x'",
        ),
        ("train_metadata.json", '[{"file": "a", "modify_type": "odd"}]', "modify_type 'odd'"),
        ("train_metadata.json", '[{"file": "a", "modify_type": "real"', "cannot be read as JSON"),
        (
            "dfdc_train_part_1/metadata.json",
            '{"a.mp4": {"label": "MAYBE"}}',
            "not the metadata of a part",
        ),
        ("labels.csv", "filename,label\na.mp4,2\n", "label of 0 or 1"),
    ],
)
def test_metadata_that_is_not_understood_is_one_sentence(
    file: str, text: str, message: str, tmp_path: Path
) -> None:
    touch(tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        list_videos([tmp_path])
    assert "\n" not in str(caught.value)


def test_dry_run_prints_the_inventory_and_makes_nothing(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "in")
    code, text = call("prep", tmp_path / "in", "--dry-run")
    assert code == 0 and "12 videos, 9 manipulated periods" in text
    assert "listed but missing: 0" in text and "there but not listed: 0" in text
    (tmp_path / "in/dev/000002.mp4").rename(tmp_path / "in/dev/other.mp4")
    code, text = call("prep", tmp_path / "in", "--dry-run", "--out", tmp_path / "out")
    assert code == 3 and "missing: 1" in text and "000002.mp4" in text and "not listed: 1" in text
    assert "fake frames, real audio" in text and not (tmp_path / "out").exists()
