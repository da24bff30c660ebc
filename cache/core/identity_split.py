"""Splits by identity: all videos of a person are in one split. Pure functions."""

from collections.abc import Sequence

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identities import identity_of, in_hash_order
from avdf.cache.core.video import SPLITS, VideoInfo

# Datasets whose test labels are not published -> what to do instead.
WITHOUT_TEST = {
    "av-deepfake1m": (
        "AV-Deepfake1M has no labelled test split: judge on its validation split (val)"
    ),
}
DEFAULT_FRACTIONS = (0.7, 0.15, 0.15)  # train, val, test


def split_by_identity(
    videos: Sequence[VideoInfo],
    seed: int = 0,
    fractions: tuple[float, float, float] = DEFAULT_FRACTIONS,
) -> tuple[str, ...]:
    """A split for each video, from the names of the identities and the seed alone.

    A video without an identity counts as an identity of its own. If there are at least three
    identities, each split gets at least one.

    Args:
        fractions: of the identities in train, val and test.

    Raises:
        SettingsError: the fractions are negative or do not sum to 1.
    """
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise SettingsError(
            f"split fractions {fractions} must not be negative and must sum to 1"
        )
    ranked = in_hash_order((identity_of(video) for video in videos), str(seed))
    least = 1 if len(ranked) >= len(SPLITS) else 0
    _, val_fraction, test_fraction = fractions
    val = max(least, round(len(ranked) * val_fraction))
    test = max(least, round(len(ranked) * test_fraction))

    split_of = dict.fromkeys(ranked, "train")
    split_of.update(dict.fromkeys(ranked[:val], "val"))
    split_of.update(dict.fromkeys(ranked[val : val + test], "test"))
    return tuple(split_of[identity_of(video)] for video in videos)


def splits_of(
    videos: Sequence[VideoInfo], seed: int = 0
) -> tuple[tuple[str, ...], dict[str, bool]]:
    """The splits that each dataset gives; for a dataset that gives none, splits by identity.

    Returns:
        A split for each video, '' where a dataset with splits gives this video none; and for each
        dataset whether it gives splits.
    """
    gives_splits = dict.fromkeys((video.dataset for video in videos), False)
    for video in videos:
        gives_splits[video.dataset] |= bool(video.split)
    without = [video for video in videos if not gives_splits[video.dataset]]
    by_identity = iter(split_by_identity(without, seed))
    splits = tuple(
        video.split if gives_splits[video.dataset] else next(by_identity)
        for video in videos
    )
    return splits, gives_splits
