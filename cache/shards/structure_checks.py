"""What must hold in every shard, checked when it is opened: shapes first, then the small columns that name others.

Nothing here reads crops, sound or log-mel, and no column is read before its length is known to be plausible: a file of
a few kilobytes may declare columns of a thousand million rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.shards.codec import largest_crop
from avdf.cache.shards.schema import ADDED_IN_2, COLUMNS, PERIOD_COLUMNS, VIDEO_NUMBERS, VIDEO_TEXTS

_BYTES_PER_ROW = (
    64  # at least, of a row with its crop and its sound, compressed or not: real ones take 5,000
)
_MOST_CHUNK = 1 << 25  # bytes of a chunk once it is unpacked; ours have 2 to the power of 18
_LONGEST_TEXT = 1 << 16  # bytes of a text of fixed length
_FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32"}  # of HDF5; others would be code from outside

Column = npt.NDArray[Any]


def storage_faults(file: h5py.File, size: int) -> Iterator[str]:
    """What is wrong with how columns are stored, from their descriptions alone. `size`: bytes of the file."""
    names = [f"videos/{text}" for text in VIDEO_TEXTS] + list(COLUMNS)
    names += list(PERIOD_COLUMNS) if "periods" in file else []
    for name in (name for name in names if name not in ADDED_IN_2 or name in file):
        yield from _chunk_faults(name, file[name])
    yield from _length_faults(file, size)


def _chunk_faults(name: str, column: h5py.Dataset) -> Iterator[str]:
    if column.dtype.itemsize > _LONGEST_TEXT:
        yield f"{name} has values of {column.dtype.itemsize} bytes"
    if column.chunks is None:
        return
    whole = int(np.prod(column.chunks, dtype=np.float64)) * column.dtype.itemsize
    if whole > _MOST_CHUNK:
        yield f"{name} has chunks of {whole} bytes, the limit is {_MOST_CHUNK}"
        return
    plan = column.id.get_create_plist()
    filters = [int(plan.get_filter(which)[0]) for which in range(plan.get_nfilters())]
    if strange := [number for number in filters if number not in _FILTERS]:
        yield f"{name} is packed by filter {strange[0]}; only {', '.join(_FILTERS.values())} are read"
    elif filters:
        # gzip unpacks a thousandfold, whatever the chunk's shape says: what is stored must be no larger than unpacked.
        stored = [0]
        column.id.chunk_iter(lambda chunk: stored.append(int(chunk.size)))
        if max(stored) > whole + 4096:
            yield f"{name} has a chunk of {max(stored)} bytes that should unpack to {whole}"


def _length_faults(file: h5py.File, size: int) -> Iterator[str]:
    """Columns of one table have one length; no table has more rows than a file of this size can hold."""
    length = {group: int(file[name].shape[0]) for group, name in _FIRST.items() if group in file}
    if not length["videos"]:
        yield "it holds no videos"
    if length["frames"] * _BYTES_PER_ROW > size or max(length.values()) > size:
        yield f"its columns declare {max(length.values())} rows, more than {size} bytes can hold"
        return
    for name in (
        *(f"videos/{text}" for text in (*VIDEO_TEXTS, *VIDEO_NUMBERS)),
        *COLUMNS,
        *PERIOD_COLUMNS,
    ):
        group = name.partition("/")[0]
        if group not in length or name not in file or name in _OTHER_LENGTH:
            continue
        if (rows := int(file[name].shape[0])) != length[group]:
            yield f"{name} has {rows} rows, expected {length[group]}"
    for name, wanted in (
        ("frames/offset", length["frames"] + 1),
        ("audio/pcm", length["frames"] * SAMPLES_PER_FRAME),
    ):
        if (rows := int(file[name].shape[0])) != wanted:
            yield f"{name} has {rows} rows, expected {wanted}"


_FIRST = {
    "videos": "videos/id",
    "tracks": "tracks/video",
    "frames": "frames/box",
    "segments": "segments/track",
    "periods": "periods/video",
}  # the column whose length is its table's
_OTHER_LENGTH = ("frames/bytes", "frames/offset", "audio/pcm")


def content_faults(
    read: Callable[[str], Column], crop_bytes: int, frame_size: int
) -> Iterator[str]:
    """What is wrong with what the small columns say. `read` gives a column; `crop_bytes` is the length of all crops."""
    ids = read("videos/id").tolist()
    yield from _offset_faults(read("frames/offset"), crop_bytes, frame_size)
    yield from _id_faults(ids)
    for name in ("videos/duration", "videos/offset", "tracks/start"):
        values = read(name)
        if not np.isfinite(values).all() or (name != "videos/offset" and (values < 0).any()):
            yield f"{name} holds a value that is no time in seconds"
    yield from _track_faults(read, ids, len(read("frames/offset")) - 1)


def _id_faults(ids: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            yield f"the video {name!r} is in it twice"
            return
        seen.add(name)


def _offset_faults(offset: Column, crop_bytes: int, frame_size: int) -> Iterator[str]:
    # A value of 2 to the power of 63 or more turns negative here, and so runs backward as well.
    edges = offset.astype(np.int64)
    lengths = np.diff(edges)
    if edges[0] != 0 or (lengths <= 0).any() or edges[-1] != crop_bytes:
        yield "frames/offset does not run forward from 0 to the end of frames/bytes"
    elif len(lengths) and lengths.max() > largest_crop(frame_size):
        yield f"a crop of {lengths.max()} bytes; none of {frame_size} px takes more than {largest_crop(frame_size)}"


def _track_faults(read: Callable[[str], Column], ids: list[str], rows: int) -> Iterator[str]:
    video, first, count = (
        read(f"tracks/{name}").astype(np.int64) for name in ("video", "frame", "frames")
    )
    if len(video) and (video.max() >= len(ids) or (np.diff(video) < 0).any()):
        yield "tracks/video names videos that are not there, or out of order"
        return
    ends = np.cumsum(count)
    if (first != ends - count).any() or (ends[-1] if len(ends) else 0) != rows:
        yield "tracks do not cover the rows of /frames one after another"
        return
    for index in np.flatnonzero(np.bincount(video, minlength=len(ids)) == 0)[:1].tolist():
        yield f"the video {ids[index]!r} has no track"
    if len(count) and count.min() < SEGMENT_FRAMES:
        yield f"a track of {count.min()} rows; the least is {SEGMENT_FRAMES}"
        return
    # The windows of each track: its number, repeated, and every sixteenth row from its first on.
    windows = count // SEGMENT_FRAMES
    track = np.repeat(np.arange(len(count)), windows)
    within = np.arange(len(track)) - np.repeat(np.cumsum(windows) - windows, windows)
    wanted = first[track] + within * SEGMENT_FRAMES
    found = read("segments/track").astype(np.int64), read("segments/frame").astype(np.int64)
    if not (np.array_equal(found[0], track) and np.array_equal(found[1], wanted)):
        yield "segments are not the consecutive windows of 16 rows of each track"
