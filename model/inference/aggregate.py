"""From the scores of a video's segments to one score, and one distance, of the video."""

from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import SettingsError
from avdf.model.inference.segments import SegmentScores
from avdf.model.logistic import logit, sigmoid
from avdf.model.verdicts import VERDICTS, PerVerdict, as_columns, from_columns

Aggregate = Literal["mean", "logit", "top", "lse"]
Array = npt.NDArray[np.float64]

_TOP_SHARE = 4  # `top`: the mean of the highest quarter


def aggregate(
    scores: SegmentScores,
    videos: int,
    how: Aggregate,
) -> PerVerdict[Array]:
    """(videos,) for each verdict: P(fake) of each video from its segments; NaN without segments.

    Args:
        videos: how many videos there are; `scores.video` counts them from 0.
        how: `mean`: the paper's, the mean of the segments;
            `logit`: sigmoid of the mean logit;
            `top`: mean of the highest quarter of the segments, at least one, since a forgery may be
            short;
            `lse`: sigmoid of log-mean-exp of the logits, between the mean and the highest.

    Raises:
        SettingsError: `how` is none of these.
    """
    if how not in get_args(Aggregate):
        known = ", ".join(get_args(Aggregate))
        raise SettingsError(f"aggregate {how!r} is unknown; use one of {known}")

    # Sorting by video once puts each video's segments between two edges, in their own order.
    order = np.argsort(scores.video, kind="stable")
    owners = scores.video[order]
    edges = np.searchsorted(owners, np.arange(videos + 1))

    fake = as_columns(scores.fake)[order]
    found = np.full((videos, len(VERDICTS)), np.nan)
    ranges = pairwise(edges.tolist())
    for video, (start, stop) in enumerate(ranges):
        if stop > start:
            found[video] = _aggregate_one(fake[start:stop], how)
    return from_columns(found)


def video_distances(
    segments: SegmentScores, videos: int
) -> tuple[Array, npt.NDArray[np.int64]]:
    """(videos,) mean distance of each video's segments, NaN without any; (videos,) their number."""
    counts = np.bincount(segments.video, minlength=videos)
    sums = np.bincount(segments.video, segments.distance, videos)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / counts, counts


def _aggregate_one(segments: Array, how: Aggregate) -> Array:
    """One video's segments (n, 3) -> its scores (3,)."""
    if how == "mean":
        return np.asarray(segments.mean(axis=0))
    if how == "top":
        count = -(-len(segments) // _TOP_SHARE)  # a quarter, rounded up
        highest = np.sort(segments, axis=0)[-count:]
        return np.asarray(highest.mean(axis=0))

    logits = logit(segments)
    if how == "logit":
        return sigmoid(logits.mean(axis=0))
    # Subtracting the largest logit keeps exp from overflowing.
    largest = logits.max(axis=0)
    powers = np.exp(logits - largest)
    return sigmoid(largest + np.log(powers.mean(axis=0)))
