"""The shard format, read with plain h5py, and what a reader refuses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache import (
    Period,
    PreparedVideo,
    Shard,
    ShardError,
    ShardWriter,
    Track,
    VideoInfo,
    shard_paths,
)
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.cache.shards.contact_sheet import contact_sheet
from avdf.cache.shards.schema import ADDED_IN_2, shard_name
from avdf.cache.shards.verify import verify_shard
from avdf.cache.stream.index import list_shard_videos


def make_track(
    rows: int, start: float = 0.0, seed: int = 0, codec: FrameCodec | None = None
) -> Track:
    generator = np.random.default_rng(seed)
    encode = (codec or FrameCodec()).encode
    return Track(
        start=start,
        crops=tuple(
            encode(generator.integers(0, 255, (224, 224, 3), np.uint8)) for _ in range(rows)
        ),
        boxes=generator.random((rows, 4)).astype(np.float32),
        probability=generator.random(rows).astype(np.float32),
        pcm=generator.integers(-30000, 30000, rows * 640).astype(np.int16),
        log_mel=generator.random((rows // 16, 80, 64)).astype(np.float16),
    )


def make_video(name: str, *rows: int, **known: Any) -> PreparedVideo:
    info = VideoInfo(
        id=name, path=f"/videos/{name}", identity="p1", periods=(Period(0.5, 1.0, 1, 0),), **known
    )
    tracks = tuple(
        make_track(count, start=index * 4.0, seed=index) for index, count in enumerate(rows)
    )
    return PreparedVideo(info, "ab" * 32, 3.2, 1, tracks)


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    path = tmp_path / shard_name(0)
    with ShardWriter(path, {"margin": 1.3}) as writer:
        writer.add(make_video("ä.mp4", 16, 35, label=0))
        writer.add(make_video("b.mp4", 20, label=1, label_visual=1))
    return path


def test_a_shard_is_plain_hdf5_as_documented(shard: Path) -> None:
    with h5py.File(shard) as file:
        attributes = dict(file.attrs)
        assert attributes["format"] == "avdf-shard" and attributes["format_version"] == 2
        assert (attributes["fps"], attributes["sample_rate"], attributes["segment_frames"]) == (
            25,
            16000,
            16,
        )
        assert (attributes["frame_size"], attributes["frame_codec"]) == (224, "jpeg")
        assert attributes["settings"] == '{"margin": 1.3}'
        assert file["videos/id"].asstr()[()].tolist() == ["ä.mp4", "b.mp4"]
        assert file["videos/label"].dtype == np.int8 and file["videos/label"][()].tolist() == [0, 1]
        assert file["tracks/video"][()].tolist() == [0, 0, 1]
        assert file["tracks/frame"][()].tolist() == [0, 16, 51] and file["tracks/frames"][
            ()
        ].tolist() == [16, 35, 20]
        offsets = file["frames/offset"][()]
        assert len(offsets) == 72 and offsets[0] == 0 and offsets[-1] == len(file["frames/bytes"])
        assert file["audio/pcm"].shape == (71 * 640,)
        assert file["segments/frame"][()].tolist() == [0, 16, 32, 51]
        assert (
            file["segments/log_mel"].shape == (4, 80, 64)
            and file["segments/log_mel"].dtype == np.float16
        )
        assert file["periods/video"][()].tolist() == [0, 1] and file["periods/visual"][
            ()
        ].tolist() == [1, 1]
        assert (
            bytes(file["frames/bytes"][int(offsets[16]) : int(offsets[17])])
            == make_track(35, seed=1).crops[0]
        )


def test_what_is_written_is_read(shard: Path) -> None:
    track = make_track(35, seed=1)
    with Shard(shard) as reader:
        assert [video.id for video in reader.videos] == ["ä.mp4", "b.mp4"]
        assert reader.videos[0].periods == (Period(0.5, 1.0, 1, 0),)
        assert reader.videos[1].label_visual == 1 and reader.settings == {"margin": 1.3}
        wanted = [
            decode_frame(np.frombuffer(crop, np.uint8), "jpeg", 224) for crop in track.crops[2:18]
        ]
        np.testing.assert_array_equal(reader.images(18), wanted)
        np.testing.assert_array_equal(reader.pcm(18), track.pcm[2 * 640 : 18 * 640])
        np.testing.assert_array_equal(reader.log_mel(2), track.log_mel[1])


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with ShardWriter(tmp_path / name / shard_name(0), {}) as writer:
            writer.add(make_video("a", 16))
    assert (tmp_path / "one" / shard_name(0)).read_bytes() == (
        tmp_path / "two" / shard_name(0)
    ).read_bytes()


def test_a_shard_is_complete_or_absent(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="stop"),
        ShardWriter(tmp_path / shard_name(0), {}) as writer,
    ):
        writer.add(make_video("a", 16))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_codecs_keep_what_they_promise() -> None:
    image = np.random.default_rng(0).integers(0, 255, (224, 224, 3), np.uint8)
    smooth = np.broadcast_to(np.linspace(0, 255, 224)[:, None, None], (224, 224, 3)).astype(
        np.uint8
    )
    for name in ("png", "raw"):
        codec = FrameCodec(name)
        np.testing.assert_array_equal(
            decode_frame(np.frombuffer(codec.encode(image), np.uint8), name, 224), image
        )
    jpeg = decode_frame(np.frombuffer(FrameCodec().encode(smooth), np.uint8), "jpeg", 224)
    assert np.abs(jpeg.astype(int) - smooth).max() <= 3
    with pytest.raises(SettingsError, match="unknown"):
        FrameCodec("webp")  # type: ignore[arg-type]


def _set_version(file: h5py.File) -> None:
    file.attrs["format_version"] = 3


def _external_link(file: h5py.File) -> None:
    del file["audio/pcm"]
    file["audio/pcm"] = h5py.ExternalLink("/etc/passwd", "/x")


def _soft_group(file: h5py.File) -> None:
    file.move("audio", "elsewhere")
    file["audio"] = h5py.SoftLink("/elsewhere")


def _external_storage(file: h5py.File) -> None:
    del file["audio/pcm"]
    file.create_dataset(
        "audio/pcm", shape=(640,), dtype=np.int16, external=[("/etc/passwd", 0, 1280)]
    )


def _wrong_type(file: h5py.File) -> None:
    del file["tracks/start"]
    file["tracks/start"] = np.zeros(3, np.float32)


def _no_format(file: h5py.File) -> None:
    del file.attrs["format"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_set_version, "version 3, this avdf reads versions 1 and 2"),
        (_external_link, "audio/pcm is a link"),
        (_soft_group, "audio/pcm is a link"),
        (_external_storage, "not a plain dataset"),
        (_wrong_type, "tracks/start is float32"),
        (_no_format, "not an avdf shard"),
    ],
)
def test_a_reader_refuses(shard: Path, damage: Callable[[h5py.File], None], message: str) -> None:
    with h5py.File(shard, "r+") as file:
        damage(file)
    with pytest.raises(ShardError, match=message):
        Shard(shard)


def test_version_1_is_read(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        file.attrs["format_version"] = 1
        for name in ADDED_IN_2:
            del file[name]
    assert list(verify_shard(shard)) == []
    with Shard(shard) as reader:
        assert [video.id for video in reader.videos] == ["ä.mp4", "b.mp4"]
        assert not reader.videos[0].synthetic and reader.videos[0].targets == ""
        assert reader.column("tracks/sound").tolist() == [1, 1, 1] and reader.column(
            "videos/offset"
        ).tolist() == [0, 0]
    assert [video.offset for video in list_shard_videos(shard)] == [0.0, 0.0]


def test_what_version_2_added_is_kept(tmp_path: Path) -> None:
    info = VideoInfo(id="a", path="/a", targets="id1 id2", synthetic=True)
    with ShardWriter(tmp_path / shard_name(0), {}) as writer:
        writer.add(PreparedVideo(info, "ab" * 32, 3.2, 1, (make_track(16),), offset=0.25))
    (video,) = list_shard_videos(tmp_path)
    assert video.info == info and video.offset == 0.25


def test_a_damaged_crop_is_named(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        start, end = (int(edge) for edge in file["frames/offset"][3:5])
        file["frames/bytes"][start:end] = 0
    with Shard(shard) as reader, pytest.raises(ShardError, match="crop of row 3"):
        reader.images(0)


def test_files_that_are_no_shards(tmp_path: Path) -> None:
    (tmp_path / shard_name(0)).write_bytes(b"hello")
    for path, message in (
        (tmp_path / shard_name(0), "not a readable HDF5"),
        (tmp_path / "x.h5", "no such shard"),
    ):
        with pytest.raises(ShardError, match=message):
            Shard(path)
    with pytest.raises(ShardError, match="no such folder"):
        shard_paths(tmp_path / "nowhere")


def test_shapes_are_checked_when_built() -> None:
    track = make_track(16)
    with pytest.raises(
        ValueError, match=r"pcm is \(10\), expected|pcm is \(10,\), expected \(10240,\)"
    ):
        Track(0.0, track.crops, track.boxes, track.probability, track.pcm[:10], track.log_mel)
    with pytest.raises(ValueError, match="a modality is labelled fake"):
        VideoInfo(id="a", path="a", label=0, label_audio=1)
    with pytest.raises(ValueError, match="at least 16 rows"):
        make_video("a", 15)


def _shorter_sound(file: h5py.File) -> None:
    file["audio/pcm"].resize(1000, axis=0)


def _shuffled_offsets(file: h5py.File) -> None:
    file["frames/offset"][3] = 0


def _bad_crop(file: h5py.File) -> None:
    start, end = (int(edge) for edge in file["frames/offset"][60:62])
    file["frames/bytes"][start:end] = 7


def _moved_segment(file: h5py.File) -> None:
    file["segments/frame"][1] = 5


@pytest.mark.parametrize(
    ("damage", "video", "message"),
    [
        (_shorter_sound, "", "audio/pcm has 1000 rows, expected 45440"),
        (_shuffled_offsets, "", "does not run forward"),
        (_bad_crop, "b.mp4", "crop of row 60"),
        (_moved_segment, "", "consecutive windows"),
        (_set_version, "", "version 3"),
    ],
)
def test_verify_says_what_is_wrong(
    shard: Path, damage: Callable[[h5py.File], None], video: str, message: str
) -> None:
    assert list(verify_shard(shard)) == []
    with h5py.File(shard, "r+") as file:
        damage(file)
    (problem,) = verify_shard(shard)
    assert problem.video == video and message in problem.what


def test_verify_compares_sources(shard: Path) -> None:
    assert [problem.video for problem in verify_shard(shard, sources=True)] == ["ä.mp4", "b.mp4"]


def test_a_contact_sheet_has_a_named_row_for_each_track(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    put = cv2.putText

    def remember(picture: npt.NDArray[np.uint8], text: str, *how: Any, **named: Any) -> Any:
        written.append(text)
        return put(picture, text, *how, **named)

    monkeypatch.setattr(cv2, "putText", remember)
    with ShardWriter(tmp_path / shard_name(0), {}) as writer:
        writer.add(replace(make_video("two.mp4", 32, 20), offset=1.5))
        writer.add(make_video(f"{'x' * 200}ä.mp4", 16))
    sheet = contact_sheet(tmp_path)
    assert sheet.shape == (3 * (112 + 20), 8 * 112, 3)
    starts = [track.start for track in make_video("two.mp4", 32, 20).tracks]
    assert written[:2] == [
        f"two.mp4  {1.5 + start:.2f}-{1.5 + start + rows / 25:.2f} s"
        for start, rows in zip(starts, (32, 20), strict=True)
    ]
    assert (
        written[2].startswith("...xxx")
        and written[2].endswith("x?.mp4  0.00-0.64 s")
        and len(written[2]) < 90
    )
    captions = [sheet[at : at + 20] for at in (0, 132, 264)]
    assert all(caption.min() < 60 and (caption[:, -8:] == 255).all() for caption in captions)
