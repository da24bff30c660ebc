"""Sound alone in a shard: read with plain h5py, checked when opened, verified and shown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import ShardError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.video import NO_CROP, PreparedVideo, Track, VideoInfo
from avdf.cache.shards.contact_sheet import contact_sheet
from avdf.cache.shards.reader import Shard
from avdf.cache.shards.summary import summarise
from avdf.cache.shards.verify import verify_shard
from avdf.cache.stream.batches import read_in_batches
from avdf.cache.stream.clips import shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.windows import scoring_windows
from tests.helpers.prepared import grey_track, grey_video, write_shard

ROWS = 40
PCM = (
    np.random.default_rng(1)
    .integers(-9000, 9000, ROWS * SAMPLES_PER_FRAME)
    .astype(np.int16)
)


def sound(name: str = "sound") -> PreparedVideo:
    return grey_video(name, [Track.of_sound(PCM, segment_log_mel(PCM))])


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    silent = grey_track(32, has_audio=False)
    return write_shard(
        tmp_path / "shards",
        grey_video("before"),
        sound(),
        grey_video("silent", [silent]),
    )


def test_plain_h5py_sees_which_tracks_have_a_picture(shard: Path) -> None:
    with h5py.File(shard) as file:
        assert file.attrs["format_version"] == 2
        assert file["tracks/picture"][:].tolist() == [1, 0, 1]
        assert file["tracks/sound"][:].tolist() == [1, 1, 0]
        first, rows = int(file["tracks/frame"][1]), int(file["tracks/frames"][1])
        offset = file["frames/offset"][first : first + rows + 1]
        assert rows == ROWS and len(set(offset.tolist())) == 1
        assert np.isnan(file["frames/box"][first : first + rows]).all()
        assert np.isnan(file["frames/probability"][first : first + rows]).all()
        samples = slice(first * SAMPLES_PER_FRAME, (first + rows) * SAMPLES_PER_FRAME)
        np.testing.assert_array_equal(file["audio/pcm"][samples], PCM)


def test_it_is_read_as_black_frames_with_its_sound(shard: Path) -> None:
    video = list_shard_videos(shard.parent)[1]
    assert (video.has_picture, video.has_audio) == (False, True)
    (batch,) = read_in_batches(scoring_windows([video]), 8, threads=1, ahead=1)
    assert not batch.frames.any()
    assert batch.pcm.shape[0] == 2
    (clip,) = shard_clips([video], threads=1)
    assert not clip.has_picture and not clip.frames.any()
    np.testing.assert_array_equal(clip.pcm, PCM)


def test_it_is_right_for_verify_and_counted(shard: Path) -> None:
    assert list(verify_shard(shard)) == []
    found = summarise(shard.parent)
    assert (found.tracks, found.sound_alone, found.silent) == (3, 1, 1)
    assert (found.frames, found.crops) == (32 + ROWS + 32, 64)


def test_the_contact_sheet_shows_its_spectrogram(shard: Path) -> None:
    sheet = contact_sheet(shard.parent)
    height = len(sheet) // 3
    assert sheet[height + 20 : 2 * height].std() > 5


def changed(shard: Path, change: Callable[[h5py.File], None]) -> str:
    """What is said of the shard after a change."""
    with h5py.File(shard, "r+") as file:
        change(file)
    with pytest.raises(ShardError) as caught:
        Shard(shard).close()
    return str(caught.value)


def test_a_mark_without_its_crops_is_refused(shard: Path) -> None:
    def claim(file: h5py.File) -> None:
        file["tracks/picture"][1] = 1

    assert "row 32 has no crop" in changed(shard, claim)


def test_crops_without_their_mark_are_refused(shard: Path) -> None:
    def deny(file: h5py.File) -> None:
        file["tracks/picture"][0] = 0

    assert "row 0 has a crop" in changed(shard, deny)


def test_a_mark_is_0_or_1(shard: Path) -> None:
    def mark(file: h5py.File) -> None:
        file["tracks/sound"][0] = 7

    assert "tracks/sound holds a value that is neither 0 nor 1" in changed(shard, mark)


def test_an_empty_crop_in_a_shard_of_version_1_is_refused(shard: Path) -> None:
    def older(file: h5py.File) -> None:
        file.attrs["format_version"] = 1
        for name in ("tracks/picture", "tracks/sound"):
            del file[name]

    assert "has no crop" in changed(shard, older)


def test_a_box_where_there_is_no_picture_is_a_problem(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        file["frames/box"][40] = 1.0
    (problem,) = verify_shard(shard)
    assert problem.what == "frames/box holds values in rows without a picture"


def test_a_video_has_a_picture_in_all_of_its_tracks_or_in_none() -> None:
    tracks = [grey_track(32), replace(sound().tracks[0], start=2.0)]
    with pytest.raises(ValueError, match="others are sound alone"):
        grey_video("mixed", tracks)


def test_sound_alone_has_no_crops() -> None:
    track = sound().tracks[0]
    with pytest.raises(ValueError, match="sound alone, but with crops"):
        replace(track, crops=[b"x", *[NO_CROP] * (ROWS - 1)])


@pytest.mark.parametrize(
    ("label", "visual", "audio", "heard", "seen"),
    [
        (1, -1, -1, 1, 1),  # the label is that of whatever is there
        (0, 0, 0, 0, 0),
        (1, 0, 1, 1, 0),
        (
            1,
            1,
            -1,
            -1,
            1,
        ),  # the fake picture explains the label: of the sound nothing follows
        (1, -1, 1, 1, -1),
        (-1, -1, -1, -1, -1),
    ],
)
def test_labels_of_what_is_left(
    label: int, visual: int, audio: int, heard: int, seen: int
) -> None:
    info = VideoInfo("a", "a", label=label, label_visual=visual, label_audio=audio)
    alone = info.without_picture()
    assert (alone.label, alone.label_visual, alone.label_audio) == (label, -1, heard)
    silent = info.without_sound()
    assert (silent.label, silent.label_visual, silent.label_audio) == (label, seen, -1)
