"""AV-Deepfake1M and AV-Deepfake1M++: both layouts, and the spans of two streams."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.video import Period
from avdf.model.evaluation.exports import export
from avdf.model.evaluation.localisation import average_precision
from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.evaluation.true_intervals import true_intervals
from avdf.model.scoring.rows import ScoredVideos, unscored_row
from avdf.model.verdicts import Verdict
from avdf.pipeline.sources import Listing, list_videos
from tests.helpers.command import call
from tests.helpers.listings import by_id, complete, faults, labels_of
from tests.helpers.trees import touch, write_avdeepfake1m, write_json

SPANS = [[0.1, 0.4], [0.8, 1.0]]
# names of files of the release -> modify_type
KINDS = {
    "real": "real",
    "fake_video_fake_audio": "both_modified",
    "real_video_fake_audio": "audio_modified",
    "fake_video_real_audio": "visual_modified",
}


def entry(name: str, kind: str, **spans: Any) -> dict[str, Any]:
    return {
        "file": name,
        "original": None,
        "modify_type": kind,
        "video_frames": 40,
        **spans,
    }


def write_entries(
    root: Path,
    entries: list[dict[str, Any]],
    folder: str = "val",
) -> None:
    """The metadata of validation, with a file for each entry."""
    for one in entries:
        touch(root / folder / one["file"])
    write_json(root / "val_metadata.json", entries)


def periods_of(root: Path, kind: str, **spans: Any) -> tuple[Period, ...]:
    """The periods of a video with these spans in its metadata."""
    write_entries(root, [entry("a/x.mp4", kind, **spans)])
    return by_id(root)["val/a/x.mp4"].periods


@pytest.mark.parametrize("plus", [False, True])
def test_both_versions_have_each_category_in_each_split(
    plus: bool,
    tmp_path: Path,
) -> None:
    write_avdeepfake1m(tmp_path, plus=plus)
    videos = complete(tmp_path).values()
    assert Counter(video.split for video in videos) == {"train": 4, "val": 4}
    categories = dict.fromkeys(("RVRA", "FVRA", "RVFA", "FVFA"), 2)
    assert Counter(video.category for video in videos) == categories


@pytest.mark.parametrize("plus", [False, True])
def test_both_versions_name_the_person_by_the_folder(
    plus: bool,
    tmp_path: Path,
) -> None:
    write_avdeepfake1m(tmp_path, plus=plus)
    both = next(video for name, video in by_id(tmp_path).items() if "both" in name)
    assert both.identity == f"id0500{int(plus)}"
    assert labels_of(both) == (1, 1, 1)


@pytest.mark.parametrize("folder", ["val", "val/val"])
def test_plus_plus_has_persons_below_its_collections(
    folder: str,
    tmp_path: Path,
) -> None:
    persons = {
        "vox_celeb_2/id01358/a/00001/real.mp4": "id01358",
        "lrs3/0Akiy/00002/real.mp4": "0Akiy",
        "silent_videos/subject_7/real.mp4": "subject_7",
    }
    write_entries(tmp_path, [entry(name, "real") for name in persons], folder)
    videos = complete(tmp_path)
    found = {name: video.identity for name, video in videos.items()}
    assert found == {f"val/{name}": person for name, person in persons.items()}


def test_a_file_in_no_folder_is_a_person_of_its_own(tmp_path: Path) -> None:
    write_entries(tmp_path, [entry("alone.mp4", "real")])
    assert by_id(tmp_path)["val/alone.mp4"].identity == "alone"


def test_test_sets_without_labels_are_named_in_a_note(tmp_path: Path) -> None:
    write_entries(tmp_path, [entry("a/x.mp4", "real")])
    touch(tmp_path / "testA" / "vox_celeb_2" / "id1" / "x.mp4")
    touch(tmp_path / "testB" / "y.mp4")
    listing = list_videos([tmp_path])
    assert len(listing.unlisted) == 2
    (note,) = listing.notes
    assert "no labelled test split" in note
    assert "testA/, testB/ without labels is left out" in note


def test_a_test_set_with_labels_is_read_as_the_test_split(tmp_path: Path) -> None:
    touch(tmp_path / "testA" / "a" / "x.mp4")
    write_json(tmp_path / "testA_metadata.json", [entry("a/x.mp4", "real")])
    listing = list_videos([tmp_path])
    assert [video.split for video in listing.videos] == ["test"]
    assert not listing.notes


def test_the_command_protocol_points_to_the_validation_split(tmp_path: Path) -> None:
    write_avdeepfake1m(tmp_path)
    code, text = call("protocol", "dataset", tmp_path)
    assert code == 0
    assert "no labelled test split" in text
    assert "(val)" in text


def test_the_command_evaluate_points_to_the_validation_split(tmp_path: Path) -> None:
    write_avdeepfake1m(tmp_path)
    rows = [f"{name},0.5\n" for name in by_id(tmp_path)]
    scores = tmp_path / "s.csv"
    scores.write_text("id,score\n" + "".join(rows), encoding="utf-8")
    code, text = call("evaluate", scores, "--labels", tmp_path)
    assert code == 2
    assert "no labelled test split" in text.replace("\n", " ")
    assert call("evaluate", scores, "--labels", tmp_path, "--split", "val")[0] == 0


# Spans


def test_a_span_of_both_streams_is_one_period(tmp_path: Path) -> None:
    lists = {
        "visual_fake_segments": SPANS,
        "audio_fake_segments": SPANS,
        "fake_segments": SPANS,
    }
    found = periods_of(tmp_path, "both_modified", **lists)
    assert found == (Period(0.1, 0.4, 1, 1), Period(0.8, 1.0, 1, 1))


def test_spans_of_different_streams_are_periods_of_one_stream_each(
    tmp_path: Path,
) -> None:
    write_avdeepfake1m(tmp_path)
    both = next(video for name, video in by_id(tmp_path).items() if "both" in name)
    periods = (Period(0.1, 0.4, 1, 0), Period(0.3, 0.5, 0, 1), Period(0.8, 1.0, 1, 0))
    assert both.periods == periods


def test_spans_of_an_untouched_stream_are_ignored(tmp_path: Path) -> None:
    """The release carries the last span in the list of the untouched stream too."""
    lists = {"visual_fake_segments": SPANS, "audio_fake_segments": SPANS[1:]}
    found = periods_of(tmp_path, "visual_modified", **lists, fake_segments=SPANS)
    assert found == (Period(0.1, 0.4, 1, 0), Period(0.8, 1.0, 1, 0))


def test_a_real_video_has_no_periods_whatever_its_lists_hold(tmp_path: Path) -> None:
    lists = {"visual_fake_segments": None, "audio_fake_segments": SPANS}
    assert periods_of(tmp_path, "real", **lists, fake_segments=[]) == ()


def test_spans_of_the_whole_alone_take_the_labels_of_the_video(tmp_path: Path) -> None:
    found = periods_of(tmp_path, "audio_modified", fake_segments=SPANS)
    assert found == (Period(0.1, 0.4, 0, 1), Period(0.8, 1.0, 0, 1))


def test_a_span_that_neither_stream_lists_has_unknown_modalities(
    tmp_path: Path,
) -> None:
    lists = {"visual_fake_segments": [[0.1, 0.3]], "audio_fake_segments": [[0.2, 0.4]]}
    found = periods_of(tmp_path, "both_modified", **lists, fake_segments=[[0.1, 0.4]])
    assert Period(0.1, 0.4, -1, -1) in found
    assert intervals(found, "video") == [(0.1, 0.4)]
    assert intervals(found, "visual") == [(0.1, 0.3)]
    assert intervals(found, "audio") == [(0.2, 0.4)]


def intervals(
    periods: tuple[Period, ...],
    verdict: Verdict,
) -> list[tuple[float, float]]:
    """Start and end of what is fake by a verdict."""
    return [(one.start, one.end) for one in true_intervals(periods, verdict)]


def test_perfect_proposals_are_perfect_where_both_streams_list_a_span() -> None:
    """Older shards have a period for each stream: together they count once."""
    periods = (Period(0.1, 0.4, 1, 0), Period(0.1, 0.4, 0, 1), Period(0.8, 1.0, 1, 1))
    truth = true_intervals(periods, "video")
    found = {"v": [TimeInterval(0.1, 0.4, 0.9), TimeInterval(0.8, 1.0, 0.8)]}
    assert len(truth) == 2
    assert average_precision(found, {"v": truth}, 0.5) == 1.0


def test_an_unknown_modify_type_is_a_fault_of_its_entry_alone(tmp_path: Path) -> None:
    entries = [entry(f"a/{number}.mp4", "real") for number in range(3)]
    write_entries(tmp_path, [*entries, entry("a/odd.mp4", "odd")])
    ((name, fault),) = faults(tmp_path).items()
    assert name == "val/a/odd.mp4"
    assert "modify_type 'odd' is not one of real, visual_modified" in fault


# The names of the release's validation split


@pytest.fixture
def names(media: Path) -> list[str]:
    return (media / "lists" / "av1m_val_names.txt").read_text(encoding="utf-8").split()


@pytest.fixture
def release(names: list[str], tmp_path: Path) -> Listing:
    write_entries(tmp_path, [entry(name, KINDS[Path(name).stem]) for name in names])
    return list_videos([tmp_path])


def test_the_files_of_the_release_are_found(release: Listing, names: list[str]) -> None:
    assert len(release.videos) == 40
    assert not release.unlisted
    assert all(video.file.is_file() for video in release.videos)
    persons = {name.partition("/")[0] for name in names}
    assert {video.identity for video in release.videos} == persons


def test_exports_spell_the_files_as_the_metadata_do(
    release: Listing,
    names: list[str],
    tmp_path: Path,
) -> None:
    rows = tuple(unscored_row(video, "no_face", "none") for video in release.videos)
    scores = ScoredVideos(rows, (), "val", None, timelines={rows[0].info.id: ()})
    export("av-deepfake1m", tmp_path, scores)
    lines = (tmp_path / "prediction.txt").read_text(encoding="utf-8").split()
    assert [line.partition(";")[0] for line in lines] == names
    proposals = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))
    assert list(proposals) == names
    # The authors' program ends at an empty list: a proposal below all others says nothing.
    assert all(own == [[-1.0, 0.0, 0.001]] for own in proposals.values())
