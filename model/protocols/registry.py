"""Protocols by name: `NAME`, `NAME/FOLD`, or the path of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.model.protocols import fakeavceleb, general, kodf
from avdf.model.protocols.assignment import Assignment, Splits, Videos
from avdf.model.protocols.split_table import read_split_table

DATASET = "dataset"

Assign = Callable[[Videos, str], Splits]
Shortfall = Callable[[Videos, Splits, str], Sequence[str]]


def _no_shortfall(
    _videos: Videos,
    _splits: Splits,
    _fold: str,
) -> Sequence[str]:
    return ()


def _kodf_shortfall(
    videos: Videos,
    splits: Splits,
    _fold: str,
) -> Sequence[str]:
    return kodf.kodf_shortfall(videos, splits)


@dataclass(frozen=True)
class Protocol:
    """One protocol.

    version    changes when the same videos would be split in another way
    title      one line for people
    assign     videos, fold -> split of each video that takes part
    folds      names of the folds; one empty name if there are none
    shortfall  videos, their splits, fold -> sentences on what the protocol misses among them
    """

    name: str
    version: int
    title: str
    assign: Assign
    folds: tuple[str, ...] = ("",)
    shortfall: Shortfall = _no_shortfall

    @property
    def names(self) -> tuple[str, ...]:
        """The names that users write: with each fold, if there are folds."""
        return tuple(
            f"{self.name}/{fold}" if fold else self.name for fold in self.folds
        )


_LIST = (
    Protocol(
        name="fakeavceleb-ethnic",
        version=1,
        title="FakeAVCeleb by ethnic group (the paper, Tables 1, 4, 5)",
        assign=fakeavceleb.ethnic,
        shortfall=fakeavceleb.ethnic_shortfall,
    ),
    Protocol(
        name="fakeavceleb-leave-one-out",
        version=1,
        title="FakeAVCeleb, one category held out (the paper, Table 2)",
        assign=fakeavceleb.leave_one_out,
        folds=fakeavceleb.CATEGORIES,
        shortfall=fakeavceleb.shortfall,
    ),
    Protocol(
        name="fakeavceleb-5-fold",
        version=1,
        title="FakeAVCeleb, 5 subject-independent folds of 2,000 balanced videos",
        assign=fakeavceleb.five_folds,
        folds=fakeavceleb.FOLDS,
        shortfall=fakeavceleb.fold_shortfall,
    ),
    Protocol(
        name="identity-disjoint",
        version=2,
        title="identities in 62 / 7 / 31 %, any dataset",
        assign=general.identity_disjoint,
    ),
    Protocol(
        name="targets-disjoint",
        version=1,
        title=(
            "identity-disjoint without videos whose source and targets are in different splits"
        ),
        assign=general.targets_disjoint,
    ),
    Protocol(
        name="kodf-subset",
        version=1,
        title="KoDF, 100 real and 100 fake sampled with a seed (after the paper, Table 3)",
        assign=kodf.kodf_subset,
        folds=(*kodf.DRAWS, kodf.ALL_DRAWS),
        shortfall=_kodf_shortfall,
    ),
    Protocol(
        name="all-test",
        version=1,
        title="every video tested: across datasets",
        assign=general.all_test,
    ),
)
PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _LIST}


def assign(
    name: str,
    videos: Videos,
    seed: int = 0,
) -> Assignment:
    """The splits of a protocol over all listed videos, prepared or not.

    Args:
        name: `dataset` (the dataset's own splits, or by identity), a protocol, `PROTOCOL/FOLD`, or
            `FILE.csv[/FOLD]`.
        seed: of splits by identity under `dataset`.

    Raises:
        SettingsError: there is no such protocol or fold, or none of the videos can take part.
    """
    found = _assign(name, videos, seed)
    notes = general.notes_of(videos, found.splits)
    return replace(found, notes=tuple(notes))


def check_protocol(name: str) -> None:
    """Check that a protocol exists, without any videos.

    Raises:
        SettingsError: it is unknown, or its table is missing.
    """
    path, _ = _as_table(name)
    if path is not None and not path.is_file():
        raise SettingsError(
            f"{path}: No such file or directory; a protocol is {DATASET}, a name, or a CSV file"
        )
    if path is None and name != DATASET:
        _find(name)


def _assign(
    name: str,
    videos: Videos,
    seed: int,
) -> Assignment:
    if name == DATASET:
        splits, title, version = general.of_dataset(videos, seed)
        return Assignment(name, version, title, splits)

    path, fold = _as_table(name)
    if path is not None:
        splits, missing = read_split_table(path, fold, videos)
        # The folder of the table is not part of its name: the same table may lie anywhere.
        short = f"{path.name}/{fold}" if fold else path.name
        return Assignment(short, 1, "from a file", splits, tuple(missing))

    protocol, fold = _find(name)
    splits = protocol.assign(videos, fold)
    missing = list(protocol.shortfall(videos, splits, fold))
    return Assignment(
        name=name,
        version=protocol.version,
        title=protocol.title,
        splits=splits,
        shortfall=tuple(missing),
    )


def _find(name: str) -> tuple[Protocol, str]:
    """The protocol and the fold that a name stands for."""
    short, _, fold = name.partition("/")
    protocol = PROTOCOLS.get(short)
    if protocol is None:
        raise SettingsError(
            f"protocol {name!r} is unknown; use {DATASET}, {', '.join(PROTOCOLS)}, or a CSV file"
        )
    if fold not in protocol.folds:
        raise SettingsError(
            f"protocol {short} needs a fold: one of {', '.join(protocol.names)}"
        )
    return protocol, fold


def _as_table(name: str) -> tuple[Path | None, str]:
    """The table that a name stands for, and its fold; None where it stands for none."""
    if name.endswith(".csv"):
        return Path(name), ""
    parent, _, fold = name.rpartition("/")
    if parent.endswith(".csv"):
        return Path(parent), fold
    return None, ""
