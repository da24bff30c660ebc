"""The pooled AUC against scikit-learn, and its interval against draws that are written out."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.benchmarks.pooled_auc import DRAWS, Scored, pooled_auc


def scored(seed: int) -> Scored:
    """Scores with ties, of four speakers with different numbers of clips."""
    generator = np.random.default_rng(seed)
    genuine = np.array(list("aaabbcd"))
    made = np.array(list("aaaaaabbbbccdd"))
    return Scored(
        genuine=generator.integers(0, 9, len(genuine)) / 10,
        genuine_speakers=genuine,
        made=generator.integers(3, 12, len(made)) / 10,
        made_speakers=made,
    )


def area(one: Scored, speakers: list[str]) -> float:
    """scikit-learn's AUC, with each clip as often as its speaker is named."""
    genuine = np.concatenate([one.genuine[one.genuine_speakers == s] for s in speakers])
    made = np.concatenate([one.made[one.made_speakers == s] for s in speakers])
    labels = [0] * len(genuine) + [1] * len(made)
    return float(roc_auc_score(labels, np.concatenate([genuine, made])))


def test_mean_over_seeds_is_that_of_scikit_learn() -> None:
    seeds = [scored(1), scored(2)]
    areas = [area(one, list("abcd")) for one in seeds]
    found = pooled_auc(seeds)
    assert found.seeds == pytest.approx(areas)
    assert found.mean == pytest.approx(np.mean(areas))


def test_interval_is_that_of_draws_of_whole_speakers() -> None:
    seeds = [scored(1), scored(2)]
    generator = np.random.default_rng(0)
    means = []
    for numbers in generator.integers(4, size=(DRAWS, 4)):
        speakers = ["abcd"[number] for number in numbers]
        means.append(np.mean([area(one, speakers) for one in seeds]))
    found = pooled_auc(seeds)
    assert (found.low, found.high) == pytest.approx(np.percentile(means, [2.5, 97.5]))


def test_speakers_without_made_pairs_leave_draws_out() -> None:
    one = Scored(
        genuine=np.array([0.1, 0.2, 0.3]),
        genuine_speakers=np.array(["a", "b", "b"]),
        made=np.array([0.5]),
        made_speakers=np.array(["a"]),
    )
    found = pooled_auc([one])
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
