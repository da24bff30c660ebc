"""Protocols on any dataset, on KoDF, and from a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avdf.cache.errors import SettingsError
from avdf.cache.split import splits_of
from avdf.cache.tables import TableKind, read_rows
from avdf.cache.video import FAKE, REAL, SPLITS, VideoInfo
from avdf.model.protocols.draw import cells, identity_of, ranked

DRAWS = tuple(str(number) for number in range(10))
ALL_DRAWS = "all-draws"  # what any of the ten draws holds: scored once for all of them
SUBSET = 100  # real, and as many fake
_IDENTITY_SHARES = {"test": 0.31, "val": 0.07}  # of FakeAVCeleb's 21,544: 13,380 / 1,497 / 6,667 in use elsewhere
_SILENT = "fsgan"  # KoDF's only method without sound: it cannot be prepared
_TABLE = TableKind(("id", "split"), SettingsError, "`avdf protocol NAME SOURCE --out FILE` writes such a table")


def of_dataset(videos: Sequence[VideoInfo], seed: int) -> tuple[dict[str, str], str]:
    """The splits that the dataset gives, or, where it gives none at all, splits by identity; and which of the two."""
    splits, given = splits_of(videos, seed)
    title = "splits given by the dataset" if given else f"splits by identity, seed {seed}"
    return {video.id: split for video, split in zip(videos, splits, strict=True) if split}, title


def all_test(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """Every video is tested: for a detector that was trained on another dataset."""
    return {video.id: "test" for video in videos}


def identity_disjoint(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """62 % of the identities of each group and gender train, 7 % validate, 31 % test."""
    split_of: dict[str, str] = {}
    for members in cells(videos).values():
        names = ranked(members, "identity-disjoint")
        test = round(len(names) * _IDENTITY_SHARES["test"])
        val = round(len(names) * _IDENTITY_SHARES["val"]) or int(len(names) > test + 1)
        for number, name in enumerate(names):
            split_of.setdefault(name, "test" if number < test else "val" if number < test + val else "train")
    return {video.id: split_of[identity_of(video)] for video in videos}


def kodf_subset(videos: Sequence[VideoInfo], draw: str) -> dict[str, str]:
    """100 real and 100 fake videos with sound, drawn by a seed; the fakes in turn from each method.

    The paper's own subset is not published; ten draws show how much such a choice matters.
    """
    if draw == ALL_DRAWS:
        return {name: split for one in DRAWS for name, split in kodf_subset(videos, one).items()}
    mine = [video for video in videos if video.dataset == "kodf"]
    if not mine:
        raise SettingsError("protocol kodf-subset is for KoDF, of which no video is here; use another --protocol")
    salt = f"kodf-subset:{draw}"
    reals = ranked((video.id for video in mine if video.label == REAL), salt)[:SUBSET]
    methods: dict[str, list[str]] = {}
    for video in mine:
        if video.label == FAKE and video.method != _SILENT:
            methods.setdefault(video.method, []).append(video.id)
    queues = [ranked(ids, salt) for _, ids in sorted(methods.items())]
    turns = [queue[turn] for turn in range(max(map(len, queues), default=0)) for queue in queues if turn < len(queue)]
    return dict.fromkeys([*reals, *turns[:SUBSET]], "test")


def kodf_shortfall(videos: Sequence[VideoInfo], splits: Mapping[str, str]) -> list[str]:
    """How many videos fewer than 100 + 100 there are."""
    chosen = [video.label for video in videos if video.id in splits]
    return [
        f"{SUBSET} {word} videos are wanted, {chosen.count(label)} with sound are listed here"
        for label, word in ((REAL, "real"), (FAKE, "fake"))
        if chosen.count(label) < SUBSET
    ]


def from_file(path: Path, fold: str, videos: Sequence[VideoInfo]) -> tuple[dict[str, str], list[str]]:
    """A table `id,split[,fold]`, as `avdf protocol --out` writes it; and the videos of it that are not listed here.

    Raises:
        SettingsError: it cannot be read, lacks a column, or has another split.
    """
    rows = [row for _, row in read_rows(path, _TABLE)]
    if not rows:
        raise SettingsError(f"{path}: lists no videos; {_TABLE.advice}")
    if wrong := sorted({row["split"] or "" for row in rows} - set(SPLITS)):
        raise SettingsError(f"{path}: split {wrong[0]!r} is not one of {', '.join(SPLITS)}")
    folds = sorted({row.get("fold") or "" for row in rows})
    if fold not in folds:
        raise SettingsError(f"{path}: no fold {fold!r}; it has {', '.join(map(repr, folds))} (write FILE/FOLD)")
    splits = {row["id"]: row["split"] for row in rows if (row.get("fold") or "") == fold}
    known = {video.id for video in videos}
    missing = [name for name in splits if name not in known]
    told = [f"{len(missing)} videos of {path.name} are not listed here: {', '.join(missing[:20])}"] if missing else []
    return splits, told
