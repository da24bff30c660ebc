"""Splits without leaks: a person is in one split only. Pure functions."""

from collections.abc import Sequence

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identities import identity_of, in_hash_order
from avdf.cache.core.video import SPLITS, VideoInfo

# datasets whose test labels are not public -> what to do instead
WITHOUT_TEST = {
    "av-deepfake1m": "AV-Deepfake1M has no labelled test split: judge on its validation split, with --split val",
}
DEFAULT_FRACTIONS = (0.7, 0.15, 0.15)  # train, val, test


def split_by_identity(
    videos: Sequence[VideoInfo],
    seed: int = 0,
    fractions: tuple[float, float, float] = DEFAULT_FRACTIONS,
) -> tuple[str, ...]:
    """A split for each video, identities kept whole, from their names and the seed alone.

    Videos without an identity stand for themselves. Each split gets at least one identity where there are three.
    """
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise SettingsError(f"split fractions {fractions} must not be negative and must sum to 1")
    names = in_hash_order((identity_of(video) for video in videos), str(seed))
    least = 1 if len(names) >= len(SPLITS) else 0
    val, test = (max(least, round(len(names) * fraction)) for fraction in fractions[1:])
    split_of = dict.fromkeys(names, "train")
    split_of.update(dict.fromkeys(names[:val], "val"))
    split_of.update(dict.fromkeys(names[val : val + test], "test"))
    return tuple(split_of[identity_of(video)] for video in videos)


def splits_of(
    videos: Sequence[VideoInfo], seed: int = 0
) -> tuple[tuple[str, ...], dict[str, bool]]:
    """The splits that each dataset gives, or, of those that give none at all, splits by identity.

    Returns:
        A split for each video, '' where a dataset with splits gives this video none; and for each dataset whether it
        gives them.
    """
    given = dict.fromkeys((video.dataset for video in videos), False)
    for video in videos:
        given[video.dataset] |= bool(video.split)
    drawn = iter(split_by_identity([video for video in videos if not given[video.dataset]], seed))
    return tuple(video.split if given[video.dataset] else next(drawn) for video in videos), given
