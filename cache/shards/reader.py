"""Reading one shard, checked when it is opened."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self, get_args

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError, ShardError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.shards.checks import content_faults, storage_faults
from avdf.cache.shards.codec import CodecName, decode_frame
from avdf.cache.shards.mirror import bring, read_mirror
from avdf.cache.shards.schema import (
    ADDED_IN_2,
    COLUMNS,
    FIXED_ATTRIBUTES,
    FORMAT,
    PERIOD_COLUMNS,
    READABLE_VERSIONS,
    SHARD_GLOB,
    VIDEO_NUMBERS,
    VIDEO_TEXTS,
)

_LARGEST_FRAME = 4096  # px
# What h5py, numpy and our own rows raise when the bytes of a file are not what its description says.
_DAMAGE = (
    OSError, KeyError, TypeError, ValueError, RuntimeError, IndexError, AttributeError, OverflowError, MemoryError,
)  # fmt: skip
_checked: dict[
    Path, tuple[int, int]
] = {}  # shards whose structure was found right: bytes and time of last change
_lock = threading.Lock()


class Shard:
    """A shard opened for reading. Columns are read when asked for; use it as a context manager, or `close()` it.

    Raises:
        ShardError: it is not a shard, is of another version, holds links to other files, lacks a column, or its
            tracks, segments and offsets do not fit together. Whatever is read later raises ShardError too.
    """

    def __init__(self, path: Path, file: IO[bytes] | None = None) -> None:
        """`file`: read from this instead; `path` is then only its name."""
        self.path = path
        if file is None:
            bring(path)
        if file is None and not path.is_file():
            bring(path)  # another process made room just now
        if file is None and not path.is_file():
            raise ShardError(f"{path}: no such shard; run `avdf prep` to build it")
        try:
            self._file = h5py.File(file or path, "r")
        except (OSError, RuntimeError, ValueError) as error:
            raise ShardError(
                f"{path}: not a readable HDF5 file ({_first_line(error)}); remove it and run `avdf prep` again"
            ) from None
        try:
            with self._reading("its description"):
                self._check()
                self.codec = str(self._file.attrs["frame_codec"])
                self.frame_size = int(self._file.attrs["frame_size"])
                self._check_attributes()
            self._check_structure(file)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def _reading(self, what: str, kind: type[ShardError] = ShardError) -> Iterator[None]:
        """Whatever fails while the file is read becomes one sentence."""
        try:
            yield
        except _DAMAGE as error:
            raise kind(
                f"{self.path}: {what} cannot be read ({_first_line(error)}); "
                "the file is damaged: remove it and run `avdf prep` again"
            ) from None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All that shaped the content, as it was written."""
        with self._reading("the attribute settings"):
            try:
                found = json.loads(self._file.attrs["settings"])
            except RecursionError:
                found = None
            if not isinstance(found, dict):
                raise ValueError("not a JSON object")
        return found

    def column(self, name: str) -> npt.NDArray[Any]:
        """A whole column, e.g. `tracks/frame`; texts come as an array of str.

        A column that the shard's version lacks comes with the value that such shards stand for.
        """
        with self._reading(name):
            if name in ADDED_IN_2 and name not in self._file:
                group = name.partition("/")[0]
                kind = COLUMNS[name][0] if name in COLUMNS else object
                return np.full(
                    self.size({"tracks": "tracks/video", "videos": "videos/id"}[group]),
                    ADDED_IN_2[name],
                    kind,
                )
            dataset = self._file[name]
            if h5py.check_string_dtype(dataset.dtype):
                return np.asarray(dataset.asstr()[()], dtype=object)
            return np.asarray(dataset[()])

    def size(self, name: str) -> int:
        """The number of rows of a column."""
        if name in ADDED_IN_2 and name not in self._file:
            return len(self.column(name))
        with self._reading(name):
            return int(self._file[name].shape[0])

    @cached_property
    def videos(self) -> tuple[VideoInfo, ...]:
        """One row per video, in the shard's order, with its manipulated periods."""
        columns = {name: self.column(f"videos/{name}") for name in (*VIDEO_TEXTS, *VIDEO_NUMBERS)}
        names = [name for name in columns if name in VideoInfo.__dataclass_fields__]
        try:
            periods = self._periods(len(columns["id"]))
            return tuple(
                VideoInfo(
                    **{name: _plain(columns[name][row]) for name in names if name != "synthetic"},
                    synthetic=bool(columns["synthetic"][row]),
                    periods=tuple(periods.get(row, ())),
                )
                for row in range(len(columns["id"]))
            )
        except ValueError as error:
            raise ShardError(f"{self.path}: {error}; rebuild the shard with `avdf prep`") from None

    def _periods(self, videos: int) -> dict[int, list[Period]]:
        """The periods of each video by its row.

        Raises:
            ValueError: a period does not run forward, or is of a video that is not there.
        """
        found: dict[int, list[Period]] = {}
        if "periods" in self._file:
            names = ("video", "start", "end", "visual", "audio")
            columns = [self.column(f"periods/{name}").tolist() for name in names]
            for video, start, end, visual, audio in zip(*columns, strict=True):
                if video >= videos:
                    raise ValueError(
                        f"a period belongs to video {video}, of which there are {videos}"
                    )
                found.setdefault(video, []).append(Period(start, end, visual, audio))
        return found

    @cached_property
    def offsets(self) -> npt.NDArray[np.uint64]:
        """(rows + 1,) positions of the crops in `frames/bytes`."""
        return self.column("frames/offset")

    def crops(self, row: int, count: int = SEGMENT_FRAMES) -> list[npt.NDArray[np.uint8]]:
        """The bytes of `count` crops from `row` on, one array each."""
        with self._reading(f"the crops from row {row} on", SegmentError):
            edges = self.offsets[row : row + count + 1].astype(np.int64)
            data = self._file["frames/bytes"][edges[0] : edges[-1]]
            return np.split(data, edges[1:-1] - edges[0])

    def images(self, row: int, count: int = SEGMENT_FRAMES) -> npt.NDArray[np.uint8]:
        """(count, size, size, 3) RGB crops from `row` on."""
        return self.decode(self.crops(row, count), row)

    def decode(
        self,
        crops: Sequence[npt.NDArray[np.uint8]],
        row: int,
        out: npt.NDArray[np.uint8] | None = None,
    ) -> npt.NDArray[np.uint8]:
        """(len(crops), size, size, 3) RGB of crops whose first is row `row`, into `out` where that is given.

        Does not touch the file.

        Raises:
            SegmentError: a crop is damaged; the message names its row.
        """
        codec, size = self.codec, self.frame_size
        images = np.empty((len(crops), size, size, 3), np.uint8) if out is None else out
        for index, crop in enumerate(crops):
            try:
                decode_frame(crop, codec, size, images[index])
            except ValueError as error:
                raise SegmentError(
                    f"{self.path}: crop of row {row + index} cannot be decoded ({error}); rebuild the shard"
                ) from None
        return images

    def pcm(self, row: int, count: int = SEGMENT_FRAMES) -> npt.NDArray[np.int16]:
        """(640 count,) samples of `count` rows from `row` on."""
        first = row * SAMPLES_PER_FRAME
        with self._reading(f"the sound from row {row} on", SegmentError):
            return np.asarray(self._file["audio/pcm"][first : first + count * SAMPLES_PER_FRAME])

    def log_mel(self, segment: int) -> npt.NDArray[np.float16]:
        """(80, 64) log-mel of a scoring segment."""
        with self._reading(f"log-mel of segment {segment}", SegmentError):
            return np.asarray(self._file["segments/log_mel"][segment])

    def _check(self) -> None:
        attributes = self._file.attrs
        if attributes.get("format") != FORMAT:
            raise ShardError(
                f"{self.path}: an HDF5 file, but not an avdf shard; point to a folder made by `avdf prep`"
            )
        if (version := int(attributes.get("format_version", -1))) not in READABLE_VERSIONS:
            raise ShardError(
                f"{self.path}: shard format version {version}, this avdf reads {_listed(READABLE_VERSIONS)}; "
                "build the shards again with `avdf prep`"
            )
        for name in ("frame_codec", "frame_size", "settings"):
            if name not in attributes:
                raise ShardError(f"{self.path}: the attribute {name} is missing; rebuild the shard")
        for name, value in FIXED_ATTRIBUTES.items():
            if attributes.get(name) != value:
                raise ShardError(
                    f"{self.path}: {name} is {attributes.get(name)}, expected {value}; rebuild the shard"
                )
        absent = (
            set(ADDED_IN_2) - {name for name in ADDED_IN_2 if name in self._file}
            if version == 1
            else set()
        )
        for name in (f"videos/{text}" for text in VIDEO_TEXTS):
            if name not in absent:
                self._check_column(name, None, ())
        optional = PERIOD_COLUMNS if "periods" in self._file else {}
        for name, (kind, row) in (COLUMNS | optional).items():
            if name not in absent:
                self._check_column(name, kind, row)

    def _check_attributes(self) -> None:
        if self.codec not in get_args(CodecName) or not 1 <= self.frame_size <= _LARGEST_FRAME:
            raise ShardError(
                f"{self.path}: crops are {self.codec[:40]!r} of {self.frame_size} px, unlike the format; rebuild it"
            )
        _ = self.settings

    def _check_structure(self, file: IO[bytes] | None) -> None:
        """Once for each file: a shard that was right and has not changed since is not looked at again."""
        state = None
        if file is None:
            now = self.path.stat()
            state = (now.st_size, now.st_mtime_ns)
        with _lock:
            if state is not None and _checked.get(self.path) == state:
                return
        with self._reading("its description"):
            size = state[0] if state is not None else file.seek(0, os.SEEK_END) if file else 0
            fault = next(storage_faults(self._file, size), None)
            fault = fault or next(
                content_faults(self.column, self.size("frames/bytes"), self.frame_size), None
            )
        if fault is not None:
            raise ShardError(f"{self.path}: {fault}; remove the shard and run `avdf prep` again")
        _ = self.videos
        if state is not None:
            with _lock:
                _checked[self.path] = state

    def _check_column(self, name: str, kind: type[np.generic] | None, row: tuple[int, ...]) -> None:
        """Only plain datasets inside this file: a link or external storage could read any file of the machine."""
        group, _, leaf = name.partition("/")
        for parent, child in ((self._file, group), (self._file.get(group), leaf)):
            link = (
                parent.get(child, getlink=True)
                if isinstance(parent, h5py.Group) and child in parent
                else None
            )
            if not isinstance(link, h5py.HardLink):
                what = "is missing" if link is None else "is a link, which is not allowed"
                raise ShardError(f"{self.path}: {name} {what}; rebuild the shard with `avdf prep`")
        dataset = self._file[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
            raise ShardError(
                f"{self.path}: {name} is not a plain dataset of this file; rebuild the shard"
            )
        typed = (
            dataset.dtype == kind if kind else h5py.check_string_dtype(dataset.dtype) is not None
        )
        if not typed or dataset.shape[1:] != row:
            raise ShardError(
                f"{self.path}: {name} is {dataset.dtype}{dataset.shape}, unlike the format; rebuild it"
            )


def _listed(versions: Sequence[int]) -> str:
    return "versions " + " and ".join(str(version) for version in versions)


def _first_line(error: BaseException) -> str:
    """What an error of HDF5 says, on one line and not too long."""
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def shard_paths(folder: Path) -> list[Path]:
    """The shards of a folder (or one shard's own path), in order; of a mirror, those that it can bring.

    Raises:
        ShardError: nothing there.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ShardError(
            f"{folder}: no such folder; name one that `avdf prep SOURCE --out FOLDER` made"
        )
    mirror = read_mirror(folder)
    paths = (
        [folder / name for name in mirror.versions] if mirror else sorted(folder.glob(SHARD_GLOB))
    )
    if not paths:
        raise ShardError(
            f"{folder}: no shards here; name a folder that `avdf prep SOURCE --out FOLDER` made"
        )
    return paths


def open_shards(folder: Path) -> Iterator[Shard]:
    """Each shard of a folder in turn, closed when the next is asked for.

    Raises:
        ShardError: one cannot be read, or holds a video that another holds too.
    """
    places: dict[str, Path] = {}
    for path in shard_paths(folder):
        with Shard(path) as shard:
            only_once(places, path, [info.id for info in shard.videos])
            yield shard


def only_once(places: dict[str, Path], path: Path, ids: Sequence[str]) -> None:
    """Note which shard holds which video.

    Raises:
        ShardError: another shard holds one of them too.
    """
    for name in ids:
        if (other := places.setdefault(name, path)) != path:
            raise ShardError(
                f"{path}: the video {name!r} is in {other.name} too and would count twice; "
                "remove one of the two shards and run the same `avdf prep` again"
            )
