"""Writing one shard: videos are added one at a time; the file appears whole when the block ends well."""

import json
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
from avdf.cache.core.text import printable
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

_CHUNK_BYTES = 1 << 18  # a chunk of the large columns
_CROPS_AT_ONCE = 512  # about 10 MB


class ShardWriter:
    """Context manager that writes `path` as a shard of format version 2.

    Memory stays at about one video: each is appended as it comes. `settings` is all that shaped the content.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        frame_codec: str = "jpeg",
        frame_size: int = FRAME_SIZE,
    ) -> None:
        self.path = path
        self._settings = dict(settings)
        self._codec, self._size = frame_codec, frame_size
        self._exit = ExitStack()
        self._videos = self._tracks = self._rows = self._bytes = 0

    def __enter__(self) -> Self:
        partial = self._exit.enter_context(durable_file(self.path))
        self._file = self._exit.enter_context(h5py.File(partial, "w"))
        self._file.attrs.update(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            frame_size=self._size,
            frame_codec=self._codec,
            settings=json.dumps(self._settings, sort_keys=True),
            avdf_version=version("avdf"),
            **FIXED_ATTRIBUTES,
        )
        text = h5py.string_dtype("utf-8")
        for name in VIDEO_TEXTS:
            self._file.create_dataset(
                f"videos/{name}", shape=(0,), maxshape=(None,), dtype=text, chunks=(256,)
            )
        for name, (kind, row) in COLUMNS.items():
            self._create(name, kind, row)
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
        """Append one video with its tracks, rows, segments and periods."""
        if (video.frame_codec, video.frame_size) != (self._codec, self._size):
            raise ValueError(
                f"{video.info.id}: crops are {video.frame_codec} of {video.frame_size} px, "
                f"the shard holds {self._codec} of {self._size} px"
            )
        texts = {name: getattr(video.info, name, "") for name in VIDEO_TEXTS} | {
            "sha256": video.sha256
        }
        for name, value in texts.items():
            self._append(f"videos/{name}", np.array([printable(value)], dtype=object))
        numbers = {
            "duration": video.duration,
            "faces": min(video.faces, np.iinfo(np.uint16).max),
            "offset": video.offset,
        }
        for name, kind in VIDEO_NUMBERS.items():
            self._append(
                f"videos/{name}",
                np.array([numbers.get(name, getattr(video.info, name, None))], dtype=kind),
            )
        for track in video.tracks:
            self._add_track(track)
        if video.info.periods:
            self._add_periods(video)
        self._videos += 1

    def _add_track(self, track: Track) -> None:
        rows, first = len(track), self._rows
        sizes = self._append_crops(track)
        starts = np.arange(rows // SEGMENT_FRAMES, dtype=np.uint64) * np.uint64(
            SEGMENT_FRAMES
        ) + np.uint64(first)
        columns = {
            "tracks/video": [self._videos],
            "tracks/start": [track.start],
            "tracks/frame": [first],
            "tracks/frames": [rows],
            "tracks/picture": [1],
            "tracks/sound": [track.has_audio],
            "frames/offset": np.uint64(self._bytes) + np.cumsum(sizes, dtype=np.uint64),
            "frames/box": track.boxes,
            "frames/probability": track.probability,
            "audio/pcm": track.pcm,
            "segments/track": np.full(len(starts), self._tracks),
            "segments/frame": starts,
            "segments/log_mel": track.log_mel,
        }
        for name, values in columns.items():
            self._append(name, np.asarray(values, dtype=COLUMNS[name][0]))
        self._rows, self._bytes, self._tracks = (
            first + rows,
            self._bytes + int(sizes.sum()),
            self._tracks + 1,
        )

    def _append_crops(self, track: Track) -> npt.NDArray[np.uint64]:
        """Write the crops, a few hundred at a time; (rows,) the size of each."""
        sizes: list[int] = []
        for at in range(0, len(track), _CROPS_AT_ONCE):
            crops = list(track.crops[at : at + _CROPS_AT_ONCE])
            self._append("frames/bytes", np.frombuffer(b"".join(crops), np.uint8))
            sizes += [len(crop) for crop in crops]
        return np.array(sizes, np.uint64)

    def _add_periods(self, video: PreparedVideo) -> None:
        if "periods" not in self._file:
            for name, (kind, row) in PERIOD_COLUMNS.items():
                self._create(name, kind, row)
        for name, (kind, _) in PERIOD_COLUMNS.items():
            field = name.removeprefix("periods/")
            values = [
                self._videos if field == "video" else getattr(period, field)
                for period in video.info.periods
            ]
            self._append(name, np.asarray(values, dtype=kind))

    def _create(self, name: str, kind: type[np.generic], row: tuple[int, ...]) -> None:
        row_bytes = np.dtype(kind).itemsize * int(np.prod(row, dtype=np.int64))
        rows = max(
            1, min(_CHUNK_BYTES // row_bytes, _CHUNK_BYTES if name == "frames/bytes" else 16_384)
        )
        squeeze = (
            {"compression": "gzip", "compression_opts": 4, "shuffle": True}
            if name == "segments/log_mel"
            else {}
        )
        if squeeze:
            rows = SEGMENT_FRAMES
        self._file.create_dataset(
            name, shape=(0, *row), maxshape=(None, *row), dtype=kind, chunks=(rows, *row), **squeeze
        )

    def _append(self, name: str, values: npt.NDArray[Any]) -> None:
        column = self._file[name]
        column.resize(len(column) + len(values), axis=0)
        if len(values):
            column[-len(values) :] = values
