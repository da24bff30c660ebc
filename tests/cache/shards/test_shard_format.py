"""The shard format as other programs read it: with plain h5py, by the names in docs/shards.md."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache import Track


@pytest.fixture
def file(shard: Path) -> Iterator[h5py.File]:
    with h5py.File(shard) as opened:
        yield opened


def column(file: h5py.File, name: str) -> list[object]:
    values: list[object] = file[name][()].tolist()
    return values


def test_attributes_state_the_format_and_its_units(file: h5py.File) -> None:
    assert file.attrs["format"] == "avdf-shard"
    assert file.attrs["format_version"] == 2
    assert file.attrs["fps"] == 25
    assert file.attrs["sample_rate"] == 16000
    assert file.attrs["segment_frames"] == 16


def test_attributes_state_how_crops_were_made(file: h5py.File) -> None:
    assert file.attrs["frame_size"] == 224
    assert file.attrs["frame_codec"] == "jpeg"
    assert file.attrs["settings"] == '{"margin": 1.3}'


def test_there_is_a_row_for_each_video(file: h5py.File) -> None:
    assert file["videos/id"].asstr()[()].tolist() == ["ä.mp4", "b.mp4"]
    assert column(file, "videos/label") == [0, 1]
    assert file["videos/label"].dtype == np.int8


def test_tracks_are_consecutive_rows(file: h5py.File) -> None:
    assert column(file, "tracks/video") == [0, 0, 1]
    assert column(file, "tracks/frame") == [0, 16, 51]
    assert column(file, "tracks/frames") == [16, 35, 20]


def test_offsets_enclose_each_crop(file: h5py.File, tracks: tuple[Track, ...]) -> None:
    offsets = file["frames/offset"][()].astype(int)
    assert len(offsets) == 71 + 1
    assert offsets[0] == 0
    assert offsets[-1] == len(file["frames/bytes"])
    first_of_second_track = file["frames/bytes"][offsets[16] : offsets[17]]
    assert bytes(first_of_second_track) == tracks[1].crops[0]


def test_each_row_has_640_samples(file: h5py.File) -> None:
    assert file["audio/pcm"].shape == (71 * 640,)


def test_segments_do_not_overlap_and_stay_in_their_track(file: h5py.File) -> None:
    assert column(file, "segments/frame") == [0, 16, 32, 51]
    assert column(file, "segments/track") == [0, 1, 1, 2]
    assert file["segments/log_mel"].shape == (4, 80, 64)
    assert file["segments/log_mel"].dtype == np.float16


def test_periods_name_their_video(file: h5py.File) -> None:
    assert column(file, "periods/video") == [0, 1]
    assert column(file, "periods/visual") == [1, 1]
