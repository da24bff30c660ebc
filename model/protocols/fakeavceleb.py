"""Protocols on FakeAVCeleb v1.2 (Khalid et al. 2021): the paper's, and others that detectors are compared by."""

from collections.abc import Mapping, Sequence

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols.draws import cells, identity_of, ranked

DATASET = "fakeavceleb"
VIDEOS = 21_544
# the paper, "Datasets"; counts of the file lists
ETHNIC = {
    "Asian (South)": "train",
    "Asian (East)": "train",
    "Caucasian (American)": "train",
    "African": "val",
    "Caucasian (European)": "test",
}
ETHNIC_COUNTS = {"train": 12_762, "val": 4_089, "test": 4_693}
# Table 2; FVRA-FS and FVRA-GAN are in none of the five
CATEGORIES = ("RVFA", "FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL")
FOLD_VIDEOS = 2_000  # of each of 500 identities one video of each of four types
_KINDS = {
    (REAL, REAL): "RealVideo-RealAudio",
    (REAL, FAKE): "RealVideo-FakeAudio",
    (FAKE, REAL): "FakeVideo-RealAudio",
    (FAKE, FAKE): "FakeVideo-FakeAudio",
}
FOLDS = ("1", "2", "3", "4", "5")


def own(videos: Sequence[VideoInfo], name: str) -> list[VideoInfo]:
    """FakeAVCeleb's videos among those given.

    Raises:
        SettingsError: there are none.
    """
    found = [video for video in videos if video.dataset == DATASET]
    if not found:
        raise SettingsError(
            f"protocol {name} is for FakeAVCeleb, of which no video is here; use another --protocol"
        )
    return found


def ethnic(videos: Sequence[VideoInfo], _: str) -> dict[str, str]:
    """The paper's split by ethnic group: no identity is in two splits."""
    return {
        video.id: ETHNIC[video.group]
        for video in own(videos, "fakeavceleb-ethnic")
        if video.group in ETHNIC
    }


def leave_one_out(videos: Sequence[VideoInfo], held_out: str) -> dict[str, str]:
    """Table 2: train and validate on four categories, test on the fifth; real videos by the ethnic split.

    Validation has none of the category either: what it decides (thresholds, the best epoch) must not have seen it.
    """
    mine = own(videos, "fakeavceleb-leave-one-out")
    by_group = ethnic(mine, "")
    found = {}
    for video in mine:
        split = by_group.get(video.id, "")
        seen = video.label == REAL or (video.category in CATEGORIES and video.category != held_out)
        wanted = video.label == REAL or video.category == held_out if split == "test" else seen
        if split and wanted:
            found[video.id] = split
    return found


def five_folds(videos: Sequence[VideoInfo], fold: str) -> dict[str, str]:
    """Subject-independent folds over 2,000 balanced videos: of each identity one video of each of the four types.

    Fold k tests, fold k + 1 validates, three train. Identities are dealt within each group and gender.
    """
    mine = own(videos, "fakeavceleb-5-fold")
    place = {
        name: number % len(FOLDS)
        for members in cells(mine).values()
        for number, name in enumerate(ranked(members, "fakeavceleb-5-fold"))
    }
    kinds: dict[tuple[str, int, int], list[str]] = {}
    for video in mine:
        kinds.setdefault((identity_of(video), video.label_visual, video.label_audio), []).append(
            video.id
        )
    test = FOLDS.index(fold)
    roles = {test: "test", (test + 1) % len(FOLDS): "val"}
    return {
        ranked(ids, "fakeavceleb-5-fold")[0]: roles.get(place[identity], "train")
        for (identity, *_), ids in kinds.items()
    }


def fold_shortfall(videos: Sequence[VideoInfo], splits: Mapping[str, str], fold: str) -> list[str]:
    """How many of the 2,000 videos of the folds are not there, and whose."""
    kinds: dict[str, set[tuple[int, int]]] = {}
    for video in videos:
        if video.dataset == DATASET:
            kinds.setdefault(identity_of(video), set()).add((video.label_visual, video.label_audio))
    lacking = [f"{name} has no {word}" for name, own in sorted(kinds.items()) for kind, word in _KINDS.items()
               if kind not in own]  # fmt: skip
    few = f"{FOLD_VIDEOS:,} videos are wanted, {len(splits):,} are listed here"
    shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
    told = [f"{few}: {shown}" if lacking else few] if len(splits) != FOLD_VIDEOS else []
    return [*told, *shortfall(videos, splits, fold)]


def shortfall(videos: Sequence[VideoInfo], splits: Mapping[str, str], fold: str) -> list[str]:
    """What is missing from the whole dataset, and from the fold."""
    mine = [video for video in videos if video.dataset == DATASET]
    found = []
    if len(mine) != VIDEOS:
        found.append(f"FakeAVCeleb v1.2 has {VIDEOS} videos, {len(mine)} are listed here")
    if fold in CATEGORIES and not any(
        video.category == fold for video in mine if splits.get(video.id) == "test"
    ):
        found.append(f"no video of category {fold} to test on")
    for split in ("train", "val", "test"):
        labels = {video.label for video in mine if splits.get(video.id) == split}
        for label in (REAL, FAKE):
            if label not in labels:
                found.append(f"no {label_name(label)} video in {split}")
    return found
