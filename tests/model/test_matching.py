"""The matching loss against plain loops over Eq. 14 and 15."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from avdf.model import cmfm_loss
from avdf.model.matching import pair_distances


def plain_distance(visual: Tensor, audio: Tensor) -> float:
    v, a = visual.double(), audio.double()
    return 1 - float(v @ a / (v.norm() * a.norm()))


def plain_term(
    place: tuple[int, int, int, int],
    label: int,
    distance: float,
    weights: tuple[float, ...],
) -> float:
    """Eq. 15."""
    alpha, beta, gamma = weights
    m, p, n, q = place
    if m == n and label == 0 and p == q:
        return alpha * distance
    if m == n and label == 1:
        return -beta * distance
    if m != n:
        return -gamma * distance
    return 0.0


def plain_cmfm(
    visual: Tensor,
    audio: Tensor,
    labels: list[int],
    weights: tuple[float, ...],
) -> float:
    """Eq. 14."""
    batch, time, _ = visual.shape
    terms = []
    for place in itertools.product(
        range(batch), range(time), range(batch), range(time)
    ):
        m, p, n, q = place
        distance = plain_distance(visual[m, p], audio[n, q])
        terms.append(plain_term(place, labels[m], distance, weights))
    positive = [term for term in terms if term > 0]
    negative = [term for term in terms if term < 0]
    mean_positive = sum(positive) / len(positive) if positive else 0.0
    mean_negative = sum(negative) / len(negative) if negative else 0.0
    return max(mean_positive + mean_negative, 0.0)


def random_features(
    batch: int,
    time: int,
    width: int,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    visual = torch.randn(batch, time, width, generator=generator)
    audio = torch.randn(batch, time, width, generator=generator)
    return visual, audio


@given(
    labels=st.lists(st.sampled_from([0, 1, -1]), min_size=1, max_size=4),
    time=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    weights=st.tuples(*[st.floats(0.1, 3)] * 3),
)
@settings(max_examples=60, deadline=None)
def test_the_loss_is_the_four_fold_sum(
    labels: list[int],
    time: int,
    seed: int,
    weights: tuple[float, float, float],
) -> None:
    visual, audio = random_features(len(labels), time, 5, seed)
    ours = cmfm_loss(visual, audio, torch.tensor(labels), *weights)
    assert float(ours) == pytest.approx(
        plain_cmfm(visual, audio, labels, weights),
        abs=1e-5,
    )


def test_the_default_weights_are_the_papers() -> None:
    visual, audio = random_features(3, 4, 6)
    labels = [0, 1, 0]
    ours = float(cmfm_loss(visual, audio, torch.tensor(labels)))
    assert ours == pytest.approx(plain_cmfm(visual, audio, labels, (2, 2, 1)), abs=1e-5)


def test_without_a_real_segment_the_loss_is_zero_and_trains_nothing() -> None:
    visual, audio = random_features(4, 3, 6)
    visual.requires_grad_()
    loss = cmfm_loss(visual, audio, torch.ones(4, dtype=torch.int64))
    assert float(loss.detach()) == 0.0
    loss.backward()  # type: ignore[no-untyped-call]
    assert visual.grad is not None and not visual.grad.any()


def test_identical_features_do_not_divide_by_zero() -> None:
    same = torch.ones(2, 3, 4, requires_grad=True)
    loss = cmfm_loss(same, same.detach(), torch.tensor([0, 1]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0.0
    assert same.grad is not None and torch.isfinite(same.grad).all()


def test_per_term_takes_the_mean_of_each_case() -> None:
    visual, audio = random_features(3, 2, 4)
    labels = torch.tensor([0, 1, 0])
    pairs = pair_distances(visual, audio, labels)
    matched, fake = pairs.mean(pairs.matched), pairs.mean(pairs.fake)
    wanted = 2 * matched - 2 * fake - pairs.mean(pairs.mismatched)
    found = cmfm_loss(visual, audio, labels, normalisation="per_term")
    assert float(found) == pytest.approx(max(0.0, float(wanted)), abs=1e-6)


def test_every_pair_of_frames_has_its_distance() -> None:
    visual, audio = random_features(2, 3, 5)
    pairs = pair_distances(visual, audio, torch.tensor([0, 1]))
    for m, p, n, q in itertools.product(range(2), range(3), range(2), range(3)):
        wanted = plain_distance(visual[m, p], audio[n, q])
        assert float(pairs.distance[m, p, n, q]) == pytest.approx(wanted, abs=1e-6)


def test_a_pair_is_one_case_at_most() -> None:
    pairs = pair_distances(*random_features(3, 2, 4), torch.tensor([0, 1, -1]))
    cases = pairs.matched.int() + pairs.fake.int() + pairs.mismatched.int()
    assert int(cases.max()) == 1
    # Of a real segment its two frames, of a fake one all four pairs, and 6 pairs of segments.
    assert (int(pairs.matched.sum()), int(pairs.fake.sum())) == (2, 4)
    assert int(pairs.mismatched.sum()) == 6 * 4


def test_no_distance_is_negative() -> None:
    same = torch.randn(4, 16, 64)
    pairs = pair_distances(same, same * 3, torch.zeros(4, dtype=torch.int64))
    assert float(pairs.distance.min()) >= 0


def test_the_mean_of_no_pair_is_nan() -> None:
    pairs = pair_distances(*random_features(2, 2, 3), torch.tensor([1, 1]))
    assert math.isnan(float(pairs.mean(pairs.matched)))
