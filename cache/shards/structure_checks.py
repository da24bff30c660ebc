"""Whether the columns of a shard fit together, checked when it is opened.

The checks go from the outside in: how columns are stored, how long they are, and only then the
small columns that refer to others. Crops, audio and log-mel are not read here. No column is read
before its length is plausible: a file of a few kilobytes may declare a thousand million rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.shards.codec import largest_crop
from avdf.cache.shards.schema import COLUMNS, DEFAULTS, PERIOD_COLUMNS, VIDEO_TEXTS

# A row takes at least so many bytes, with its crop and its audio; real ones take about 5,000.
_LEAST_ROW_BYTES = 64
# Bytes of an unpacked chunk; the writer's chunks have 2 to the power of 18.
_LARGEST_CHUNK = 1 << 25
_CHUNK_OVERHEAD = 4096  # bytes that packing may add to data that cannot be compressed
_LONGEST_TEXT = 1 << 16  # bytes of a text of fixed length
# The filters of HDF5 itself, by their numbers; others would run code from outside.
_FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32"}

# The column whose length is the length of its table.
_FIRST_COLUMN = {
    "videos": "videos/id",
    "tracks": "tracks/video",
    "frames": "frames/box",
    "segments": "segments/track",
    "periods": "periods/video",
}

Column = npt.NDArray[Any]
ReadColumn = Callable[[str], Column]


def storage_faults(file: h5py.File, size: int) -> Iterator[str]:
    """What is wrong with how columns are stored, judged by their descriptions alone.

    Args:
        size: of the file in bytes.
    """
    for name in _all_columns("periods" in file):
        if name not in DEFAULTS or name in file:
            yield from _chunk_faults(name, file[name])
    yield from _length_faults(file, size)


def content_faults(read: ReadColumn, crop_bytes: int, frame_size: int) -> Iterator[str]:
    """What is wrong with the content of the small columns.

    Args:
        read: returns a column by its name.
        crop_bytes: the length of `frames/bytes`.
        frame_size: width and height of a crop in pixels.
    """
    ids = read("videos/id").tolist()
    offset = read("frames/offset")
    yield from _offset_faults(offset, crop_bytes, frame_size)
    yield from _mark_faults(read)
    yield from _id_faults(ids)
    for name in ("videos/duration", "videos/offset", "tracks/start"):
        yield from _time_faults(name, read(name))
    for name in ("frame_rate", "video_bit_rate", "audio_bit_rate"):
        yield from _rate_faults(f"videos/{name}", read(f"videos/{name}"))
    found = list(_track_faults(read, ids, rows=len(offset) - 1))
    yield from found
    # Only where the tracks cover all rows is it known which rows have no picture.
    if not found:
        yield from _picture_faults(read, offset)


def _all_columns(has_periods: bool) -> list[str]:
    texts = [f"videos/{text}" for text in VIDEO_TEXTS]
    return [*texts, *COLUMNS, *(PERIOD_COLUMNS if has_periods else ())]


def _chunk_faults(name: str, column: h5py.Dataset) -> Iterator[str]:
    if column.dtype.itemsize > _LONGEST_TEXT:
        yield f"{name} has values of {column.dtype.itemsize} bytes"
    if column.chunks is None:
        return
    # As a float, since the product of hostile numbers overflows an integer.
    unpacked = int(np.prod(column.chunks, dtype=np.float64)) * column.dtype.itemsize
    if unpacked > _LARGEST_CHUNK:
        yield f"{name} has chunks of {unpacked} bytes, the limit is {_LARGEST_CHUNK}"
        return
    plan = column.id.get_create_plist()
    described = [plan.get_filter(which) for which in range(plan.get_nfilters())]
    filters = [int(number) for number, *_ in described]
    for number in filters:
        if number not in _FILTERS:
            known = ", ".join(_FILTERS.values())
            yield f"{name} is packed by filter {number}; only {known} are read"
            return
    if filters:
        yield from _packed_chunk_faults(name, column, unpacked)


def _packed_chunk_faults(
    name: str, column: h5py.Dataset, unpacked: int
) -> Iterator[str]:
    # gzip unpacks to a thousandfold, whatever the shape of the chunk claims. So the stored bytes
    # must not be more than those of the unpacked chunk.
    largest = 0

    def note_size(chunk: Any) -> None:
        nonlocal largest
        largest = max(largest, int(chunk.size))

    column.id.chunk_iter(note_size)
    if largest > unpacked + _CHUNK_OVERHEAD:
        yield f"{name} has a chunk of {largest} bytes that should unpack to {unpacked}"


def _length_faults(file: h5py.File, size: int) -> Iterator[str]:
    """Whether the columns of a table have one length, which a file of `size` bytes can hold."""
    length = {
        table: int(file[name].shape[0])
        for table, name in _FIRST_COLUMN.items()
        if table in file
    }
    if not length["videos"]:
        yield "it holds no videos"
    longest = max(length.values())
    if length["frames"] * _LEAST_ROW_BYTES > size or longest > size:
        yield f"its columns declare {longest} rows, more than {size} bytes can hold"
        return
    expected = {name: length.get(name.partition("/")[0]) for name in _all_columns(True)}
    # These are longer than their table: bytes of crops, edges between crops, audio samples.
    expected["frames/bytes"] = None
    expected["frames/offset"] = length["frames"] + 1
    expected["audio/pcm"] = length["frames"] * SAMPLES_PER_FRAME
    for name, wanted in expected.items():
        if wanted is None or name not in file:
            continue
        rows = int(file[name].shape[0])
        if rows != wanted:
            yield f"{name} has {rows} rows, expected {wanted}"


def _id_faults(ids: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            yield f"the video {name!r} is in it twice"
            return
        seen.add(name)


def _time_faults(name: str, values: Column) -> Iterator[str]:
    may_be_negative = name == "videos/offset"
    too_small = (values < 0).any() and not may_be_negative
    if too_small or not np.isfinite(values).all():
        yield f"{name} holds a value that is no time in seconds"


def _rate_faults(name: str, values: Column) -> Iterator[str]:
    if (values < 0).any() or not np.isfinite(values).all():
        yield f"{name} holds a value that is no rate"


def _offset_faults(offset: Column, crop_bytes: int, frame_size: int) -> Iterator[str]:
    # A value of 2 to the power of 63 or more becomes negative here, so it runs backward as well.
    edges = offset.astype(np.int64)
    lengths = np.diff(edges)
    limit = largest_crop(frame_size)
    if edges[0] != 0 or (lengths < 0).any() or edges[-1] != crop_bytes:
        yield "frames/offset does not run forward from 0 to the end of frames/bytes"
    elif len(lengths) and lengths.max() > limit:
        longest = lengths.max()
        yield f"a crop of {longest} bytes; none of {frame_size} px takes more than {limit}"


def _mark_faults(read: ReadColumn) -> Iterator[str]:
    for name in ("tracks/picture", "tracks/sound"):
        if (read(name) > 1).any():
            yield f"{name} holds a value that is neither 0 nor 1"


def _picture_faults(read: ReadColumn, offset: Column) -> Iterator[str]:
    """Whether a row has a crop just where its track has a picture.

    The tracks of a video agree in that: a video is judged by its faces or by its sound alone.
    """
    video, picture = read("tracks/video"), read("tracks/picture").astype(bool)
    has_crop = np.diff(offset.astype(np.int64)) > 0
    expected = np.repeat(picture, read("tracks/frames").astype(np.int64))
    if (has_crop != expected).any():
        row = int(np.flatnonzero(has_crop != expected)[0])
        what = "no crop" if expected[row] else "a crop"
        yield f"row {row} has {what}, unlike tracks/picture of its track"
    # Tracks are in the order of their videos, so those of one video are neighbours.
    same_video = video[1:] == video[:-1]
    if (same_video & (picture[1:] != picture[:-1])).any():
        yield "tracks of one video differ in tracks/picture"


def _track_faults(read: ReadColumn, ids: list[str], rows: int) -> Iterator[str]:
    names = ("video", "frame", "frames")
    video, first, count = (read(f"tracks/{name}").astype(np.int64) for name in names)

    # Tracks refer to videos in order.
    in_order = (np.diff(video) >= 0).all()
    all_exist = not len(video) or video.max() < len(ids)
    if not (in_order and all_exist):
        yield "tracks/video names videos that are not there, or out of order"
        return

    # Their rows follow one another without gaps, up to the last row.
    ends = np.cumsum(count)
    end = ends[-1] if len(ends) else 0
    if (first != ends - count).any() or end != rows:
        yield "tracks do not cover the rows of /frames one after another"
        return

    # Each video has a track, and each track has a segment.
    tracks_of_video = np.bincount(video, minlength=len(ids))
    for index in np.flatnonzero(tracks_of_video == 0)[:1].tolist():
        yield f"the video {ids[index]!r} has no track"
    if len(count) and count.min() < SEGMENT_FRAMES:
        yield f"a track of {count.min()} rows; the least is {SEGMENT_FRAMES}"
        return
    yield from _segment_faults(read, first, count)


def _segment_faults(read: ReadColumn, first: Column, count: Column) -> Iterator[str]:
    """Whether the segments are every sixteenth row of each track, from its first row on.

    Args:
        first, count: (tracks,) the first row and the number of rows of each track.
    """
    segments_of_track = count // SEGMENT_FRAMES
    track = np.repeat(np.arange(len(count)), segments_of_track)
    # The number of each segment within its track: 0, 1, 2, 0, 1, ...
    segments_before = np.cumsum(segments_of_track) - segments_of_track
    within = np.arange(len(track)) - np.repeat(segments_before, segments_of_track)
    row = first[track] + within * SEGMENT_FRAMES

    stored_track = read("segments/track").astype(np.int64)
    stored_row = read("segments/frame").astype(np.int64)
    if not (np.array_equal(stored_track, track) and np.array_equal(stored_row, row)):
        yield "segments are not the consecutive windows of 16 rows of each track"
