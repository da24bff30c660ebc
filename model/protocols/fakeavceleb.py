"""Protocols on FakeAVCeleb v1.2 (Khalid et al. 2021): the paper's, and folds that others use."""

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.ethnic_split import ETHNIC_SPLIT
from avdf.cache.core.identities import identity_of, in_hash_order
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.model.protocols.assignment import Splits, Videos
from avdf.model.protocols.shares import identities_by_cell

DATASET = "fakeavceleb"
VIDEOS = 21_544
# Videos of each split by ethnic group, counted in the dataset's lists.
ETHNIC_COUNTS = {"train": 12_762, "val": 4_089, "test": 4_693}
# The five of Table 2. FVRA-FS and FVRA-GAN are in none of them.
CATEGORIES = ("RVFA", "FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL")
FOLDS = ("1", "2", "3", "4", "5")
FOLD_VIDEOS = 2_000  # of each of 500 identities one video of each of four kinds

# (label_visual, label_audio) -> the dataset's name for it.
_KINDS = {
    (REAL, REAL): "RealVideo-RealAudio",
    (REAL, FAKE): "RealVideo-FakeAudio",
    (FAKE, REAL): "FakeVideo-RealAudio",
    (FAKE, FAKE): "FakeVideo-FakeAudio",
}
_FIVE_FOLD = "fakeavceleb-5-fold"
_SHOWN = 5  # identities in a message


def ethnic(videos: Videos, _fold: str) -> Splits:
    """The paper's split by ethnic group: no identity is in two splits."""
    return {
        video.id: ETHNIC_SPLIT[video.group]
        for video in _own(videos, "fakeavceleb-ethnic")
        if video.group in ETHNIC_SPLIT
    }


def ethnic_shortfall(
    videos: Videos,
    splits: Splits,
    fold: str,
) -> list[str]:
    """Which splits have not as many videos as the paper's, and what else is missing."""
    chosen = list(splits.values())
    found = []
    for split, wanted in ETHNIC_COUNTS.items():
        count = chosen.count(split)
        if count != wanted:
            found.append(
                f"{wanted} videos of {split} are wanted, {count} are listed here"
            )
    return [*found, *shortfall(videos, splits, fold)]


def leave_one_out(videos: Videos, held_out: str) -> Splits:
    """Table 2: four categories train and validate, the fifth is tested; the rest as in `ethnic`.

    Validation has none of the fifth category either: it decides thresholds and the best epoch,
    which must not have seen it.
    """
    own = _own(videos, "fakeavceleb-leave-one-out")
    ethnic_split = ethnic(own, "")
    found = {}
    for video in own:
        split = ethnic_split.get(video.id, "")
        if video.label == REAL:
            wanted = True
        elif split == "test":
            wanted = video.category == held_out
        else:
            wanted = video.category in CATEGORIES and video.category != held_out
        if split and wanted:
            found[video.id] = split
    return found


def five_folds(videos: Videos, fold: str) -> Splits:
    """Subject-independent folds over 2,000 videos: of each identity one of each of the four kinds.

    Fold k is tested, fold k + 1 validates, three train. The identities of each group and gender
    are spread over all folds.
    """
    own = _own(videos, _FIVE_FOLD)
    fold_of: dict[str, int] = {}
    for members in identities_by_cell(own).values():
        for number, name in enumerate(in_hash_order(members, _FIVE_FOLD)):
            fold_of[name] = number % len(FOLDS)
    ids: dict[tuple[str, int, int], list[str]] = {}
    for video in own:
        kind = (identity_of(video), video.label_visual, video.label_audio)
        ids.setdefault(kind, []).append(video.id)

    test = FOLDS.index(fold)
    val = (test + 1) % len(FOLDS)
    roles = {test: "test", val: "val"}
    found = {}
    for (identity, _visual, _audio), same in ids.items():
        first = in_hash_order(same, _FIVE_FOLD)[0]
        found[first] = roles.get(fold_of[identity], "train")
    return found


def fold_shortfall(
    videos: Videos,
    splits: Splits,
    fold: str,
) -> list[str]:
    """How many of the 2,000 videos of the folds are missing, of whom, and what else is missing."""
    found = []
    if len(splits) != FOLD_VIDEOS:
        few = f"{FOLD_VIDEOS:,} videos are wanted, {len(splits):,} are listed here"
        lacking = _lacking_kinds(videos)
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        if lacking:
            few += f": {', '.join(lacking[:_SHOWN])}{more}"
        found.append(few)
    return [*found, *shortfall(videos, splits, fold)]


def _lacking_kinds(videos: Videos) -> list[str]:
    """`NAME has no RealVideo-FakeAudio`, for each identity and each kind that it lacks."""
    kinds: dict[str, set[tuple[int, int]]] = {}
    for video in videos:
        if video.dataset == DATASET:
            kind = (video.label_visual, video.label_audio)
            kinds.setdefault(identity_of(video), set()).add(kind)
    found: list[str] = []
    for name, own in sorted(kinds.items()):
        lacking = [word for kind, word in _KINDS.items() if kind not in own]
        found += [f"{name} has no {word}" for word in lacking]
    return found


def shortfall(
    videos: Videos,
    splits: Splits,
    fold: str,
) -> list[str]:
    """What is missing from the dataset, of the category that is held out, and in each split."""
    own = [video for video in videos if video.dataset == DATASET]
    found = []
    if len(own) != VIDEOS:
        found.append(
            f"FakeAVCeleb v1.2 has {VIDEOS} videos, {len(own)} are listed here"
        )
    tested = {video.category for video in own if splits.get(video.id) == "test"}
    if fold in CATEGORIES and fold not in tested:
        found.append(f"no video of category {fold} to test on")
    for split in SPLITS:
        labels = {video.label for video in own if splits.get(video.id) == split}
        for label, word in ((REAL, "real"), (FAKE, "fake")):
            if label not in labels:
                found.append(f"no {word} video in {split}")
    return found


def _own(videos: Videos, protocol: str) -> list[VideoInfo]:
    """FakeAVCeleb's videos among those given.

    Raises:
        SettingsError: there are none.
    """
    found = [video for video in videos if video.dataset == DATASET]
    if not found:
        raise SettingsError(
            f"protocol {protocol} is for FakeAVCeleb, of which no video is here; "
            "use another protocol"
        )
    return found
