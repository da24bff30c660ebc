"""Damaged and hostile shards: each command ends with one sentence and exit code 2."""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from avdf.cache import Shard, ShardError
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.shards.schema import PERIOD_COLUMNS, shard_name
from avdf.cache.shards.structure_checks import content_faults
from avdf.cache.stream.index import list_shard_videos
from tests.helpers.command import call

Damage = Callable[[h5py.File], None]


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One shard of three videos of 40 rows."""
    folder = tmp_path_factory.mktemp("filler")
    write_noise_shards(folder, videos=3, rows=40)
    return (folder / shard_name(0)).read_bytes()


@pytest.fixture
def folder(filler: bytes, tmp_path: Path) -> Path:
    place = tmp_path / "shards"
    place.mkdir()
    (place / shard_name(0)).write_bytes(filler)
    return place


def replaced(
    name: str, values: object, kind: type[np.generic] | None = None, **how: object
) -> Damage:
    """The column `name` holds something else."""

    def damage(file: h5py.File) -> None:
        kept = kind or file[name].dtype
        del file[name]
        file.create_dataset(name, data=np.asarray(values, kept), **how)

    return damage


def declared(name: str, *shape: int) -> Damage:
    """The column `name` says that it has many rows, none of which is stored."""

    def damage(file: h5py.File) -> None:
        kind = file[name].dtype
        del file[name]
        file.create_dataset(name, shape=shape, dtype=kind, chunks=(16_384, *shape[1:]))

    return damage


def attribute(name: str, value: object) -> Damage:
    def damage(file: h5py.File) -> None:
        file.attrs[name] = value

    return damage


def every_column_long(file: h5py.File) -> None:
    for name in (
        "tracks/video",
        "tracks/start",
        "tracks/frame",
        "tracks/frames",
        "tracks/picture",
        "tracks/sound",
    ):
        declared(name, 10**9)(file)


def with_periods(video: int, start: float, end: float, visual: int = 1) -> Damage:
    def damage(file: h5py.File) -> None:
        for (name, (kind, _)), value in zip(
            PERIOD_COLUMNS.items(),
            (video, start, end, visual, 0),
            strict=True,
        ):
            file.create_dataset(name, data=np.array([value], kind))

    return damage


def giant_chunk(file: h5py.File) -> None:
    del file["segments/log_mel"]
    file.create_dataset(
        "segments/log_mel",
        shape=(6, 80, 64),
        maxshape=(None, 80, 64),
        dtype=np.float16,
        chunks=(300_000, 80, 64),
        compression="gzip",
    )


def overfull_chunk(file: h5py.File) -> None:
    """A stored chunk that unpacks to far more than its shape says."""
    file["segments/log_mel"].id.write_direct_chunk(
        (0, 0, 0), zlib.compress(bytes(400_000_000))
    )


def no_videos(file: h5py.File) -> None:
    for group in ("videos", "tracks", "segments"):
        for column in file[group].values():
            column.resize(0, axis=0)
    for name, rows in (
        ("frames/offset", 1),
        ("frames/bytes", 0),
        ("frames/box", 0),
        ("frames/probability", 0),
    ):
        file[name].resize(rows, axis=0)
    file["audio/pcm"].resize(0, axis=0)


def exchanged(name: str, one: int, other: int) -> Damage:
    def damage(file: h5py.File) -> None:
        column = file[name]
        column[one], column[other] = column[other], column[one]

    return damage


def short_track(file: h5py.File) -> None:
    replaced("tracks/frames", [3, 77, 40])(file)
    replaced("tracks/frame", [0, 3, 80])(file)


def fewer_labels(file: h5py.File) -> None:
    file["videos/label"].resize(2, axis=0)


def doubled_id(file: h5py.File) -> None:
    file["videos/id"][1] = file["videos/id"][0]


DAMAGES: dict[str, tuple[Damage, str]] = {
    "owners of tracks exchanged": (
        exchanged("tracks/video", 0, 1),
        "tracks/video names videos",
    ),
    "segment of another track": (
        exchanged("segments/track", 0, 5),
        "segments are not the consecutive windows",
    ),
    "tracks on other rows": (
        exchanged("tracks/frame", 0, 1),
        "tracks do not cover the rows",
    ),
    "offsets backward": (
        exchanged("frames/offset", 3, 4),
        "frames/offset does not run forward",
    ),
    "offsets beyond 2^63": (
        replaced("frames/offset", [0, *[2**64 - 1] * 120]),
        "frames/offset does not run",
    ),
    "an id twice": (doubled_id, "is in it twice"),
    "a column of 10^9 rows": (
        declared("tracks/frame", 10**9),
        "tracks/frame has 1000000000 rows, expected 3",
    ),
    "tracks of 10^9 rows": (every_column_long, "declare 1000000000 rows, more than"),
    "pcm of 10^10 rows": (
        declared("audio/pcm", 10**10),
        "audio/pcm has 10000000000 rows, expected",
    ),
    "a chunk of 3 GB": (giant_chunk, "segments/log_mel has chunks of 3072000000 bytes"),
    "a chunk that unpacks to 400 MB": (
        overfull_chunk,
        "segments/log_mel has a chunk of",
    ),
    "settings cut off": (
        attribute("settings", "{"),
        "the attribute settings cannot be read",
    ),
    "settings nested deeply": (
        attribute("settings", "[" * 50_000),
        "the attribute settings cannot be read",
    ),
    "settings no object": (
        attribute("settings", "3"),
        "the attribute settings cannot be read",
    ),
    "version a text": (
        attribute("format_version", "two"),
        "its description cannot be read",
    ),
    "version a list": (
        attribute("format_version", [1, 2]),
        "its description cannot be read",
    ),
    "format a list": (attribute("format", [1, 2]), "its description cannot be read"),
    "fps a list": (attribute("fps", [25, 25]), "its description cannot be read"),
    "frame size negative": (attribute("frame_size", -1), "unlike the format"),
    "frame size huge": (attribute("frame_size", 10**9), "unlike the format"),
    "unknown codec": (attribute("frame_codec", "webp"), "unlike the format"),
    "unequal columns": (fewer_labels, "videos/label has 2 rows, expected 3"),
    "no videos": (no_videos, "it holds no videos"),
    "label 7": (replaced("videos/label", [0, 7, 0]), "label is 7"),
    "start NaN": (
        replaced("tracks/start", [0, np.nan, 0]),
        "tracks/start holds a value that is no time",
    ),
    "duration infinite": (
        replaced("videos/duration", [1, np.inf, 1]),
        "videos/duration holds a value",
    ),
    "period NaN": (with_periods(0, np.nan, 1), "does not run forward"),
    "period backward": (with_periods(0, 2, 1), "does not run forward"),
    "period without end": (with_periods(0, 1, np.inf), "does not run forward"),
    "period of nobody": (with_periods(9, 0, 1), "a period belongs to video 9"),
    "period labelled 5": (with_periods(0, 0, 1, 5), "a period is labelled 5"),
    "track of 3 rows": (short_track, "a track of 3 rows"),
    "video without track": (replaced("tracks/video", [0, 0, 2]), "has no track"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_every_command_refuses_a_damaged_shard(
    name: str,
    folder: Path,
    tmp_path: Path,
) -> None:
    damage, message = DAMAGES[name]
    with h5py.File(folder / shard_name(0), "r+") as file:
        damage(file)
    code, text = call("train", folder, "--out", tmp_path / "run")
    assert code == 2 and message in text and text.count("\n") == 1, text
    code, text = call("verify", folder)
    assert code == 2 and message in text and "1 shard, 1 problem" in text, text


def test_any_damage_to_the_file_itself_is_one_sentence(
    folder: Path,
    filler: bytes,
    tmp_path: Path,
) -> None:
    """Bytes overwritten anywhere before the crops, where HDF5 keeps its own notes."""
    generator = np.random.default_rng(3)
    path, codes = folder / shard_name(0), set()
    for _ in range(12):
        content = bytearray(filler)
        anywhere = generator.random() < 0.3
        at = int(generator.integers(len(content) if anywhere else 30_000))
        content[at : at + 40] = generator.bytes(40)
        path.write_bytes(content)
        code, text = call("verify", folder)
        assert code in (0, 2) and "Traceback" not in text, text
        codes.add(code)
    assert codes == {0, 2}


def test_a_shard_beside_its_copy_is_refused(
    folder: Path,
    filler: bytes,
    tmp_path: Path,
) -> None:
    (folder / shard_name(1)).write_bytes(filler)
    code, text = call("train", folder, "--out", tmp_path / "run")
    assert code == 2 and "is in shard-00000.h5 too and would count twice" in text
    code, text = call("verify", folder)
    assert (
        code == 2
        and "2 shards, 3 problems" in text
        and "noise-000001: the video is in shard-00000.h5 too" in text
    )
    code, text = call("info", folder)
    assert code == 2 and "would count twice" in text


def test_verify_looks_at_log_mel(folder: Path) -> None:
    with h5py.File(folder / shard_name(0), "r+") as file:
        file["segments/log_mel"][3, 5, 5] = np.inf
    code, text = call("verify", folder)
    assert code == 2 and "noise-000001: log-mel of segment 3 is not finite" in text


def test_a_failed_video_that_a_shard_holds_is_refused(
    folder: Path,
    tmp_path: Path,
) -> None:
    (folder / "videos.csv").write_text(
        "id,path,status,reason\nnoise-000000,x,no_face,none\n",
        encoding="utf-8",
    )
    code, text = call("train", folder, "--out", tmp_path / "run")
    assert code == 2 and "says that 'noise-000000' failed, but a shard holds it" in text


def test_the_structure_is_looked_at_once(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = []

    def counted(*given: Any) -> Iterator[str]:
        looks.append(given)
        return content_faults(*given)

    monkeypatch.setattr("avdf.cache.shards.reader.content_faults", counted)
    for _ in range(3):
        with Shard(folder / shard_name(0)):
            pass
    assert len(looks) == 1
    with h5py.File(folder / shard_name(0), "r+") as file:
        exchanged("frames/offset", 3, 4)(file)
    with pytest.raises(ShardError, match="does not run forward"):
        Shard(folder / shard_name(0))


def test_many_periods_take_time_in_proportion(folder: Path) -> None:
    many = 50_000
    with h5py.File(folder / shard_name(0), "r+") as file:
        for name, (kind, _) in PERIOD_COLUMNS.items():
            file.create_dataset(
                name,
                data=np.full(many, name.endswith(("end", "visual")), kind),
            )
    assert len(list_shard_videos(folder)[0].info.periods) == many


def test_the_size_of_a_png_is_checked_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    length, checksum = struct.pack(">I", 13), struct.pack(">I", zlib.crc32(chunk))
    png = b"\x89PNG\r\n\x1a\n" + length + chunk + checksum
    with pytest.raises(
        ValueError,
        match="image of 20000 x 20000 px, expected 224 x 224",
    ):
        decode_frame(np.frombuffer(png, np.uint8), "png", 224)


def test_the_size_of_a_jpeg_is_checked_before_it_is_decoded() -> None:
    jpeg = FrameCodec().encode(np.zeros((512, 512, 3), np.uint8))
    with pytest.raises(ValueError, match="image of 512 x 512 px, expected 224 x 224"):
        decode_frame(np.frombuffer(jpeg, np.uint8), "jpeg", 224)
