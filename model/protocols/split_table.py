"""A protocol from a table: `id,split[,fold]` or `identity,split[,fold]`."""

from collections.abc import Iterable
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identities import identity_of
from avdf.cache.core.video import SPLITS
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.protocols.assignment import Splits, Videos
from avdf.model.protocols.id_matching import match_ids, refuse_mostly_unknown

_TABLE = TableKind(
    ("split",),
    SettingsError,
    "`avdf protocol NAME SOURCE --out FILE` writes such a table",
)
_SHOWN = 20  # names of missing videos in a message


def read_split_table(
    path: Path,
    fold: str,
    videos: Videos,
) -> tuple[Splits, list[str]]:
    """The splits of a table.

    Ids may be spelled in another way than here (`match_ids`). Those that are not listed here are
    kept under the table's spelling.

    Returns:
        Id -> split; and a sentence on the names that are not listed here, if there are any.

    Raises:
        SettingsError: the table cannot be read, lacks a column or the fold, has an unknown split,
            puts a name into two splits, or lists mostly names that are not here.
    """
    key, given = _read(path, fold)
    if key == "identity":
        return _by_identity(path, given, videos)
    return _by_id(path, given, videos)


def _read(path: Path, fold: str) -> tuple[str, dict[str, str]]:
    """The name of the first column, and name -> split of one fold."""
    rows = [row for _, row in read_rows(path, _TABLE)]
    if not rows:
        raise SettingsError(f"{path}: lists no videos; {_TABLE.advice}")
    key = next((name for name in ("id", "identity") if name in rows[0]), "")
    if not key:
        raise SettingsError(
            f"{path}: no columns id,split or identity,split; {_TABLE.advice}"
        )
    wrong = {row["split"] or "" for row in rows} - set(SPLITS)
    if wrong:
        raise SettingsError(
            f"{path}: split {min(wrong)!r} is not one of {', '.join(SPLITS)}"
        )
    folds = {row.get("fold") or "" for row in rows}
    if fold not in folds:
        known = ", ".join(repr(name) for name in sorted(folds))
        raise SettingsError(
            f"{path}: no fold {fold!r}; it has {known} (write FILE/FOLD)"
        )
    chosen = [row for row in rows if (row.get("fold") or "") == fold]
    pairs = [(row[key], row["split"]) for row in chosen]
    return key, _one_split_each(path, pairs)


def _by_id(
    path: Path,
    given: Splits,
    videos: Videos,
) -> tuple[Splits, list[str]]:
    ids = [video.id for video in videos]
    meant = match_ids(given, ids)
    missing = [name for name in given if name not in meant]
    refuse_mostly_unknown(
        path,
        given=list(given),
        missing=missing,
        listed=ids,
        used=meant.values(),
        what="id",
    )
    # Two spellings of one video must not give it two splits.
    pairs = ((meant.get(name, name), split) for name, split in given.items())
    splits = _one_split_each(path, pairs)
    if not missing:
        return splits, []
    what = f"{len(missing)} videos of {path.name} are not listed here"
    return splits, [f"{what}: {', '.join(missing[:_SHOWN])}"]


def _by_identity(
    path: Path,
    given: Splits,
    videos: Videos,
) -> tuple[Splits, list[str]]:
    identities = {identity_of(video) for video in videos}
    missing = [name for name in given if name not in identities]
    refuse_mostly_unknown(
        path,
        given=list(given),
        missing=missing,
        listed=sorted(identities),
        used=given,
        what="identity",
    )
    splits = {}
    for video in videos:
        name = identity_of(video)
        if name in given:
            splits[video.id] = given[name]
    if not missing:
        return splits, []
    what = f"{len(missing)} persons of {path.name} have no video here"
    return splits, [f"{what}: {', '.join(missing[:_SHOWN])}"]


def _one_split_each(path: Path, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name -> split. A name may occur twice with the same split."""
    found: dict[str, str] = {}
    for name, split in pairs:
        if not name:
            raise SettingsError(f"{path}: a row has no name; fill in its first column")
        if found.setdefault(name, split) != split:
            raise SettingsError(
                f"{path}: {name} is in {found[name]} and in {split}; keep one of the two rows"
            )
    return found
