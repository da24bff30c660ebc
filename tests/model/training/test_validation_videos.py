"""Validation of genuine videos alone: each has a forged twin."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.video import PreparedVideo
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.windows import NOT_STORED, scoring_windows
from avdf.model.protocols import assign
from avdf.model.training.changed_window import ChangedWindow
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.validation_videos import validation_videos
from avdf.model.verdicts import labels_of
from tests.helpers.plain_forgers import FORGERS
from tests.helpers.prepared import grey_track, grey_video, write_shard

LABELS = {
    "bright": (1, 0, 1),
    "loud": (0, 1, 1),
    "bright+loud": (1, 1, 1),
    "other": (0, 0, 1),
}


@pytest.fixture(autouse=True)
def _plain_forgers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", FORGERS)


def genuine(number: int, label: int = 0, has_audio: bool = True) -> PreparedVideo:
    """A video of three segments; the number tells its length."""
    rows = 48 + number
    pcm = np.full(rows * 640, 1000 if has_audio else 0, np.int16)
    track = grey_track(rows, pcm=pcm, has_audio=has_audio)
    return grey_video(
        f"v{number}",
        [track],
        label=label,
        label_visual=label,
        label_audio=0,
        identity=f"person {number // 2}",
    )


def set_of(folder: Path, *videos: PreparedVideo) -> TrainingSet:
    write_shard(folder, *videos)
    val = list_shard_videos(folder)
    assignment = assign("dataset", [video.info for video in val])
    return TrainingSet((), val, assignment, FORGERS, True)


def test_each_genuine_video_has_a_forged_twin(tmp_path: Path) -> None:
    data = set_of(tmp_path, *(genuine(number) for number in range(8)))
    found = validation_videos(data, segments=0, seed=0)
    assert found.videos[:8] == data.val
    twins = found.videos[8:]
    assert found.forged == len(twins) == 8
    for video, twin in zip(data.val, twins, strict=True):
        name, _, recipe = twin.info.id.partition("#")
        assert name == video.info.id and twin.info.method == recipe
        labels = labels_of(twin.info)
        assert (labels.visual, labels.audio, labels.video) == LABELS[recipe]
    # Four kinds in turn.
    recipes = [twin.info.method for twin in twins]
    assert recipes == ["bright", "loud", "bright+loud", "other"] * 2


def test_a_twin_has_the_windows_of_its_video_and_one_forgery(tmp_path: Path) -> None:
    data = set_of(tmp_path, *(genuine(number) for number in range(4)))
    found = validation_videos(data, segments=0, seed=0)
    rows: dict[int, list[int]] = {}
    plans: dict[int, set[object]] = {}
    for window in found.windows:
        rows.setdefault(window.video, []).append(window.row)
        plan = window.plan if isinstance(window, ChangedWindow) else None
        plans.setdefault(window.video, set()).add(plan)
    for video in range(4):
        assert rows[video] == rows[video + 4] and len(rows[video]) == 3
        assert plans[video] == {None}
        assert len(plans[video + 4]) == 1 and None not in plans[video + 4]
    assert len({plan for video in range(4, 8) for plan in plans[video]}) == 4


def test_genuine_and_forged_windows_are_read_in_the_same_way(tmp_path: Path) -> None:
    """Stored log-mel on one side, computed log-mel on the other, would tell them apart."""
    data = set_of(tmp_path, genuine(0), genuine(2))
    found = validation_videos(data, segments=0, seed=0)
    assert {window.segment for window in found.windows} == {NOT_STORED}


def test_other_sound_runs_on_from_window_to_window(tmp_path: Path) -> None:
    data = set_of(tmp_path, *(genuine(number) for number in range(4)))
    found = validation_videos(data, segments=0, seed=0)
    others = [
        window.other
        for window in found.windows
        if isinstance(window, ChangedWindow) and window.other
    ]
    assert len(others) == 3
    (number,) = {
        number
        for number, video in enumerate(data.val)
        if video.tracks[0].row <= others[0].row < video.tracks[0].end
    }
    # Video 3 is forged; persons are 0, 0, 1, 1.
    assert number in (0, 1)
    track = data.val[number].tracks[0]
    starts = track.rows - 16 + 1
    expected = [track.row + first % starts for first in (0, 16, 32)]
    assert [other.row for other in others] == expected


def test_twins_are_the_same_in_each_validation(tmp_path: Path) -> None:
    data = set_of(tmp_path, *(genuine(number) for number in range(4)))
    assert validation_videos(data, 2, 5) == validation_videos(data, 2, 5)
    other_seed = validation_videos(data, 2, 6)
    assert validation_videos(data, 2, 5).windows != other_seed.windows


def test_a_silent_video_has_a_twin_with_another_picture(tmp_path: Path) -> None:
    silent = [genuine(number, has_audio=False) for number in range(3)]
    found = validation_videos(set_of(tmp_path, *silent), 0, 0)
    assert [video.info.method for video in found.videos[3:]] == ["bright"] * 3


def test_labelled_fakes_make_forgeries_needless(tmp_path: Path) -> None:
    data = set_of(tmp_path, genuine(0), genuine(1, label=1))
    found = validation_videos(data, segments=2, seed=0)
    assert found.videos == data.val
    assert found.windows == tuple(scoring_windows(data.val, 2))
    assert not found.forged and not found.notes


def test_without_forging_nothing_changes(tmp_path: Path) -> None:
    data = replace(set_of(tmp_path, genuine(0)), forgers=())
    found = validation_videos(data, segments=0, seed=0)
    assert found.windows == tuple(scoring_windows(data.val, 0))


def test_the_note_says_that_figures_rest_on_forgeries(tmp_path: Path) -> None:
    found = validation_videos(set_of(tmp_path, genuine(0), genuine(2)), 0, 0)
    (note,) = found.notes
    assert note.startswith("validation has no fake video: ")
    assert "2 forgeries" in note


def test_videos_of_unknown_label_have_no_twin(tmp_path: Path) -> None:
    unknown = replace(genuine(2), info=replace(genuine(2).info, label=-1))
    found = validation_videos(set_of(tmp_path, genuine(0), unknown), 0, 0)
    assert [video.info.id.partition("#")[0] for video in found.videos] == [
        "v0",
        "v2",
        "v0",
    ]
