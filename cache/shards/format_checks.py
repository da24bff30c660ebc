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
    OPTIONAL,
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
    has_periods = "periods" in file
    # Each group is looked at once, and not again for each of its columns.
    groups: dict[str, h5py.Group] = {}
    for name, kind, row in _expected_columns(has_periods):
        table, _, leaf = name.partition("/")
        if table not in groups:
            groups[table] = _child(file, table, path, name)
        # Some columns may be missing, but a column that is there must be right.
        may_be_missing = name in OPTIONAL or (is_version_1 and name in ADDED_IN_2)
        if may_be_missing and leaf not in groups[table]:
            continue
        dataset = _child(groups[table], leaf, path, name)
        _check_is_stored_here(dataset, name, path)
        found_type, shape = dataset.dtype, dataset.shape
        if kind is None:
            right_type = h5py.check_string_dtype(found_type) is not None
        else:
            right_type = found_type == kind
        if not right_type or shape[1:] != row:
            raise ShardError(
                f"{path}: {name} is {found_type}{shape}, unlike the format; rebuild it"
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


def _child(parent: h5py.Group, child: str, path: Path, name: str) -> h5py.Group:
    """What a group holds under a name. Links are refused: they could lead to any file.

    Args:
        name: of the column, for messages.
    """
    if not isinstance(parent, h5py.Group) or child not in parent:
        raise ShardError(
            f"{path}: {name} is missing; rebuild the shard with `avdf prep`"
        )
    link = parent.id.links.get_info(child.encode())
    if link.type != h5py.h5l.TYPE_HARD:
        raise ShardError(
            f"{path}: {name} is a link, which is not allowed; "
            "rebuild the shard with `avdf prep`"
        )
    return parent[child]


def _check_is_stored_here(dataset: object, name: str, path: Path) -> None:
    """Refuse external storage: with it a shard could read any file of the machine."""
    if isinstance(dataset, h5py.Dataset):
        plan = dataset.id.get_create_plist()
        outside = plan.get_external_count() > 0
        if not outside and plan.get_layout() != h5py.h5d.VIRTUAL:
            return
    raise ShardError(
        f"{path}: {name} is not a plain dataset of this file; rebuild the shard"
    )
