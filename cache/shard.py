"""Reading one shard, checked when it is opened."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from avdf.cache.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.codec import decode_frame
from avdf.cache.errors import ShardError
from avdf.cache.mirror import bring, read_mirror
from avdf.cache.schema import (
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
from avdf.cache.video import Period, VideoInfo


class Shard:
    """A shard opened for reading. Columns are read when asked for; use it as a context manager, or `close()` it.

    Raises:
        ShardError: it is not a shard, is of another version, holds links to other files, or lacks a column.
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
        except OSError as error:
            raise ShardError(
                f"{path}: not a readable HDF5 file ({error}); remove it and run `avdf prep` again"
            ) from None
        try:
            self._check()
            self.codec = str(self._file.attrs["frame_codec"])
            self.frame_size = int(self._file.attrs["frame_size"])
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def settings(self) -> dict[str, Any]:
        """All that shaped the content, as it was written."""
        settings: dict[str, Any] = json.loads(self._file.attrs["settings"])
        return settings

    def column(self, name: str) -> npt.NDArray[Any]:
        """A whole column, e.g. `tracks/frame`; texts come as an array of str.

        A column that the shard's version lacks comes with the value that such shards stand for.
        """
        if name in ADDED_IN_2 and name not in self._file:
            group = name.partition("/")[0]
            kind = COLUMNS[name][0] if name in COLUMNS else object
            return np.full(self.size({"tracks": "tracks/video", "videos": "videos/id"}[group]), ADDED_IN_2[name], kind)
        dataset = self._file[name]
        if h5py.check_string_dtype(dataset.dtype):
            return np.asarray(dataset.asstr()[()], dtype=object)
        return np.asarray(dataset[()])

    def size(self, name: str) -> int:
        """The number of rows of a column."""
        if name in ADDED_IN_2 and name not in self._file:
            return len(self.column(name))
        return int(self._file[name].shape[0])

    @cached_property
    def videos(self) -> tuple[VideoInfo, ...]:
        """One row per video, in the shard's order, with its manipulated periods."""
        columns = {name: self.column(f"videos/{name}") for name in (*VIDEO_TEXTS, *VIDEO_NUMBERS)}
        periods = self._periods()
        names = [name for name in columns if name in VideoInfo.__dataclass_fields__]
        try:
            return tuple(
                VideoInfo(
                    **{name: _plain(columns[name][row]) for name in names if name != "synthetic"},
                    synthetic=bool(columns["synthetic"][row]),
                    periods=periods.get(row, ()),
                )
                for row in range(len(columns["id"]))
            )
        except ValueError as error:
            raise ShardError(f"{self.path}: {error}; rebuild the shard with `avdf prep`") from None

    def _periods(self) -> dict[int, tuple[Period, ...]]:
        found: dict[int, tuple[Period, ...]] = {}
        if "periods" in self._file:
            names = ("video", "start", "end", "visual", "audio")
            for video, start, end, visual, audio in zip(
                *(self.column(f"periods/{name}").tolist() for name in names), strict=True
            ):
                found[video] = (*found.get(video, ()), Period(start, end, visual, audio))
        return found

    @cached_property
    def offsets(self) -> npt.NDArray[np.uint64]:
        """(rows + 1,) positions of the crops in `frames/bytes`."""
        return self.column("frames/offset")

    def crops(self, row: int, count: int = SEGMENT_FRAMES) -> list[npt.NDArray[np.uint8]]:
        """The bytes of `count` crops from `row` on, one array each."""
        edges = self.offsets[row : row + count + 1].astype(np.int64)
        data = self._file["frames/bytes"][edges[0] : edges[-1]]
        return np.split(data, edges[1:-1] - edges[0])

    def images(self, row: int, count: int = SEGMENT_FRAMES) -> npt.NDArray[np.uint8]:
        """(count, size, size, 3) RGB crops from `row` on."""
        return self.decode(self.crops(row, count), row)

    def decode(
        self, crops: Sequence[npt.NDArray[np.uint8]], row: int, out: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.uint8]:
        """(len(crops), size, size, 3) RGB of crops whose first is row `row`, into `out` where that is given.

        Does not touch the file.

        Raises:
            ShardError: a crop is damaged; the message names its row.
        """
        codec, size = self.codec, self.frame_size
        images = np.empty((len(crops), size, size, 3), np.uint8) if out is None else out
        for index, crop in enumerate(crops):
            try:
                decode_frame(crop, codec, size, images[index])
            except ValueError as error:
                raise ShardError(
                    f"{self.path}: crop of row {row + index} cannot be decoded ({error}); rebuild the shard"
                ) from None
        return images

    def pcm(self, row: int, count: int = SEGMENT_FRAMES) -> npt.NDArray[np.int16]:
        """(640 count,) samples of `count` rows from `row` on."""
        first = row * SAMPLES_PER_FRAME
        return np.asarray(self._file["audio/pcm"][first : first + count * SAMPLES_PER_FRAME])

    def log_mel(self, segment: int) -> npt.NDArray[np.float16]:
        """(80, 64) log-mel of a scoring segment."""
        return np.asarray(self._file["segments/log_mel"][segment])

    def _check(self) -> None:
        attributes = self._file.attrs
        if attributes.get("format") != FORMAT:
            raise ShardError(f"{self.path}: an HDF5 file, but not an avdf shard; point to a folder made by `avdf prep`")
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
                raise ShardError(f"{self.path}: {name} is {attributes.get(name)}, expected {value}; rebuild the shard")
        absent = set(ADDED_IN_2) - {name for name in ADDED_IN_2 if name in self._file} if version == 1 else set()
        for name in (f"videos/{text}" for text in VIDEO_TEXTS):
            if name not in absent:
                self._check_column(name, None, ())
        optional = PERIOD_COLUMNS if "periods" in self._file else {}
        for name, (kind, row) in (COLUMNS | optional).items():
            if name not in absent:
                self._check_column(name, kind, row)

    def _check_column(self, name: str, kind: type[np.generic] | None, row: tuple[int, ...]) -> None:
        """Only plain datasets inside this file: a link or external storage could read any file of the machine."""
        group, _, leaf = name.partition("/")
        for parent, child in ((self._file, group), (self._file.get(group), leaf)):
            link = parent.get(child, getlink=True) if isinstance(parent, h5py.Group) and child in parent else None
            if not isinstance(link, h5py.HardLink):
                what = "is missing" if link is None else "is a link, which is not allowed"
                raise ShardError(f"{self.path}: {name} {what}; rebuild the shard with `avdf prep`")
        dataset = self._file[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
            raise ShardError(f"{self.path}: {name} is not a plain dataset of this file; rebuild the shard")
        typed = dataset.dtype == kind if kind else h5py.check_string_dtype(dataset.dtype) is not None
        if not typed or dataset.shape[1:] != row:
            raise ShardError(f"{self.path}: {name} is {dataset.dtype}{dataset.shape}, unlike the format; rebuild it")


def _listed(versions: Sequence[int]) -> str:
    return "versions " + " and ".join(str(version) for version in versions)


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
        raise ShardError(f"{folder}: no such folder; build shards with `avdf prep SOURCE --out {folder}`")
    mirror = read_mirror(folder)
    paths = [folder / name for name in mirror.versions] if mirror else sorted(folder.glob(SHARD_GLOB))
    if not paths:
        raise ShardError(f"{folder}: no shards here; build them with `avdf prep SOURCE --out {folder}`")
    return paths


def open_shards(folder: Path) -> Iterator[Shard]:
    """Each shard of a folder in turn, closed when the next is asked for."""
    for path in shard_paths(folder):
        with Shard(path) as shard:
            yield shard
