"""Distances and `sync` by type of video: from scores, and from the file that keeps them."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.errors import RunError
from avdf.cache.core.video import VideoInfo
from avdf.model.reproduce.comparison import (
    Comparison,
    compare_by_type,
    holds_comparison,
    read_comparison,
    write_comparison,
)
from avdf.model.scoring.probabilities import NOT_SCORED
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore, unscored_row
from avdf.model.synchrony.synchrony import NOT_COMPARED, Synchrony

# id, label_visual, label_audio and the `sync` of each segment; None: not compared
VIDEOS = (
    ("a", 0, 0, (-0.5, -0.4)),
    ("b", 1, 0, (-0.3,)),
    ("c", 0, 1, (0.1, None)),
    ("d", 0, 0, (-0.2,)),
    ("unlabelled", -1, 0, (9.0,)),
    ("silent", 1, 1, (None,)),
)


def scores() -> ScoredVideos:
    """The videos above; the distances of segment n are n, n + 0.01, n + 0.02, ..."""
    videos: list[VideoScore] = []
    segments: list[SegmentRow] = []
    distances: list[npt.NDArray[np.float64]] = []
    for name, visual, audio, syncs in VIDEOS:
        info = VideoInfo(
            id=name,
            path=name,
            label=max(visual, audio),
            label_visual=visual,
            label_audio=audio,
        )
        videos.append(VideoScore(info))
        for number, value in enumerate(syncs):
            sync = NOT_COMPARED if value is None else Synchrony(sync=value)
            row = SegmentRow(name, number, number + 1, NOT_SCORED, 0.0, sync)
            segments.append(row)
            frames = len(distances) + np.arange(16) / 100
            distances.append(np.full(16, np.nan) if value is None else frames)
    videos.append(unscored_row(VideoInfo(id="no face", path=""), "no_face", ""))
    return ScoredVideos(tuple(videos), tuple(segments), distances=np.array(distances))


def test_sync_is_grouped_by_the_type_of_its_video() -> None:
    found = compare_by_type(scores()).sync
    assert {kind: values.tolist() for kind, values in found.items()} == {
        "RVRA": [-0.5, -0.4, -0.2],
        "FVRA": [-0.3],
        "RVFA": [0.1],
        "FVFA": [],
    }


def test_distances_are_those_of_the_same_segments() -> None:
    found = compare_by_type(scores()).distance
    segments_of = {"RVRA": (0, 1, 5), "FVRA": (2,), "RVFA": (3,), "FVFA": ()}
    for kind, segments in segments_of.items():
        wanted = [segment + frame / 100 for segment in segments for frame in range(16)]
        assert found[kind].tolist() == pytest.approx(wanted), kind


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "distances.npz"
    written = compare_by_type(scores())
    write_comparison(path, written)
    assert holds_comparison(path)
    read = read_comparison(path)
    for name, by_type in written.parts.items():
        assert set(read.parts[name]) == set(by_type)
        for kind, values in by_type.items():
            np.testing.assert_array_equal(read.parts[name][kind], values)


def test_a_comparison_of_nothing_is_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "distances.npz"
    write_comparison(path, Comparison({}, {}))
    assert holds_comparison(path)
    assert read_comparison(path) == Comparison({}, {})


def test_an_older_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "distances.npz"
    np.savez(path, RVRA=np.array([0.1]), RVFA=np.array([0.9]))
    assert not holds_comparison(path)
    with pytest.raises(
        RunError,
        match=r"older files have no `sync`.*run `avdf reproduce figure3` again",
    ):
        read_comparison(path)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut short", b"words"])
def test_a_file_that_is_missing_or_damaged_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "distances.npz"
    if content is not None:
        path.write_bytes(content)
    assert not holds_comparison(path)
    with pytest.raises(RunError, match=r"distances\.npz"):
        read_comparison(path)


def test_values_are_finite() -> None:
    with pytest.raises(ValueError, match="sync of RVRA has values that are not finite"):
        Comparison({}, {"RVRA": np.array([0.0, math.nan])})
