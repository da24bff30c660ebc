"""Writing one shard: videos are added one at a time; the file appears when the block ends well."""

import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_SIZE, SEGMENT_FRAMES
from avdf.cache.core.safe_text import printable
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.shards.schema import (
    COLUMNS,
    FIXED_ATTRIBUTES,
    FORMAT,
    FORMAT_VERSION,
    PERIOD_COLUMNS,
    VIDEO_NUMBERS,
    VIDEO_TEXTS,
)

_CHUNK_BYTES = 1 << 18
_MOST_CHUNK_ROWS = 16_384
_TEXTS_IN_CHUNK = 256
_CROPS_AT_ONCE = 512  # about 10 MB
_PENDING_BYTES = 1 << 20  # of one column
_GZIP = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


class ShardWriter:
    """A context manager that writes a shard of format version 2.

    Each video is appended as it comes, so memory stays at about one video and a few megabytes.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        frame_codec: str = "jpeg",
        frame_size: int = FRAME_SIZE,
    ) -> None:
        """Prepare to write `path`; `settings`: the preparation settings that shape the content."""
        self.path = path
        self._settings = dict(settings)
        self._codec, self._size = frame_codec, frame_size
        self._exit = ExitStack()
        # What is to be appended to each column, and how many bytes that is.
        self._pending: dict[str, list[npt.NDArray[Any]]] = defaultdict(list)
        self._pending_bytes: dict[str, int] = defaultdict(int)
        # How many videos, tracks, rows and bytes of crops are written so far.
        self._videos = self._tracks = self._rows = self._bytes = 0

    def __enter__(self) -> Self:
        # Written under another name and renamed at the end: readers never see half a shard.
        partial = self._exit.enter_context(durable_file(self.path))
        self._file = self._exit.enter_context(h5py.File(partial, "w"))
        # Runs before the file is closed; on an error the file is discarded.
        self._exit.push(self._write_pending_unless_failed)
        self._file.attrs.update(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            frame_size=self._size,
            frame_codec=self._codec,
            settings=json.dumps(self._settings, sort_keys=True),
            avdf_version=version("avdf"),
            **FIXED_ATTRIBUTES,
        )
        for name in VIDEO_TEXTS:
            self._create_text(f"videos/{name}")
        for name, (kind, row) in COLUMNS.items():
            self._create(name, kind, row)
        # The first crop begins at byte 0; each crop then appends its end.
        self._append("frames/offset", np.zeros(1, np.uint64))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def add(self, video: PreparedVideo) -> None:
        """Append one video with its tracks, rows, segments and periods.

        Raises:
            ValueError: its crops have another codec or size than those of the shard.
        """
        if (video.frame_codec, video.frame_size) != (self._codec, self._size):
            raise ValueError(
                f"{video.info.id}: crops are {video.frame_codec} of {video.frame_size} px, "
                f"the shard holds {self._codec} of {self._size} px"
            )
        self._add_facts(video)
        for track in video.tracks:
            self._add_track(track)
        if video.info.periods:
            self._add_periods(video)
        self._videos += 1

    def _add_facts(self, video: PreparedVideo) -> None:
        """One row of /videos: most columns are fields of the same name in `VideoInfo`."""
        # The columns that are no fields of `VideoInfo` are filled in below.
        texts = {name: getattr(video.info, name, "") for name in VIDEO_TEXTS}
        texts["sha256"] = video.sha256
        texts["video_codec"] = video.streams.video_codec
        texts["audio_codec"] = video.streams.audio_codec
        for name, text in texts.items():
            self._append(f"videos/{name}", np.array([printable(text)], dtype=object))

        numbers = {name: getattr(video.info, name, None) for name in VIDEO_NUMBERS}
        numbers["duration"] = video.duration
        numbers["faces"] = min(video.faces, np.iinfo(np.uint16).max)
        numbers["offset"] = video.offset
        numbers["frame_rate"] = video.streams.frame_rate
        numbers["video_bit_rate"] = video.streams.video_bit_rate
        numbers["audio_bit_rate"] = video.streams.audio_bit_rate
        for name, number in numbers.items():
            self._append(
                f"videos/{name}", np.array([number], dtype=VIDEO_NUMBERS[name])
            )

    def _add_track(self, track: Track) -> None:
        rows, first = len(track), self._rows
        # Crops have different sizes, so that a column of offsets says where each one ends. Sizes of
        # 10 and 12 bytes after 100 bytes of other tracks give the ends 110 and 122.
        crop_sizes = self._append_crops(track)
        crop_ends = np.uint64(self._bytes) + np.cumsum(crop_sizes, dtype=np.uint64)
        # Scoring segments follow each other without overlap; up to 15 rows at the end are in none.
        segments = np.arange(rows // SEGMENT_FRAMES, dtype=np.uint64)
        columns = {
            "tracks/video": [self._videos],
            "tracks/start": [track.start],
            "tracks/frame": [first],
            "tracks/frames": [rows],
            "tracks/picture": [track.has_picture],
            "tracks/sound": [track.has_audio],
            "frames/offset": crop_ends,
            "frames/box": track.boxes,
            "frames/probability": track.probability,
            "audio/pcm": track.pcm,
            "segments/track": np.full(len(segments), self._tracks),
            "segments/frame": segments * np.uint64(SEGMENT_FRAMES) + np.uint64(first),
            "segments/log_mel": track.log_mel,
        }
        for name, values in columns.items():
            kind, _ = COLUMNS[name]
            self._append(name, np.asarray(values, dtype=kind))
        # Counted last, since the columns above refer to the first row of this track.
        self._rows += rows
        self._bytes += int(crop_sizes.sum())
        self._tracks += 1

    def _append_crops(self, track: Track) -> npt.NDArray[np.uint64]:
        """Write the crops, a few hundred at a time; returns (rows,) the size of each in bytes."""
        sizes: list[int] = []
        for start in range(0, len(track), _CROPS_AT_ONCE):
            # A few hundred at once: one by one is slow, all at once would copy a long video in
            # memory.
            crops = list(track.crops[start : start + _CROPS_AT_ONCE])
            self._append("frames/bytes", np.frombuffer(b"".join(crops), np.uint8))
            sizes += [len(crop) for crop in crops]
        return np.array(sizes, np.uint64)

    def _add_periods(self, video: PreparedVideo) -> None:
        # Most datasets have no periods: their shards do not have these columns at all.
        if "periods" not in self._file:
            for name, (kind, row) in PERIOD_COLUMNS.items():
                self._create(name, kind, row)
        periods = video.info.periods
        for name, (kind, _) in PERIOD_COLUMNS.items():
            field = name.removeprefix("periods/")
            if field == "video":
                values = [self._videos] * len(periods)
            else:
                values = [getattr(period, field) for period in periods]
            self._append(name, np.asarray(values, dtype=kind))

    def _create_text(self, name: str) -> None:
        text = h5py.string_dtype("utf-8")
        self._file.create_dataset(
            name, shape=(0,), maxshape=(None,), dtype=text, chunks=(_TEXTS_IN_CHUNK,)
        )

    def _create(self, name: str, kind: type[np.generic], row: tuple[int, ...]) -> None:
        """Make an empty column that grows by chunks."""
        # Chunks of about 256 kB: small enough to read one segment, large enough to be few.
        values_in_row = int(np.prod(row, dtype=np.int64))
        row_bytes = np.dtype(kind).itemsize * values_in_row
        most_rows = _CHUNK_BYTES if name == "frames/bytes" else _MOST_CHUNK_ROWS
        rows = max(1, min(_CHUNK_BYTES // row_bytes, most_rows))
        packing = {}
        # Crops are compressed by their codec already; log-mel is not, and gzip makes it smaller.
        if name == "segments/log_mel":
            rows, packing = SEGMENT_FRAMES, _GZIP
        self._file.create_dataset(
            name,
            shape=(0, *row),
            maxshape=(None, *row),
            dtype=kind,
            chunks=(rows, *row),
            **packing,
        )

    def _append(self, name: str, values: npt.NDArray[Any]) -> None:
        # A write to HDF5 costs about the same for one value as for thousands: a short video has
        # few values in each of thirty columns, so those of several videos are written at once.
        self._pending[name].append(values)
        self._pending_bytes[name] += values.nbytes
        if self._pending_bytes[name] >= _PENDING_BYTES:
            self._write_pending(name)

    def _write_pending(self, name: str) -> None:
        values = np.concatenate(self._pending.pop(name))
        del self._pending_bytes[name]
        column = self._file[name]
        column.resize(len(column) + len(values), axis=0)
        if len(values):
            column[-len(values) :] = values

    def _write_pending_unless_failed(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if kind is None:
            for name in list(self._pending):
                self._write_pending(name)
