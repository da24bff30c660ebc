"""Protocols on any dataset, on KoDF, and from a file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identity_split import WITHOUT_TEST, splits_of
from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.protocols.draws import cells, identity_of, people_of, ranked, shared_out
from avdf.model.protocols.id_matching import match_ids, refuse_mostly_unknown

DRAWS = tuple(str(number) for number in range(10))
ALL_DRAWS = "all-draws"  # what any of the ten draws holds: scored once for all of them
SUBSET = 100  # real, and as many fake
_IDENTITY_SHARES = {"test": 0.31, "val": 0.07, "train": 0.62}
_SILENT = "fsgan"  # KoDF's only method without sound: it cannot be prepared
_TABLE = TableKind(
    ("split",), SettingsError, "`avdf protocol NAME SOURCE --out FILE` writes such a table"
)


def of_dataset(videos: Sequence[VideoInfo], seed: int) -> tuple[dict[str, str], str, int]:
    """The splits that each dataset gives, or, where one gives none at all, splits by identity.

    Returns:
        Splits, a title that says which of the two, and the version: 2 where it is decided for each dataset apart.
    """
    splits, given = splits_of(videos, seed)
    names = {
        kind: ", ".join(name or "unnamed" for name, own in given.items() if own is kind)
        for kind in (True, False)
    }
    if names[True] and names[False]:
        title = (
            f"splits given by the dataset: {names[True]}; by identity, seed {seed}: {names[False]}"
        )
    else:
        title = "splits given by the dataset" if names[True] else f"splits by identity, seed {seed}"
    version = 2 if names[True] and names[False] else 1
    return (
        {video.id: split for video, split in zip(videos, splits, strict=True) if split},
        title,
        version,
    )


def all_test(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """Every video is tested: for a detector that was trained on another dataset."""
    return {video.id: "test" for video in videos}


def identity_disjoint(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """62 % of the identities train, 7 % validate, 31 % test, as nearly as can be in each group and gender too."""
    split_of = shared_out(cells(videos), _IDENTITY_SHARES, "identity-disjoint")
    return {video.id: split_of[identity_of(video)] for video in videos}


def targets_disjoint(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """The split of `identity-disjoint`, without videos whose people are not all in one split.

    A face swap shows its target. Those who are a target only have no video of their own: they are shared out as well.
    """
    split_of = shared_out(cells(videos), _IDENTITY_SHARES, "identity-disjoint")
    others = sorted({name for video in videos for name in video.targets.split()} - split_of.keys())
    split_of |= shared_out({("", ""): others}, _IDENTITY_SHARES, "targets-disjoint")
    found = {}
    for video in videos:
        splits = {split_of[name] for name in people_of(video)}
        if len(splits) == 1:
            found[video.id] = splits.pop()
    return found


def notes_of(videos: Sequence[VideoInfo], splits: Mapping[str, str]) -> list[str]:
    """What a reader of figures under these splits must know: people met again in the test, a test without labels."""
    found = []
    trained = {identity_of(video) for video in videos if splits.get(video.id) == "train"}
    tested = [video for video in videos if splits.get(video.id) == "test"]
    again = sum(not trained.isdisjoint(people_of(video)) for video in tested)
    if again:
        found.append(
            f"{again} of {len(tested)} test videos show or let hear somebody whose own videos are in training "
            "(protocol targets-disjoint has none)"
        )
    datasets = {video.dataset for video in videos if video.id in splits}
    found += [what for name, what in WITHOUT_TEST.items() if name in datasets and not tested]
    return found


def kodf_subset(videos: Sequence[VideoInfo], draw: str) -> dict[str, str]:
    """100 real and 100 fake videos with sound, drawn by a seed; the fakes in turn from each method.

    The paper's own subset is not published; ten draws show how much such a choice matters.
    """
    if draw == ALL_DRAWS:
        return {name: split for one in DRAWS for name, split in kodf_subset(videos, one).items()}
    mine = [video for video in videos if video.dataset == "kodf"]
    if not mine:
        raise SettingsError("protocol kodf-subset is for KoDF, of which no video is here")
    salt = f"kodf-subset:{draw}"
    reals = ranked((video.id for video in mine if video.label == REAL), salt)[:SUBSET]
    methods: dict[str, list[str]] = {}
    for video in mine:
        if video.label == FAKE and video.method != _SILENT:
            methods.setdefault(video.method, []).append(video.id)
    queues = [ranked(ids, salt) for _, ids in sorted(methods.items())]
    turns = [
        queue[turn]
        for turn in range(max(map(len, queues), default=0))
        for queue in queues
        if turn < len(queue)
    ]
    return dict.fromkeys([*reals, *turns[:SUBSET]], "test")


def kodf_shortfall(videos: Sequence[VideoInfo], splits: Mapping[str, str]) -> list[str]:
    """How many videos fewer than 100 + 100 there are."""
    chosen = [video.label for video in videos if video.id in splits]
    return [
        f"{SUBSET} {label_name(label)} videos are wanted, {chosen.count(label)} with sound are listed here"
        for label in (REAL, FAKE)
        if chosen.count(label) < SUBSET
    ]


def from_file(
    path: Path, fold: str, videos: Sequence[VideoInfo]
) -> tuple[dict[str, str], list[str]]:
    """A table `id,split[,fold]`, as `avdf protocol --out` writes it, or `identity,split[,fold]`; and what is not here.

    Ids may be spelled in another way (`match_ids`). Those that are not listed keep their split.

    Raises:
        SettingsError: it cannot be read, lacks a column, has another split, or a name in two; most is not listed.
    """
    rows = [row for _, row in read_rows(path, _TABLE)]
    if not rows:
        raise SettingsError(f"{path}: lists no videos; {_TABLE.advice}")
    key = next((name for name in ("id", "identity") if name in rows[0]), "")
    if not key:
        raise SettingsError(f"{path}: no columns id,split or identity,split; {_TABLE.advice}")
    if wrong := sorted({row["split"] or "" for row in rows} - set(SPLITS)):
        raise SettingsError(f"{path}: split {wrong[0]!r} is not one of {', '.join(SPLITS)}")
    folds = sorted({row.get("fold") or "" for row in rows})
    if fold not in folds:
        raise SettingsError(
            f"{path}: no fold {fold!r}; it has {', '.join(map(repr, folds))} (write FILE/FOLD)"
        )
    given = _one_split_each(
        path, ((row[key], row["split"]) for row in rows if (row.get("fold") or "") == fold)
    )
    if key == "identity":
        return _by_identity(path, given, videos)
    ids = [video.id for video in videos]
    meant = match_ids(given, ids)
    missing = [name for name in given if name not in meant]
    refuse_mostly_unknown(path, list(given), missing, ids, meant.values(), "id")
    splits = _one_split_each(
        path, ((meant.get(name, name), split) for name, split in given.items())
    )
    told = (
        [f"{len(missing)} videos of {path.name} are not listed here: {', '.join(missing[:20])}"]
        if missing
        else []
    )
    return splits, told


def _by_identity(
    path: Path, given: Mapping[str, str], videos: Sequence[VideoInfo]
) -> tuple[dict[str, str], list[str]]:
    people = {identity_of(video) for video in videos}
    missing = [name for name in given if name not in people]
    refuse_mostly_unknown(path, list(given), missing, sorted(people), given, "identity")
    told = (
        [f"{len(missing)} people of {path.name} have no video here: {', '.join(missing[:20])}"]
        if missing
        else []
    )
    return {
        video.id: given[identity_of(video)] for video in videos if identity_of(video) in given
    }, told


def _one_split_each(path: Path, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, split in pairs:
        if not name:
            raise SettingsError(f"{path}: a row names nobody; fill in its first column")
        if found.setdefault(name, split) != split:
            raise SettingsError(
                f"{path}: {name} is in {found[name]} and in {split}; keep one of the two rows"
            )
    return found
