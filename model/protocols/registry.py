"""Protocols by name. `NAME`, `NAME/FOLD`, or the path of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import fakeavceleb, general
from avdf.model.protocols.assignment import Assignment

DATASET = "dataset"


@dataclass(frozen=True)
class Protocol:
    """One protocol: how it assigns the videos of a fold, and what it misses among them."""

    name: str
    version: int
    title: str
    assign: Callable[[Sequence[VideoInfo], str], dict[str, str]]
    folds: tuple[str, ...] = ("",)
    shortfall: Callable[[Sequence[VideoInfo], Mapping[str, str], str], Sequence[str]] = (
        lambda _videos, _splits, _: ()
    )

    @property
    def names(self) -> tuple[str, ...]:
        """As they are asked for."""
        return tuple(f"{self.name}/{fold}" if fold else self.name for fold in self.folds)


def _ethnic_shortfall(
    videos: Sequence[VideoInfo], splits: Mapping[str, str], fold: str
) -> list[str]:
    counts = {split: list(splits.values()).count(split) for split in fakeavceleb.ETHNIC_COUNTS}
    few = [
        f"{wanted} videos of {split} are wanted, {counts[split]} are listed here"
        for split, wanted in fakeavceleb.ETHNIC_COUNTS.items()
        if counts[split] != wanted
    ]
    return [*few, *fakeavceleb.shortfall(videos, splits, fold)]


def _kodf_shortfall(videos: Sequence[VideoInfo], splits: Mapping[str, str], _: str) -> list[str]:
    return general.kodf_shortfall(videos, splits)


_LIST = (
    Protocol(
        "fakeavceleb-ethnic", 1, "FakeAVCeleb by ethnic group (the paper, Tables 1, 4, 5)",
        fakeavceleb.ethnic, shortfall=_ethnic_shortfall,
    ),
    Protocol(
        "fakeavceleb-leave-one-out", 1, "FakeAVCeleb, one category held out (the paper, Table 2)",
        fakeavceleb.leave_one_out, fakeavceleb.CATEGORIES, fakeavceleb.shortfall,
    ),
    Protocol(
        "fakeavceleb-5-fold", 1, "FakeAVCeleb, 5 subject-independent folds of 2,000 balanced videos",
        fakeavceleb.five_folds, fakeavceleb.FOLDS, fakeavceleb.fold_shortfall,
    ),
    Protocol("identity-disjoint", 2, "identities in 62 / 7 / 31 %, any dataset", general.identity_disjoint),
    Protocol(
        "targets-disjoint", 1, "identity-disjoint without videos whose source and targets are in different splits",
        general.targets_disjoint,
    ),
    Protocol(
        "kodf-subset", 1, "KoDF, 100 real and 100 fake drawn by a seed (after the paper, Table 3)",
        general.kodf_subset, (*general.DRAWS, general.ALL_DRAWS), _kodf_shortfall,
    ),
    Protocol("all-test", 1, "every video tested: across datasets", general.all_test),
)  # fmt: skip
PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _LIST}


def assign(name: str, videos: Sequence[VideoInfo], seed: int = 0) -> Assignment:
    """The splits of a protocol over all listed videos, prepared or not.

    Args:
        name: `dataset` (the dataset's own splits, or by identity), a protocol, `PROTOCOL/FOLD`, `FILE.csv[/FOLD]`.
        seed: of splits by identity under `dataset`.

    Raises:
        SettingsError: there is no such protocol or fold, or none of the videos can take part.
    """
    found = _assign(name, videos, seed)
    return replace(found, notes=tuple(general.notes_of(videos, found.splits)))


def _assign(name: str, videos: Sequence[VideoInfo], seed: int) -> Assignment:
    if name == DATASET:
        splits, title, version = general.of_dataset(videos, seed)
        return Assignment(name, version, title, splits)
    path, fold = _as_file(name)
    if path is not None:
        splits, missing = general.from_file(path, fold, videos)
        return Assignment(
            Path(name).name if not fold else f"{path.name}/{fold}",
            1,
            "from a file",
            splits,
            (*missing,),
        )
    protocol, fold = _find(name)
    splits = protocol.assign(videos, fold)
    return Assignment(
        name,
        protocol.version,
        protocol.title,
        splits,
        tuple(protocol.shortfall(videos, splits, fold)),
    )


def _find(name: str) -> tuple[Protocol, str]:
    short, _, fold = name.partition("/")
    protocol = PROTOCOLS.get(short)
    if protocol is None:
        raise SettingsError(
            f"protocol {name!r} is unknown; use {DATASET}, {', '.join(PROTOCOLS)}, or a CSV file"
        )
    if fold not in protocol.folds:
        raise SettingsError(f"protocol {short} needs a fold: one of {', '.join(protocol.names)}")
    return protocol, fold


def check_protocol(name: str) -> None:
    """Look whether a protocol is there, without any videos.

    Raises:
        SettingsError: it is unknown, or its file is missing.
    """
    path, _ = _as_file(name)
    if path is not None and not path.is_file():
        raise SettingsError(
            f"{path}: No such file or directory; a protocol is {DATASET}, a name, or a CSV file"
        )
    if path is None and name != DATASET:
        _find(name)


def _as_file(name: str) -> tuple[Path | None, str]:
    """The table that a name stands for, with its fold; None where it stands for none."""
    if name.endswith(".csv"):
        return Path(name), ""
    parent, _, fold = name.rpartition("/")
    return (Path(parent), fold) if parent.endswith(".csv") else (None, "")
