"""From P(fake) to a likelihood ratio: against the densities that scores were drawn from."""

import numpy as np
import pytest

from avdf.model.likelihood.ratio_model import FEWEST, fit_ratio


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, P(fake) and logits: normal logits around 1 for fakes and around -1 for reals."""
    generator = np.random.default_rng(seed)
    labels = np.repeat([1, 0], count)
    logits = generator.normal(size=2 * count) + np.where(labels == 1, 1.0, -1.0)
    return labels, 1 / (1 + np.exp(-logits)), logits


def test_the_ratio_is_that_of_the_two_densities() -> None:
    labels, probability, logits = drawn(20_000)

    model = fit_ratio(labels, probability)

    assert model is not None
    # ln N(x; 1, 1) / N(x; -1, 1) = 2 x
    wanted = 2 * logits / np.log(10)
    inside = np.abs(wanted) < 1
    found = model.log10_ratio(probability)[inside]
    np.testing.assert_allclose(found, wanted[inside], atol=0.08)


def test_more_fakes_than_reals_do_not_change_the_ratio() -> None:
    labels, probability, logits = drawn(20_000)
    kept = (labels == 1) | (np.arange(len(labels)) % 10 == 0)

    model = fit_ratio(labels[kept], probability[kept])

    assert model is not None
    wanted = 2 * logits / np.log(10)
    inside = np.abs(wanted) < 1
    found = model.log10_ratio(probability)[inside]
    np.testing.assert_allclose(found, wanted[inside], atol=0.12)


def test_ratios_stay_within_what_the_videos_support() -> None:
    labels, probability, _ = drawn(50)

    model = fit_ratio(labels, probability)

    assert model is not None
    extreme = model.log10_ratio(np.array([0.0, 1.0, np.nan]))
    assert extreme[0] == model.bounds.lower and extreme[1] == model.bounds.upper
    assert np.isnan(extreme[2])
    assert 10 ** extreme[1] <= 51 and 10 ** -extreme[0] <= 51


@pytest.mark.parametrize("count", [1, FEWEST - 1])
def test_too_few_videos_give_no_ratio(count: int) -> None:
    labels, probability, _ = drawn(count)

    assert fit_ratio(labels, probability) is None


def test_scores_that_point_the_wrong_way_give_no_ratio() -> None:
    labels, probability, _ = drawn(100)

    assert fit_ratio(labels, 1 - probability) is None
