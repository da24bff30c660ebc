"""Mirrors: folders on this machine that download shards from elsewhere when they are first opened.

Any fsspec URL can be mirrored, and a mirror is read like any other folder of shards. Its size is
bounded: the least recently opened shards are removed to make room. `AVDF_CACHE` names the folder
that holds the mirrors, `AVDF_CACHE_GB` limits each of them (default: 50).
"""

import hashlib
import json
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError, ShardError
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.cache.shards.schema import SHARD_GLOB

MIRROR_FILE = "mirror.json"
_DEFAULT_GB = 50.0


@dataclass(frozen=True)
class Mirror:
    """The content of `mirror.json`: where the shards come from, and in which version.

    url         of the folder that is mirrored
    versions    of each shard, by its file name: a text that changes when its content does
    most_bytes  that the mirror may hold
    sizes       of each shard in bytes, by its file name
    """

    url: str
    versions: dict[str, str]
    most_bytes: int
    sizes: dict[str, int] = field(default_factory=dict)


class SmallMirrorWarning(UserWarning):
    """A mirror cannot hold the shards that are read from it again and again."""


def is_url(place: str) -> bool:
    """Whether a text is a URL and not a path."""
    return "://" in place


def shard_folder(place: str | Path) -> Path:
    """The folder to read shards from: the path itself, or the mirror of a URL, brought up to date.

    Raises:
        ShardError: there are no shards, or the URL cannot be reached.
        SettingsError: `AVDF_CACHE_GB` is no number.
    """
    if not isinstance(place, str) or not is_url(place):
        return Path(place)
    url = place.rstrip("/")
    remote = _look_at(url)
    mirror = Mirror(url, remote.versions, _most_bytes(), remote.sizes)
    folder = _cache_root() / hashlib.sha256(url.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder):
        _remove_outdated(folder, mirror)
        if remote.table is not None:
            # Replaced as a whole: another process may be reading the old table.
            with durable_file(folder / VIDEOS_FILE) as partial:
                partial.write_bytes(remote.table)
        write_text(folder / MIRROR_FILE, json.dumps(asdict(mirror), indent=1))
    return folder


def read_mirror(folder: Path) -> Mirror | None:
    """What a folder mirrors; None for an ordinary folder.

    Raises:
        ShardError: its `mirror.json` cannot be understood.
    """
    file = folder / MIRROR_FILE
    if not file.is_file():
        return None
    try:
        return Mirror(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError, RecursionError):
        raise ShardError(
            f"{file}: not what avdf wrote; remove the folder, it is only a copy"
        ) from None


def warn_of_small_mirror(shards: Iterable[Path]) -> None:
    """Warn before training if a mirror is too small, so that shards are downloaded every epoch."""
    by_folder: dict[Path, set[str]] = {}
    for path in shards:
        by_folder.setdefault(path.parent, set()).add(path.name)
    for folder, names in by_folder.items():
        mirror = read_mirror(folder)
        if mirror is None:
            continue
        needed = sum(mirror.sizes.get(name, 0) for name in names)
        if needed > mirror.most_bytes:
            enough = math.ceil(needed / 1e8) / 10
            warnings.warn(
                f"{mirror.url}: the {len(names)} shards to read take {needed / 1e9:.2f} GB and the "
                f"mirror on this machine holds {mirror.most_bytes / 1e9:.2f}, so that most are "
                f"downloaded again in every epoch; set AVDF_CACHE_GB={enough:.1f} or more, or copy "
                "them to this machine",
                SmallMirrorWarning,
                stacklevel=2,
            )


def bring(path: Path) -> None:
    """Download a shard if its folder is a mirror; the least recently opened make room for it.

    Raises:
        ShardError: it cannot be downloaded.
    """
    mirror = read_mirror(path.parent)
    if mirror is None or path.name not in mirror.versions:
        return
    with folder_lock(path.parent):
        if not path.is_file():
            _download(mirror, path)
        # A file of its own: with another time, the shard would be checked again at each opening.
        _use_file(path).touch()


@contextmanager
def opened_there(path: Path) -> Iterator[Any]:
    """A shard of a mirror as a file object that downloads only the parts that are read.

    Raises:
        ShardError: it cannot be read.
    """
    mirror = read_mirror(path.parent)
    assert mirror is not None
    with (
        _storage(mirror.url) as (system, root),
        system.open(f"{root}/{path.name}", "rb") as file,
    ):
        yield file


