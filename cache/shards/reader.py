"""Reading one shard, which is checked when it is opened."""

import json
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import LogMel, Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError, ShardError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.files.file_state import FileState, file_state
from avdf.cache.shards.codec import CropDecoder
from avdf.cache.shards.format_checks import check_format
from avdf.cache.shards.hdf5_errors import reading, short_message
from avdf.cache.shards.mirror import bring
from avdf.cache.shards.schema import COLUMNS, DEFAULTS, VIDEO_NUMBERS, VIDEO_TEXTS
from avdf.cache.shards.stored_crops import read_crops
from avdf.cache.shards.stored_rows import StoredRows, find_rows
from avdf.cache.shards.structure_checks import content_faults, storage_faults

# Shards that were found right, as they were then.
_checked: dict[Path, FileState] = {}
_checked_lock = threading.Lock()


class Shard:
    """A shard that is open for reading; a context manager, or `close()` it.

    Each column is read when it is asked for. `state` is that of the open file, which may have lost
    its name to another one since; None if the shard is read from a file object.

    Raises:
        ShardError: not a shard, of another version, with links to other files, without a column, or
            with tracks, segments and offsets that do not fit together. Later reads raise it too.
    """

    def __init__(self, path: Path, file: IO[bytes] | None = None) -> None:
        """Open a shard; `file`: read from this instead, and use `path` only in messages."""
        self.path = path
        # A shard of a remote folder is copied to this machine when it is first opened.
        if file is None:
            _download(path)
        try:
            self._file = h5py.File(file or path, "r")
        except (OSError, RuntimeError, ValueError) as error:
            raise ShardError(
                f"{path}: not a readable HDF5 file ({short_message(error)}); "
                "remove it and run `avdf prep` again"
            ) from None
        try:
            self.state = None if file else file_state(self._file.id.get_vfd_handle())
            # A check reads whole columns, and training opens the same shards in every epoch.
            known = _is_checked(path, self.state)
            with self._reading("its description"):
                if not known:
                    check_format(self._file, path)
                self.codec = str(self._file.attrs["frame_codec"])
                self.frame_size = int(self._file.attrs["frame_size"])
            self._decoder = CropDecoder(path, self.codec, self.frame_size)
            if not known:
                self._check_content(file)
                _note_checked(path, self.state)
        # Also on Ctrl-C: HDF5 keeps a file locked as long as it is open.
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The preparation settings that shaped the content, as the writer stored them."""
        with self._reading("the attribute settings"):
            try:
                found = json.loads(self._file.attrs["settings"])
            except RecursionError:
                found = None
            if not isinstance(found, dict):
                raise ValueError("not a JSON object")
        return found

    def column(self, name: str) -> npt.NDArray[Any]:
        """A whole column, e.g. `tracks/frame`; a column of texts is an array of str.

        A column that the shard lacks, and need not have, has its default value in every row.
        """
        with self._reading(name):
            if self._lacks(name):
                kind = COLUMNS[name][0] if name in COLUMNS else object
                return np.full(self.size(name), DEFAULTS[name], kind)
            dataset = self._file[name]
            if h5py.check_string_dtype(dataset.dtype):
                return np.asarray(dataset.asstr()[()], dtype=object)
            return np.asarray(dataset[()])

    def size(self, name: str) -> int:
        """The number of rows of a column."""
        if self._lacks(name):
            name = {"tracks": "tracks/video", "videos": "videos/id"}[
                name.partition("/")[0]
            ]
        with self._reading(name):
            return int(self._file[name].shape[0])

    @cached_property
    def videos(self) -> tuple[VideoInfo, ...]:
        """What is known of each video, in the shard's order, with its manipulated periods."""
        all_names = (*VIDEO_TEXTS, *VIDEO_NUMBERS)
        columns = {name: self.column(f"videos/{name}").tolist() for name in all_names}
        columns["synthetic"] = [bool(value) for value in columns["synthetic"]]
        # Some columns describe the preparation, not the video: they are no part of `VideoInfo`.
        fields = [name for name in columns if name in VideoInfo.__dataclass_fields__]
        try:
            periods = self._periods(len(columns["id"]))
            videos = []
            for row, own_periods in enumerate(periods):
                values = {name: columns[name][row] for name in fields}
                videos.append(VideoInfo(**values, periods=tuple(own_periods)))
            return tuple(videos)
        except ValueError as error:
            raise ShardError(
                f"{self.path}: {error}; rebuild the shard with `avdf prep`"
            ) from None

    @cached_property
    def offsets(self) -> npt.NDArray[np.uint64]:
        """(rows + 1,) where each crop begins in `frames/bytes`, and where the last one ends."""
        return self.column("frames/offset")

    def crops(self, row: int, count: int = SEGMENT_FRAMES) -> list[UInt8Array]:
        """The encoded bytes of `count` crops from `row` on, one array each.

        They are empty where the track has no picture.
        """
        with self._reading(f"the crops from row {row} on", SegmentError):
            column = self._file["frames/bytes"]
            return read_crops(
                self.offsets[row : row + count + 1],
                lambda first, last: np.asarray(column[first:last]),
                self.frame_size,
            )

    def images(self, row: int, count: int = SEGMENT_FRAMES) -> UInt8Array:
        """(count, S, S, 3) RGB crops from `row` on; black where the track has no picture."""
        return self.decode(self.crops(row, count), row)

    def decode(
        self,
        crops: Sequence[UInt8Array],
        row: int,
        out: UInt8Array | None = None,
    ) -> UInt8Array:
        """Decode crops, the first of them that of row `row`, without access to the file.

        Returns:
            (len(crops), S, S, 3) RGB; `out`, if it is given.

        Raises:
            SegmentError: a crop is damaged; the message names its row.
        """
        return self._decoder.decode(crops, row, out)

    def pcm(self, row: int, count: int = SEGMENT_FRAMES) -> Pcm:
        """(640 count,) samples of `count` rows from `row` on."""
        first, last = row * SAMPLES_PER_FRAME, (row + count) * SAMPLES_PER_FRAME
        with self._reading(f"the audio from row {row} on", SegmentError):
            return np.asarray(self._file["audio/pcm"][first:last])

    def boxes(self, row: int, count: int) -> npt.NDArray[np.float32]:
        """(count, 4) the squares that were cropped, from `row` on; NaN without a picture."""
        with self._reading(f"the boxes from row {row} on", SegmentError):
            return np.asarray(self._file["frames/box"][row : row + count])

    def stored_rows(self) -> StoredRows | None:
        """The crops and the audio for threads, also after the shard is closed.

        None where the file holds them in a form that only HDF5 can read.
        """
        with self._reading("the place of its rows"):
            return find_rows(self._file, self._decoder)

    def log_mel(self, segment: int) -> LogMel:
        """(80, 64) log-mel of a scoring segment."""
        with self._reading(f"log-mel of segment {segment}", SegmentError):
            return np.asarray(self._file["segments/log_mel"][segment])

    def _reading(
        self, what: str, kind: type[ShardError] = ShardError
    ) -> AbstractContextManager[None]:
        """Turn whatever fails in the block into one sentence."""
        return reading(self.path, what, kind)

    def _lacks(self, name: str) -> bool:
        """Whether the shard has no such column, and need not have it."""
        return name in DEFAULTS and name not in self._file

    def _periods(self, videos: int) -> list[list[Period]]:
        """The manipulated periods of each of so many videos.

        Raises:
            ValueError: a period does not run forward, or names a video that does not exist.
        """
        found: list[list[Period]] = [[] for _ in range(videos)]
        if "periods" not in self._file:
            return found
        names = ("video", "start", "end", "visual", "audio")
        columns = [self.column(f"periods/{name}").tolist() for name in names]
        for video, start, end, visual, audio in zip(*columns, strict=True):
            if video >= videos:
                raise ValueError(
                    f"a period belongs to video {video}, of which there are {videos}"
                )
            found[video].append(Period(start, end, visual, audio))
        return found

    def _check_content(self, file: IO[bytes] | None) -> None:
        """Check settings, lengths, references and descriptions of videos.

        Raises:
            ShardError: they are damaged or do not fit together.
        """
        # All of it is read now, so that damage is found when the shard is opened, not hours later.
        _ = self.settings
        with self._reading("its description"):
            size = (
                file.seek(0, os.SEEK_END)
                if file is not None
                else file_state(self._file.id.get_vfd_handle()).size
            )
            fault = next(storage_faults(self._file, size), None)
            # The content is read only where the storage is right: it may claim any length.
            if fault is None:
                crop_bytes = self.size("frames/bytes")
                fault = next(
                    content_faults(self.column, crop_bytes, self.frame_size), None
                )
        if fault is not None:
            raise ShardError(
                f"{self.path}: {fault}; remove the shard and run `avdf prep` again"
            )
        # Descriptions of videos are checked as they are read.
        _ = self.videos


def _is_checked(path: Path, state: FileState | None) -> bool:
    """Whether the file was found right and has not changed since."""
    with _checked_lock:
        return state is not None and _checked.get(path) == state


def _note_checked(path: Path, state: FileState | None) -> None:
    if state is not None:
        with _checked_lock:
            _checked[path] = state


def _download(path: Path) -> None:
    """Have the file on this machine.

    Raises:
        ShardError: there is no such shard, or it cannot be downloaded.
    """
    bring(path)
    if not path.is_file():
        # Another process may just have removed it to make room for another shard.
        bring(path)
    if not path.is_file():
        raise ShardError(f"{path}: no such shard; run `avdf prep` to build it")
