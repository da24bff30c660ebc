"""DeLong's test against a plain double loop over pairs, scipy's normal distribution, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from avdf.model.bootstrap import paired_bootstrap
from avdf.model.delong import delong, structural_components

# Few distinct values, so that ties are common.
SCORE = st.integers(0, 9).map(lambda tenth: tenth / 9)


@st.composite
def detectors(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, with at least two of each class, and the scores of two detectors."""
    fakes = draw(st.integers(2, 8))
    reals = draw(st.integers(2, 8))
    count = fakes + reals
    order = draw(st.permutations([1] * fakes + [0] * reals))
    scores = st.lists(SCORE, min_size=count, max_size=count)
    return np.array(order), np.array(draw(scores)), np.array(draw(scores))


def loop_components(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[list[float], list[float]]:
    """V10 and V01 as DeLong et al. define them: a mean over pairs for each video."""

    def right(fake: float, real: float) -> float:
        return 1.0 if fake > real else 0.5 if fake == real else 0.0

    fakes = [score for score, label in zip(scores, labels, strict=True) if label == 1]
    reals = [score for score, label in zip(scores, labels, strict=True) if label == 0]
    by_fake = [sum(right(f, r) for r in reals) / len(reals) for f in fakes]
    by_real = [sum(right(f, r) for f in fakes) / len(fakes) for r in reals]
    return by_fake, by_real


@given(detectors())
def test_components_are_those_of_the_double_loop(
    given_: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, scores, _ = given_
    found = structural_components(labels == 1, scores)
    expected = loop_components(labels, scores)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-12)


@given(detectors())
def test_the_test_is_that_of_the_covariance_matrices(
    given_: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """S = S10 / m + S01 / n, as the paper has it, with the contrast (-1, 1)."""
    labels, first, second = given_
    found = delong(labels, first, second)
    assert found is not None
    parts = [loop_components(labels, scores) for scores in (first, second)]
    by_fake = np.cov([part[0] for part in parts])
    by_real = np.cov([part[1] for part in parts])
    matrix = by_fake / (labels == 1).sum() + by_real / (labels == 0).sum()
    contrast = np.array([-1, 1])
    error = math.sqrt(max(0.0, contrast @ matrix @ contrast))
    assert found.error == pytest.approx(error, abs=1e-7)
    assert found.first == pytest.approx(roc_auc_score(labels, first))
    assert found.second == pytest.approx(roc_auc_score(labels, second))
    if error > 1e-6:
        z = abs(found.difference) / error
        assert found.p_value == pytest.approx(2 * stats.norm.sf(z), abs=1e-6)
        low, high = stats.norm.interval(0.95, found.difference, error)
        assert found.interval == pytest.approx((low, high), abs=1e-6)


@given(detectors())
def test_equal_scores_do_not_differ(
    given_: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, scores, _ = given_
    # Only the order counts: a monotone change is the same detector.
    for same in (scores, scores**3 / 2):
        found = delong(labels, scores, same)
        assert found is not None
        assert (found.difference, found.error, found.p_value) == (0, 0, 1)
        persons = np.arange(len(labels)).astype(object)
        drawn = paired_bootstrap(labels, scores, same, persons, draws=200)
        assert drawn is not None
        assert drawn.interval == (0, 0) and drawn.p_value == 1


@given(detectors())
def test_exchanged_detectors_have_the_opposite_difference(
    given_: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, first, second = given_
    one, other = delong(labels, first, second), delong(labels, second, first)
    assert one is not None and other is not None
    assert one.difference == -other.difference
    assert one.p_value == other.p_value


def test_where_nothing_varies_the_normal_distribution_says_nothing() -> None:
    labels = np.array([0, 0, 1, 1])
    found = delong(labels, np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.9, 0.8, 0.2, 0]))
    assert found is not None
    assert (found.difference, found.error, found.p_value) == (-1, 0, None)


def test_two_of_each_class_are_needed() -> None:
    scores = np.array([0.1, 0.2, 0.3])
    assert delong(np.array([0, 0, 1]), scores, scores) is None


@pytest.mark.parametrize(
    ("labels", "first", "message"),
    [
        ([0, 0, 1, 1, 1], [0.1] * 4, "with scores"),
        ([0, 0, 1, -1], [0.1] * 4, "neither 0"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, math.nan], "not finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    labels: list[int], first: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        delong(np.array(labels), np.array(first), np.full(4, 0.5))


def test_the_p_value_is_uniform_where_detectors_are_equally_good() -> None:
    """Of 400 experiments without a difference, about 5 % lie below 0.05."""
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], 60)
    below = 0
    for _ in range(400):
        # What both see, and what each sees alone.
        shared = labels + random.normal(size=120)
        found = delong(
            labels,
            shared + random.normal(size=120),
            shared + random.normal(size=120),
        )
        assert found is not None and found.p_value is not None
        below += found.p_value < 0.05
    # 20 are expected; 4 standard deviations are 17.
    assert 3 <= below <= 37


def test_the_bootstrap_over_persons_agrees_where_videos_are_independent() -> None:
    random = np.random.default_rng(2)
    labels = np.repeat([0, 1], 150)
    first = labels * 0.8 + random.normal(size=300)
    second = labels * 1.6 + random.normal(size=300)
    test = delong(labels, first, second)
    persons = np.arange(300).astype(object)
    drawn = paired_bootstrap(labels, first, second, persons)
    assert test is not None and drawn is not None
    assert drawn.interval == pytest.approx(test.interval, abs=0.02)
    assert drawn.p_value <= 0.01 and test.p_value is not None and test.p_value < 0.01


def test_few_persons_give_a_wider_interval_than_many_videos() -> None:
    random = np.random.default_rng(3)
    persons = np.repeat(np.arange(10), 30)
    labels = np.tile(np.repeat([0, 1], 15), 10)
    # Each person makes one of the detectors better or worse, in all of their videos.
    skill = random.normal(0, 1.5, 10)[persons]
    first = labels + random.normal(size=300)
    second = labels * (1 + skill) + random.normal(size=300)
    by_person = paired_bootstrap(labels, first, second, persons.astype(object))
    by_video = paired_bootstrap(labels, first, second, np.arange(300).astype(object))
    assert by_person is not None and by_video is not None
    assert np.ptp(by_person.interval) > 1.5 * np.ptp(by_video.interval)


def test_a_draw_is_that_of_a_plain_loop() -> None:
    """The same draws, on videos that are really repeated, with scikit-learn's AUC."""
    random = np.random.default_rng(4)
    labels = random.integers(0, 2, 40)
    first, second = random.random(40), random.random(40)
    persons = random.integers(0, 12, 40)
    found = paired_bootstrap(labels, first, second, persons.astype(object), 200, 7)
    generator = np.random.default_rng(7)
    names = np.unique(persons.astype(str))
    differences = []
    for draw in generator.integers(len(names), size=(200, len(names))):
        rows = np.concatenate(
            [np.flatnonzero(persons.astype(str) == names[one]) for one in draw]
        )
        if len(set(labels[rows])) < 2:
            continue
        areas = [roc_auc_score(labels[rows], s[rows]) for s in (first, second)]
        differences.append(areas[1] - areas[0])
    assert found is not None and found.draws == len(differences)
    low, high = np.percentile(differences, [2.5, 97.5])
    assert found.interval == pytest.approx((low, high))
    rarer = min(
        sum(d <= 1e-12 for d in differences), sum(d >= -1e-12 for d in differences)
    )
    assert found.p_value == pytest.approx(min(1, 2 * (1 + rarer) / (1 + found.draws)))