def index_file(path: Path) -> Path:
    """Where a mirror stores the index of a shard, so that it need not be downloaded for it."""
    return path.with_suffix(".index.json")


@dataclass(frozen=True)
class _Remote:
    """What is at a URL now: the shards, and the content of the table beside them."""

    versions: dict[str, str]
    sizes: dict[str, int]
    table: bytes | None


def _look_at(url: str) -> _Remote:
    with _storage(url) as (system, root):
        paths = sorted(str(path) for path in system.glob(f"{root}/{SHARD_GLOB}"))
        if not paths:
            raise ShardError(
                f"{url}: no shards (shard-*.h5) here; copy a folder made by `avdf prep` there"
            )
        found = {path.rsplit("/", maxsplit=1)[-1]: system.info(path) for path in paths}
        table = f"{root}/{VIDEOS_FILE}"
        versions = {name: _version(info) for name, info in found.items()}
        sizes = {name: int(info.get("size") or 0) for name, info in found.items()}
        content = system.cat_file(table) if system.exists(table) else None
        return _Remote(versions, sizes, content)


def _remove_outdated(folder: Path, mirror: Mirror) -> None:
    """Remove the shards, and their indexes, whose content has changed since their download."""
    old = read_mirror(folder)
    for name, version in old.versions.items() if old else ():
        if mirror.versions.get(name) != version:
            (folder / name).unlink(missing_ok=True)
            index_file(folder / name).unlink(missing_ok=True)
            _use_file(folder / name).unlink(missing_ok=True)


def _download(mirror: Mirror, path: Path) -> None:
    with _storage(mirror.url) as (system, root):
        source = f"{root}/{path.name}"
        size = int(system.size(source) or 0)
        _make_room(path.parent, mirror.most_bytes - size)
        with durable_file(path) as partial:
            system.get_file(source, str(partial))


def _make_room(folder: Path, most_bytes: int) -> None:
    """Remove the least recently opened shards until the others take at most so many bytes."""
    shards = sorted(folder.glob(SHARD_GLOB), key=_last_use)
    held = sum(path.stat().st_size for path in shards)
    for path in shards:
        if held <= most_bytes:
            return
        held -= path.stat().st_size
        # A process that has the file open can still read it.
        path.unlink()
        _use_file(path).unlink(missing_ok=True)


def _use_file(path: Path) -> Path:
    """An empty file beside a shard; the time of its last change is that of the shard's last use."""
    return path.with_suffix(".used")


def _last_use(path: Path) -> int:
    """When a shard was last opened, in nanoseconds; if that is unknown, when it was downloaded."""
    used = _use_file(path)
    return (used if used.is_file() else path).stat().st_mtime_ns


def _version(info: Mapping[str, Any]) -> str:
    """A text that changes with the content: storages differ in what they report of a file."""
    for name in ("ETag", "etag", "mtime"):
        if info.get(name):
            return str(info[name])
    return str(info.get("size"))


def _cache_root() -> Path:
    return Path(os.environ.get("AVDF_CACHE") or Path.home() / ".cache" / "avdf")


def _most_bytes() -> int:
    text = os.environ.get("AVDF_CACHE_GB", str(_DEFAULT_GB))
    try:
        return int(float(text) * 1e9)
    except ValueError:
        raise SettingsError(
            f"AVDF_CACHE_GB is {text!r}; give a number of gigabytes"
        ) from None


@contextmanager
def _storage(url: str) -> Iterator[tuple[Any, str]]:
    """The file system of a URL and the path in it; its errors become one sentence."""
    # Imported late: shards on this machine do without.
    import fsspec

    try:
        yield fsspec.core.url_to_fs(url)
    except ShardError:
        raise
    except ImportError as error:
        raise ShardError(
            f"{url}: {error}; install the package that reads this kind of URL, e.g. s3fs"
        ) from None
    except Exception as error:  # each of dozens of storage libraries has its own errors
        reason = " ".join(str(error).split())[:200]
        raise ShardError(
            f"{url}: cannot be read ({type(error).__name__}: {reason})"
        ) from None
