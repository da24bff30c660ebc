"""Datasets as they really lie: a level too high, in parts, behind links, with entries that nobody understands."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from avdf.cache.core.video import Period, VideoInfo
from avdf.model.evaluation.exports import export
from avdf.model.evaluation.localisation import average_precision
from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.evaluation.true_intervals import true_intervals
from avdf.model.scoring.rows import ScoredVideos, unscored_row
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.job.worker import run_task
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.inventory import take_inventory
from tests.helpers.command import call
from tests.helpers.fakeavceleb_trees import write_small_fakeavceleb
from tests.helpers.trees import touch, write_avdeepfake1m, write_dfdc, write_kodf, write_lavdf


def listed(root: Path) -> dict[str, VideoInfo]:
    return {video.id: video for video in list_videos([root]).videos}


# AV-Deepfake1M


def entry(name: str, kind: str, **spans: Any) -> dict[str, Any]:
    return {
        "file": name,
        "original": None,
        "modify_type": kind,
        "video_frames": 40,
        "audio_frames": 25600,
        **spans,
    }


def write_entries(root: Path, split: str, entries: list[Any], folder: str = "") -> None:
    for one in entries:
        if isinstance(one, dict) and "file" in one:
            touch(root / (folder or split) / one["file"])
    (root / f"{split}_metadata.json").write_text(json.dumps(entries), encoding="utf-8")


def test_the_release_of_avdeepfake1m_is_found_and_exported_as_its_metadata_spells_it(
    media: Path, tmp_path: Path
) -> None:
    names = (media / "lists" / "av1m_val_names.txt").read_text(encoding="utf-8").split()
    kinds = {
        "real": "real",
        "fake_video_fake_audio": "both_modified",
        "real_video_fake_audio": "audio_modified",
    }
    kinds["fake_video_real_audio"] = "visual_modified"
    write_entries(tmp_path, "val", [entry(name, kinds[Path(name).stem]) for name in names])
    listing = list_videos([tmp_path])
    assert len(listing.videos) == 40 and not listing.unlisted
    assert all(video.file.is_file() and video.split == "val" for video in listing.videos)
    assert {video.identity for video in listing.videos} == {
        name.partition("/")[0] for name in names
    }
    rows = tuple(unscored_row(video, "no_face", "none") for video in listing.videos)
    export(
        "av-deepfake1m",
        tmp_path,
        ScoredVideos(rows, (), "val", None, timelines={rows[0].info.id: ()}),
    )
    lines = (tmp_path / "prediction.txt").read_text(encoding="utf-8").split()
    assert [line.partition(";")[0] for line in lines] == names
    proposed = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))
    assert list(proposed) == names
    # the authors' program ends at an empty list: nothing is said by a proposal that is below all others
    assert all(own == [[-1.0, 0.0, 0.001]] for own in proposed.values())


@pytest.mark.parametrize("folder", ["val", "val/val"])
def test_plus_plus_has_people_below_its_collections(folder: str, tmp_path: Path) -> None:
    names = {
        "vox_celeb_2/id01358/a/00001/real.mp4": "id01358",
        "lrs3/0Akiy/00002/real.mp4": "0Akiy",
        "silent_videos/subject_7/real.mp4": "subject_7",
    }
    write_entries(tmp_path, "val", [entry(name, "real") for name in names], folder)
    touch(tmp_path / "testA" / "vox_celeb_2" / "id1" / "x.mp4")
    touch(tmp_path / "testB" / "y.mp4")
    listing = list_videos([tmp_path])
    assert {video.id: video.identity for video in listing.videos} == {
        f"val/{name}": who for name, who in names.items()
    }
    assert all(video.file.is_file() for video in listing.videos) and len(listing.unlisted) == 2
    (note,) = listing.notes
    assert "no labelled test split" in note and "--split val" in note and "testA/, testB/" in note


def test_a_test_split_that_nobody_has_labels_of_points_to_val(tmp_path: Path) -> None:
    write_avdeepfake1m(tmp_path)
    code, text = call("protocol", "dataset", tmp_path)
    assert code == 0 and "no labelled test split" in text and "--split val" in text
    names = [video.id for video in list_videos([tmp_path]).videos]
    (tmp_path / "s.csv").write_text(
        "id,score\n" + "".join(f"{name},0.5\n" for name in names), encoding="utf-8"
    )
    code, text = call("evaluate", tmp_path / "s.csv", "--labels", tmp_path)
    assert code == 2 and "no labelled test split" in text.replace("\n", " ")
    assert call("evaluate", tmp_path / "s.csv", "--labels", tmp_path, "--split", "val")[0] == 0


def test_manipulated_spans_count_once_and_only_in_the_stream_that_was_modified(
    tmp_path: Path,
) -> None:
    both = [[0.1, 0.4], [0.8, 1.0]]
    entries = [
        entry("a/b.mp4", "both_modified", visual_fake_segments=both, audio_fake_segments=both, fake_segments=both),
        # the release carries the last span in the list of the untouched stream too
        entry(
            "a/v.mp4", "visual_modified",
            visual_fake_segments=both, audio_fake_segments=both[1:], fake_segments=both,
        ),
        entry("a/r.mp4", "real", visual_fake_segments=None, audio_fake_segments=both[1:], fake_segments=[]),
        entry("a/n.mp4", "audio_modified", visual_fake_segments=None, audio_fake_segments=None, fake_segments=both),
        entry(
            "a/w.mp4", "both_modified",
            visual_fake_segments=[[0.1, 0.3]], audio_fake_segments=[[0.2, 0.4]], fake_segments=[[0.1, 0.4]],
        ),
    ]  # fmt: skip
    write_entries(tmp_path, "val", entries)
    videos = {name.rpartition("/")[2]: video for name, video in listed(tmp_path).items()}
    assert videos["b.mp4"].periods == (Period(0.1, 0.4, 1, 1), Period(0.8, 1.0, 1, 1))
    assert videos["v.mp4"].periods == (Period(0.1, 0.4, 1, 0), Period(0.8, 1.0, 1, 0))
    assert videos["r.mp4"].periods == () and videos["n.mp4"].periods[0] == Period(0.1, 0.4, 0, 1)
    truth = {
        verdict: true_intervals(videos["w.mp4"].periods, verdict)
        for verdict in ("video", "visual", "audio")
    }
    assert {verdict: [(one.start, one.end) for one in found] for verdict, found in truth.items()} == {
        "video": [(0.1, 0.4)], "visual": [(0.1, 0.3)], "audio": [(0.2, 0.4)],
    }  # fmt: skip


def test_perfect_proposals_are_perfect_where_both_streams_list_a_span() -> None:
    """Periods of shards that were made before, one for each stream, count once as well."""
    periods = (Period(0.1, 0.4, 1, 0), Period(0.1, 0.4, 0, 1), Period(0.8, 1.0, 1, 1))
    truth = true_intervals(periods, "video")
    found = {"v": [TimeInterval(0.1, 0.4, 0.9), TimeInterval(0.8, 1.0, 0.8)]}
    assert len(truth) == 2 and average_precision(found, {"v": truth}, 0.5) == 1.0


# Roots that are not quite the root


@pytest.mark.parametrize("levels", ["FakeAVCeleb_v1.2", "data/FakeAVCeleb_v1.2"])
def test_a_root_that_is_too_high_is_found_and_told(levels: str, tmp_path: Path) -> None:
    (tmp_path / levels).mkdir(parents=True)
    write_small_fakeavceleb(tmp_path / levels)
    listing = list_videos([tmp_path])
    assert listing.videos == list_videos([tmp_path / levels]).videos and len(listing.videos) == 80
    assert listing.notes[0] == f"{tmp_path / levels}: recognised as fakeavceleb"
    code, text = call("prep", tmp_path, "--dry-run")
    assert code == 0 and "recognised as fakeavceleb" in text


def test_a_shelf_of_datasets_gives_all_of_them_and_what_lies_beside(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "LAV-DF")
    write_kodf(tmp_path / "KoDF")
    touch(tmp_path / "mine" / "a.mp4")
    listing = list_videos([tmp_path])
    counts = Counter(video.dataset for video in listing.videos)
    assert counts == {"lav-df": 12, "kodf": 18, tmp_path.name: 1}
    assert any("1 files beside these are listed without labels" in note for note in listing.notes)


def test_kodf_with_its_methods_at_the_root_and_in_parts(media: Path, tmp_path: Path) -> None:
    names = (media / "lists" / "kodf_names.txt").read_text(encoding="utf-8").split()
    for name in names:
        touch(tmp_path / "all" / name)
        touch(tmp_path / name.partition("/")[0] / name)
    listing = list_videos([tmp_path / "all"])
    assert sorted(video.id for video in listing.videos) == sorted(names) and not listing.unlisted
    methods = Counter(video.method for video in listing.videos)
    assert methods == {"real": 7, "dfl": 6, "dffs": 6, "fo": 6, "audio-driven": 6}
    swap = listed(tmp_path / "all")["dffs/20200925/172213/172213_167818_2_0850.mp4"]
    assert (swap.label, swap.identity, swap.targets) == (1, "172213", "167818")
    part = list_videos([tmp_path / "fo"])
    assert {video.label for video in part.videos} == {1} and "no original videos" in part.notes[0]


def test_parts_of_dfdc_wherever_they_lie(media: Path, tmp_path: Path) -> None:
    text = (media / "lists" / "dfdc_metadata_12.json").read_text(encoding="utf-8")
    kaggle, whole = tmp_path / "kaggle", tmp_path / "whole"
    for folder in (kaggle / "train_sample_videos", whole / "train" / "dfdc_train_part_12"):
        for name in json.loads(text):
            touch(folder / name)
        (folder / "metadata.json").write_text(text, encoding="utf-8")
    touch(kaggle / "test_videos" / "aa.mp4")
    for root in (kaggle, kaggle / "train_sample_videos", tmp_path / "kaggle"):
        videos = list_videos([root]).videos
        assert Counter(video.label for video in videos) == {1: 11, 0: 1} and {
            video.split for video in videos
        } == {""}
        assert all(video.file.is_file() for video in videos)
    assert len(list_videos([kaggle]).unlisted) == 1
    for split, count in (("validation", 4), ("test", 5)):
        names = [f"{split[0]}{number}.mp4" for number in range(count)]
        for name in names:
            touch(whole / split / name)
        rows = "".join(f"{name},{number % 2}\n" for number, name in enumerate(names))
        (whole / split / "labels.csv").write_text("filename,label\n" + rows, encoding="utf-8")
    listing = list_videos([whole])
    assert Counter(video.split for video in listing.videos) == {"train": 12, "val": 4, "test": 5}
    assert not listing.unlisted and all(
        video.label in (0, 1) and video.file.is_file() for video in listing.videos
    )


def test_real_and_fake_in_capitals_and_in_folders_of_splits(tmp_path: Path) -> None:
    for name in ("one/Real/a.mp4", "one/FAKE/b.mp4", "two/Train/real/a.mp4", "two/Train/fake/b.mp4",
                 "two/validation/Real/a.mp4", "two/validation/Fake/b.mp4"):  # fmt: skip
        touch(tmp_path / name)
    assert {name: video.label for name, video in listed(tmp_path / "one").items()} == {
        "Real/a.mp4": 0,
        "FAKE/b.mp4": 1,
    }
    assert {name: (video.label, video.split) for name, video in listed(tmp_path / "two").items()} == {
        "Train/real/a.mp4": (0, "train"), "Train/fake/b.mp4": (1, "train"),
        "validation/Real/a.mp4": (0, "val"), "validation/Fake/b.mp4": (1, "val"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "Celeb-synthesis/b.mp4",
        "FakeVideo-FakeAudio/African/b.mp4",
        "labels.csv",
        "x/metadata.json",
        "fake/b.mp4",
    ],
)
def test_a_plain_folder_says_what_may_have_been_labels(name: str, tmp_path: Path) -> None:
    touch(tmp_path / "clips" / "a.mp4")
    assert list_videos([tmp_path]).notes == ()
    touch(tmp_path / name)
    code, text = call("prep", tmp_path, "--dry-run")
    assert (
        code == 0
        and "taken as a plain folder: no label is known" in text
        and name.partition("/")[0] in text
    )


# Links and entries


def test_linked_folders_are_walked_once_and_cycles_end(tmp_path: Path) -> None:
    for name in ("disk/b/2.mp4", "root/a/1.mp4"):
        touch(tmp_path / name)
    root = tmp_path / "root"
    (root / "linked").symlink_to(tmp_path / "disk", target_is_directory=True)
    (root / "again").symlink_to(root / "a", target_is_directory=True)
    (tmp_path / "disk" / "up").symlink_to(root, target_is_directory=True)
    (root / "itself").symlink_to(root / "itself")
    (root / "itself.mp4").symlink_to(root / "itself.mp4")
    (root / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    videos = listed(root)
    assert set(videos) == {"a/1.mp4", "linked/b/2.mp4", "itself.mp4", "gone.mp4"}
    assert {name for name, video in videos.items() if video.file.is_file()} == {
        "a/1.mp4",
        "linked/b/2.mp4",
    }


def test_a_dataset_whose_splits_are_links_is_whole(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "disk")
    root = tmp_path / "root"
    root.mkdir()
    for name in ("train", "dev", "test", "metadata.json"):
        (root / name).symlink_to(tmp_path / "disk" / name)
    listing = list_videos([root])
    assert (
        len(listing.videos) == 12 and not listing.unlisted and not take_inventory(listing).missing
    )


def test_a_bad_entry_is_a_row_and_ends_nothing(tmp_path: Path) -> None:
    """Of each dataset: the others are listed, and the entry is a row of videos.csv with what is wrong."""
    write_lavdf(tmp_path / "l")
    table = tmp_path / "l" / "metadata.json"
    entries = json.loads(table.read_text(encoding="utf-8"))
    entries[1]["fake_periods"] = [[0.6, 0.2]]
    entries[0]["fake_periods"] = None
    entries[5]["file"] = "../secret.mp4"
    table.write_text(json.dumps([*entries, None]), encoding="utf-8")
    why = {video.id: video.fault for video in list_videos([tmp_path / "l"]).videos if video.fault}
    assert set(why) == {"train/000001.mp4", "metadata.json, entry 5", "metadata.json, entry 12"}
    assert "[0.6, 0.2] does not run forward" in why["train/000001.mp4"]
    assert "leads out of" in why["metadata.json, entry 5"]

    write_avdeepfake1m(tmp_path / "a")
    table = tmp_path / "a" / "val_metadata.json"
    entries = json.loads(table.read_text(encoding="utf-8"))
    entries[2]["modify_type"] = "odd"
    table.write_text(json.dumps(entries), encoding="utf-8")
    assert [video.id for video in listed(tmp_path / "a").values() if video.fault] == [
        f"val/{entries[2]['file']}"
    ]

    write_dfdc(tmp_path / "d")
    table = tmp_path / "d" / "dfdc_train_part_1" / "metadata.json"
    table.write_text(
        table.read_text(encoding="utf-8").replace('"REAL"', '"MAYBE"', 1), encoding="utf-8"
    )
    (tmp_path / "d" / "test" / "labels.csv").write_text(
        "filename,label\naa.mp4,0\nbb.mp4,1\ncc.mp4,2\n", "utf-8"
    )
    faults = {video.id for video in list_videos([tmp_path / "d"]).videos if video.fault}
    assert faults == {"dfdc_train_part_1/r10.mp4", "test/cc.mp4"}

    write_kodf(tmp_path / "k")
    touch(tmp_path / "k/synthesized_videos/fo/20210101/102/holiday.mp4")
    touch(tmp_path / "k/original_videos/intro.mp4")
    faults = {video.id for video in list_videos([tmp_path / "k"]).videos if video.fault}
    assert faults == {"synthesized_videos/fo/20210101/102/holiday.mp4", "original_videos/intro.mp4"}

    (tmp_path / "f").mkdir()
    write_small_fakeavceleb(tmp_path / "f")
    with (tmp_path / "f" / "meta_data.csv").open("a", encoding="utf-8") as file:
        file.write(
            "id1,-,-,real,A,RealVideo-RealAudio,Martian,men,x.mp4,FakeAVCeleb/A/Martian/men/id1\n"
        )
    videos = list_videos([tmp_path / "f"]).videos
    assert len(videos) == 81 and [video.fault[-35:] for video in videos if video.fault] == [
        "'Martian' is not one of FakeAVCeleb's"[-35:]
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("lav-df", "[]", "lists no videos"),
        ("lav-df", "[null, 3]", "2 of 2 entries are not understood"),
        ("dfdc", "{}", "list no videos"),
    ],
)
def test_metadata_without_a_video_is_refused(
    name: str, text: str, words: str, tmp_path: Path
) -> None:
    touch(tmp_path / "dfdc_train_part_0" / "a.mp4")
    for place in (tmp_path, tmp_path / "dfdc_train_part_0"):
        (place / "metadata.json").write_text(text, encoding="utf-8")
    code, printed = call("prep", tmp_path, "--dry-run", "--dataset", name)
    assert code == 2 and words in printed and "NoneType" not in printed


def test_bad_entries_are_counted_and_stand_in_videos_csv(tmp_path: Path) -> None:
    for name in ("101/101_001.mp4", "102/102_001.mp4", "stray.mp4"):
        touch(tmp_path / "original_videos" / name)
    code, text = call("prep", tmp_path, "--dry-run")
    assert (
        code == 3
        and "not understood: 1 (original_videos/stray.mp4: an original video lies in" in text
    )
    bad = tuple(video for video in list_videos([tmp_path]).videos if video.fault)
    task = PrepTask(0, bad, tmp_path / "shard-00000.h5", PrepSettings())
    (row,) = run_task(task, cast(FaceDetector, None), lambda _: None)  # no face is looked for
    assert (row.id, row.status) == (
        "original_videos/stray.mp4",
        "bad_entry",
    ) and "folder of its actor" in row.reason
