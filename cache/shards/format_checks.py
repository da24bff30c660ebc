"""Whether an HDF5 file is a shard: its attributes, its columns and their types."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import h5py
import numpy as np

from avdf.cache.core.errors import ShardError
from avdf.cache.shards.codec import CodecName
from avdf.cache.shards.schema import (
    ADDED_IN_2,
    COLUMNS,
    FIXED_ATTRIBUTES,
    FORMAT,
    PERIOD_COLUMNS,
    READABLE_VERSIONS,
    VIDEO_TEXTS,
)

_LARGEST_FRAME = 4096  # pixels
# The attributes whose values differ from shard to shard.
_FREE_ATTRIBUTES = ("frame_codec", "frame_size", "settings")


def check_format(file: h5py.File, path: Path) -> None:
    """Refuse a file that is not a shard of a version that this avdf reads.

    Raises:
        ShardError: an attribute or a column is missing, or is not what the format says. What h5py
            raises on a damaged file passes through.
    """
    _check_attributes(file.attrs, path)
    _check_columns(file, path)
    _check_crops(file.attrs, path)


def _check_attributes(attributes: h5py.AttributeManager, path: Path) -> None:
    if attributes.get("format") != FORMAT:
        raise ShardError(
            f"{path}: an HDF5 file, but not an avdf shard; point to a folder made by `avdf prep`"
        )
    version = int(attributes.get("format_version", -1))
    if version not in READABLE_VERSIONS:
        readable = " and ".join(str(number) for number in READABLE_VERSIONS)
        raise ShardError(
            f"{path}: shard format version {version}, this avdf reads versions {readable}; "
            "build the shards again with `avdf prep`"
        )
    for name in _FREE_ATTRIBUTES:
        if name not in attributes:
            raise ShardError(
                f"{path}: the attribute {name} is missing; rebuild the shard"
            )
    for name, value in FIXED_ATTRIBUTES.items():
        if attributes.get(name) != value:
            raise ShardError(
                f"{path}: {name} is {attributes.get(name)}, expected {value}; rebuild the shard"
            )


def _check_crops(attributes: h5py.AttributeManager, path: Path) -> None:
    codec, size = str(attributes["frame_codec"]), int(attributes["frame_size"])
    if codec not in get_args(CodecName) or not 1 <= size <= _LARGEST_FRAME:
        raise ShardError(
            f"{path}: crops are {codec[:40]!r} of {size} px, unlike the format; rebuild it"
        )


def _check_columns(file: h5py.File, path: Path) -> None:
    is_version_1 = int(file.attrs["format_version"]) == 1
    for name, kind, row in _expected_columns("periods" in file):
        # Version 1 lacks some columns, but a column that is there must be right.
        if is_version_1 and name in ADDED_IN_2 and name not in file:
            continue
        _check_is_stored_here(file, name, path)
        dataset = file[name]
        if kind is None:
            right_type = h5py.check_string_dtype(dataset.dtype) is not None
        else:
            right_type = dataset.dtype == kind
        if not right_type or dataset.shape[1:] != row:
            raise ShardError(
                f"{path}: {name} is {dataset.dtype}{dataset.shape}, unlike the format; rebuild it"
            )


def _expected_columns(
    has_periods: bool,
) -> Iterator[tuple[str, type[np.generic] | None, tuple[int, ...]]]:
    """(name, type, shape of a row) of each column; the type of texts is None."""
    for name in VIDEO_TEXTS:
        yield f"videos/{name}", None, ()
    columns = COLUMNS | (PERIOD_COLUMNS if has_periods else {})
    for name, (kind, row) in columns.items():
        yield name, kind, row


def _check_is_stored_here(file: h5py.File, name: str, path: Path) -> None:
    """Refuse links and external storage: with them a shard could read any file of the machine."""
    group, _, leaf = name.partition("/")
    for parent, child in ((file, group), (file.get(group), leaf)):
        has_child = isinstance(parent, h5py.Group) and child in parent
        link = parent.get(child, getlink=True) if has_child else None
        if not isinstance(link, h5py.HardLink):
            what = "is missing" if link is None else "is a link, which is not allowed"
            raise ShardError(
                f"{path}: {name} {what}; rebuild the shard with `avdf prep`"
            )
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
        raise ShardError(
            f"{path}: {name} is not a plain dataset of this file; rebuild the shard"
        )
