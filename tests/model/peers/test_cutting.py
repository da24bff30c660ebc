"""The footage that a detector is given is what shards hold, cut as for a run of avdf."""

from pathlib import Path

import numpy as np
import pytest

from avdf.cache.stream.batches import read_in_batches
from avdf.cache.stream.index import VideoRef, index_folder
from avdf.cache.stream.windows import scoring_windows
from avdf.model.peers import cutting
from avdf.model.peers.cutting import pieces
from avdf.model.peers.footage import PeerTrack
from tests.helpers.peer_modules import write_peer_shards


@pytest.fixture
def videos(tmp_path: Path) -> tuple[VideoRef, ...]:
    return index_folder(write_peer_shards(tmp_path / "shards")).videos


@pytest.mark.parametrize("skip", [0, 3])
def test_windows_are_those_of_a_run(videos: tuple[VideoRef, ...], skip: int) -> None:
    skips = [skip] * len(videos)
    windows = scoring_windows(videos, skip=skips)
    (batch,) = read_in_batches(windows, 100, 1, 1)
    found = list(pieces(videos, "window", skips))
    assert [piece.video for piece in found] == [window.video for window in windows]
    for index, (piece, window) in enumerate(zip(found, windows, strict=True)):
        np.testing.assert_array_equal(piece.footage.frames, batch.frames[index])
        np.testing.assert_array_equal(piece.footage.pcm, batch.pcm[index])
        start = videos[window.video].file_time(window.row)
        assert piece.start == pytest.approx(start, abs=1e-9)


def test_a_whole_video_has_all_of_its_tracks(videos: tuple[VideoRef, ...]) -> None:
    found = {videos[p.video].info.id: p.footage for p in pieces(videos, "video")}
    assert list(found) == [video.info.id for video in videos]
    first, second = found["long"].tracks
    assert (len(first.frames), len(second.frames)) == (16, 40)
    assert (first.start, second.start) == (0.0, 2.0)
    assert found["long"].frames.shape == (56, 224, 224, 3)
    assert len(found["long"].pcm) == 56 * 640
    assert not found["silent"].has_sound and found["a"].has_sound


def test_rows_have_their_own_content(videos: tuple[VideoRef, ...]) -> None:
    (piece,) = [p for p in pieces(videos, "video") if p.video == 3]
    for track in piece.footage.tracks:
        # Row r of each track was written with the grey level 5 r, and a sound of 1000.
        levels = track.frames.mean(axis=(1, 2, 3))
        np.testing.assert_allclose(levels, 5 * np.arange(len(levels)), atol=1)
        assert (track.pcm == 1000).all()


def test_a_long_track_is_joined_from_its_parts(
    videos: tuple[VideoRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {p.video: p.footage.frames for p in pieces(videos, "video")}
    monkeypatch.setattr("avdf.cache.stream.clips.MOST_ROWS", 16)
    for piece in pieces(videos, "video"):
        np.testing.assert_array_equal(piece.footage.frames, whole[piece.video])


def test_too_long_a_video_is_left_out_and_the_others_keep_their_numbers(
    videos: tuple[VideoRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "MOST_ROWS", 40)
    assert [cutting.is_too_long(video) for video in videos].index(True) == 3
    numbers = [piece.video for piece in pieces(videos, "video")]
    assert numbers == [0, 1, 2, *range(4, len(videos))]


def test_a_track_of_other_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="with sound"):
        PeerTrack(0.0, np.zeros((16, 8, 8, 3), np.uint8), np.zeros(10, np.int16))
