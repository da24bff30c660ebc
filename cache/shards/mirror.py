"""Shards that lie elsewhere (any fsspec URL): a folder on this machine that brings each when it is first opened.

The folder looks like any other folder of shards to whoever reads it. What it holds at a time is bounded: the least
recently opened shards make room. `AVDF_CACHE` says where such folders are, `AVDF_CACHE_GB` how much each may hold (50).
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

import fsspec

from avdf.cache.core.errors import SettingsError, ShardError
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.cache.shards.schema import SHARD_GLOB

MIRROR_FILE = "mirror.json"
_DEFAULT_GB = 50.0


@dataclass(frozen=True)
class Mirror:
    """What `mirror.json` says: where the shards are, and which versions of them."""

    url: str
    versions: dict[str, str]  # shard -> what changes when its content does
    most_bytes: int
    sizes: dict[str, int] = field(default_factory=dict)  # shard -> bytes


def is_url(place: str) -> bool:
    """Whether a place is a URL and not a path."""
    return "://" in place


def shard_folder(place: str | Path) -> Path:
    """The folder to read shards from: the path itself, or the mirror of a URL, brought up to date.

    Raises:
        ShardError: no shards there, or it cannot be reached.
        SettingsError: `AVDF_CACHE_GB` is no number.
    """
    if not isinstance(place, str) or not is_url(place):
        return Path(place)
    url = place.rstrip("/")
    with _reaching(url):
        system, root = fsspec.core.url_to_fs(url)
        names = {
            str(path).rsplit("/", maxsplit=1)[-1]: str(path)
            for path in system.glob(f"{root}/{SHARD_GLOB}")
        }
        if not names:
            raise ShardError(
                f"{url}: no shards (shard-*.h5) here; copy a folder made by `avdf prep` there"
            )
        found = {name: system.info(path) for name, path in sorted(names.items())}
        versions = {name: _version(info) for name, info in found.items()}
        sizes = {name: int(info.get("size") or 0) for name, info in found.items()}
        beside = (
            system.cat_file(f"{root}/{VIDEOS_FILE}")
            if system.exists(f"{root}/{VIDEOS_FILE}")
            else None
        )
    folder = _cache_root() / hashlib.sha256(url.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder):
        known = read_mirror(folder)
        for name, version in (known.versions if known else {}).items():
            if versions.get(name) != version:
                (folder / name).unlink(missing_ok=True)
                index_file(folder / name).unlink(missing_ok=True)
        if beside is not None:
            with durable_file(folder / VIDEOS_FILE) as partial:  # others may be reading it
                partial.write_bytes(beside)
        mirror = Mirror(url, versions, _most_bytes(), sizes)
        write_text(folder / MIRROR_FILE, json.dumps(asdict(mirror), indent=1))
    return folder


def read_mirror(folder: Path) -> Mirror | None:
    """What a folder mirrors; None where it is an ordinary one."""
    file = folder / MIRROR_FILE
    if not file.is_file():
        return None
    try:
        return Mirror(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError, RecursionError):
        raise ShardError(
            f"{file}: not what avdf wrote; remove the folder, it is only a copy"
        ) from None


class SmallMirrorWarning(UserWarning):
    """A mirror that cannot hold what is read from it over and over."""


def warn_of_small_mirror(shards: Iterable[Path]) -> None:
    """Say before training starts that shards would be brought again and again, since their mirror is too small."""
    by_folder: dict[Path, set[str]] = {}
    for path in shards:
        by_folder.setdefault(path.parent, set()).add(path.name)
    for folder, names in by_folder.items():
        mirror = read_mirror(folder)
        needed = sum(mirror.sizes.get(name, 0) for name in names) if mirror else 0
        if mirror is not None and needed > mirror.most_bytes:
            gigabytes = needed / 1e9
            warnings.warn(
                f"{mirror.url}: the {len(names)} shards to read take {gigabytes:.2f} GB and the mirror here holds "
                f"{mirror.most_bytes / 1e9:.2f}, so that most are downloaded again in every epoch; "
                f"set AVDF_CACHE_GB={math.ceil(gigabytes * 10) / 10:.1f} or more, or copy them to this machine",
                SmallMirrorWarning,
                stacklevel=2,
            )


def bring(path: Path) -> None:
    """Have a shard here, if its folder is a mirror; the least recently opened make room for it.

    Raises:
        ShardError: it cannot be brought.
    """
    mirror = read_mirror(path.parent)
    if mirror is None or path.name not in mirror.versions:
        return
    with folder_lock(path.parent):
        if not path.is_file():
            with _reaching(mirror.url):
                system, root = fsspec.core.url_to_fs(mirror.url)
                _make_room(
                    path.parent, mirror.most_bytes - int(system.size(f"{root}/{path.name}") or 0)
                )
                with durable_file(path) as partial:
                    system.get_file(f"{root}/{path.name}", str(partial))
        os.utime(path)


@contextmanager
def opened_there(path: Path) -> Iterator[Any]:
    """A shard of a mirror as a file object, of which only what is looked at is fetched."""
    mirror = read_mirror(path.parent)
    assert mirror is not None
    with _reaching(mirror.url):
        system, root = fsspec.core.url_to_fs(mirror.url)
        with system.open(f"{root}/{path.name}", "rb") as file:
            yield file


def index_file(path: Path) -> Path:
    """Where a mirror keeps what is in a shard, so that it need not be asked for again."""
    return path.with_suffix(".index.json")


def _make_room(folder: Path, most: int) -> None:
    """Remove the least recently opened shards until those that stay take at most so many bytes."""
    shards = sorted(folder.glob(SHARD_GLOB), key=lambda path: path.stat().st_mtime_ns)
    held = sum(path.stat().st_size for path in shards)
    for path in shards:
        if held <= most:
            return
        held -= path.stat().st_size
        path.unlink()  # whoever has it open reads on


def _version(info: Mapping[str, Any]) -> str:
    return str(info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("size"))


def _cache_root() -> Path:
    return Path(os.environ.get("AVDF_CACHE") or Path.home() / ".cache" / "avdf")


def _most_bytes() -> int:
    text = os.environ.get("AVDF_CACHE_GB", str(_DEFAULT_GB))
    try:
        return int(float(text) * 1e9)
    except ValueError:
        raise SettingsError(f"AVDF_CACHE_GB is {text!r}; give a number of gigabytes") from None


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """What storage libraries raise, as one sentence."""
    try:
        yield
    except ShardError:
        raise
    except ImportError as error:
        raise ShardError(
            f"{url}: {error}; install the package that reads this kind of place, e.g. s3fs"
        ) from None
    except Exception as error:  # each of dozens of storages has errors of its own
        first = " ".join(str(error).split())[:200]
        raise ShardError(f"{url}: cannot be read ({type(error).__name__}: {first})") from None
