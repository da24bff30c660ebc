"""The rows of FakeAVCeleb's `meta_data.csv`, however a copy of the dataset spells them."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.pipeline.sources.fakeavceleb_folders import plain

_REQUIRED = {"source", "method", "type", "race", "gender", "path"}
_FOLDER_DEPTH = 4  # type / race / gender / identity
_SEPARATORS = re.compile(r"[/\\]")
_IDENTITY = re.compile(r"(?<![A-Za-z0-9])id\d{5}(?!\d)")


@dataclass(frozen=True)
class FakeAvCelebRow:
    """What one row says, as the dataset itself spells it.

    source     identity of the person whose video it is
    type_name  folder of the type, such as `FakeVideo-RealAudio`
    folder     parts of the path: type, race, gender, identity
    targets    the others who are seen or heard; in a face swap the first is the one on screen
    """

    source: str
    method: str
    type_name: str
    race: str
    gender: str
    file: str
    folder: tuple[str, ...]
    targets: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Path of the file from the root of the dataset."""
        return "/".join((*self.folder, self.file))


@dataclass(frozen=True)
class RowFault:
    """A row that is not understood: what it names, and why it cannot be used."""

    name: str
    reason: str


def read_table(
    path: Path,
    types: Sequence[str],
) -> Iterator[FakeAvCelebRow | RowFault]:
    """The rows of the table, in order.

    Args:
        types: the dataset's own names of its types.

    Raises:
        SourceError: it is not a CSV file in UTF-8, or a column is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            _check_header(path, header)
            for values in reader:
                if any(values):
                    where = f"{path.name}, line {reader.line_num}"
                    yield _read_row(header, values, types, where)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"{path}: not a CSV file in UTF-8 ({error}); unpack the archive again"
        ) from None


def _check_header(path: Path, header: Sequence[str]) -> None:
    named = [name for name in header if name]
    missing = sorted(_REQUIRED - set(named))
    if missing:
        raise SourceError(
            f"{path}: no column {', '.join(missing)} in the header ({', '.join(named)})"
        )


def _read_row(
    header: Sequence[str],
    values: Sequence[str],
    types: Sequence[str],
    where: str,
) -> FakeAvCelebRow | RowFault:
    """A row; the last part of `where` is part of the reason of a fault."""
    row = dict(zip(header, (value.strip() for value in values), strict=False))
    file_name = row.get("filename") or row.get("vid") or row.get("path", "")
    folder = _folder_of(header, values, row, file_name)
    try:
        return _understand(row, file_name, folder, types)
    except (KeyError, ValueError) as error:
        reason = f"no value for {error}" if isinstance(error, KeyError) else str(error)
        parts = [*_SEPARATORS.split(folder)[-_FOLDER_DEPTH:], file_name]
        line = where.rpartition(", ")[2]
        return RowFault("/".join(parts).strip("/") or where, f"{line}: {reason}")


def _folder_of(
    header: Sequence[str],
    values: Sequence[str],
    row: Mapping[str, str],
    file_name: str,
) -> str:
    """The folder that a row names: in a column `path` of its own, or without a column's name.

    The original has ten values under nine names: the tenth is the folder, and `path` is the file.
    """
    if file_name != row.get("path", ""):
        return row["path"]
    names = [name for name in header if name]
    return values[len(names)] if len(values) > len(names) else ""


def _understand(
    row: Mapping[str, str],
    file_name: str,
    folder: str,
    types: Sequence[str],
) -> FakeAvCelebRow:
    """The row in the dataset's own spelling.

    Raises:
        KeyError: a value is missing.
        ValueError: a value is not one of the dataset's.
    """
    type_name, race = (
        _spelled_as(row["type"], types),
        _spelled_as(row["race"], ETHNIC_SPLIT),
    )
    if type_name is None or race is None:
        wrong = (
            f"type {row['type']!r}" if type_name is None else f"race {row['race']!r}"
        )
        raise ValueError(f"{wrong} is not one of FakeAVCeleb's")
    parts = tuple(part for part in _SEPARATORS.split(folder) if part)[-_FOLDER_DEPTH:]
    if len(parts) < _FOLDER_DEPTH:
        parts = (type_name, race, row["gender"], row["source"])
    own_folder = (type_name, race, parts[2], parts[3])
    file = _SEPARATORS.split(file_name)[-1]
    if not file or not all(own_folder) or ".." in (file, *own_folder):
        raise ValueError(f"{'/'.join((*own_folder, file))!r} is not the path of a file")
    return FakeAvCelebRow(
        source=row["source"],
        method=row["method"].lower(),
        type_name=type_name,
        race=race,
        gender=row["gender"],
        file=file,
        folder=own_folder,
        targets=_targets(row, file),
    )


def _spelled_as(name: str, known: Iterable[str]) -> str | None:
    """A type or race as the dataset spells it; None if it is none of the known ones."""
    spellings = list(known)
    if name in spellings:
        return name
    return next((right for right in spellings if plain(right) == plain(name)), None)


def _targets(row: Mapping[str, str], file: str) -> tuple[str, ...]:
    """Who takes part in a video beside its source, each once: the first target first.

    The columns of targets also hold `-` and pieces of file names, and some targets are named in
    the file's name alone.
    """
    columns = f"{row.get('target1', '')} {row.get('target2', '')}"
    named = [*_IDENTITY.findall(columns), *_IDENTITY.findall(file)]
    return tuple(name for name in dict.fromkeys(named) if name != row["source"])
