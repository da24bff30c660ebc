"""The matching loss against plain loops over Eq. 14 and 15."""

import itertools
import math
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from avdf.model import cmfm_loss
from avdf.model.matching import PairDistances, pair_distances

Weights = tuple[float, float, float]  # alpha, beta, gamma
Place = tuple[
    int, int, int, int
]  # m, p, n, q: visual frame p of segment m, audio q of n

REAL, FAKE, UNKNOWN = 0, 1, -1


# The equations, as plain loops


def plain_distance(visual: Tensor, audio: Tensor) -> float:
    """1 - cosine of the angle."""
    v, a = visual.double(), audio.double()
    cosine = v @ a / (v.norm() * a.norm())
    return 1 - float(cosine)


def plain_term(
    place: Place,
    label: int,
    distance: float,
    weights: Weights,
) -> float:
    """Eq. 15."""
    alpha, beta, gamma = weights
    m, p, n, q = place
    if m != n:
        return -gamma * distance
    if label == FAKE:
        return -beta * distance
    if label == REAL and p == q:
        return alpha * distance
    return 0.0


def all_places(batch: int, time: int) -> Iterator[Place]:
    """Every visual frame with every frame of audio."""
    segments, frames = range(batch), range(time)
    return itertools.product(
        segments,
        frames,
        segments,
        frames,
    )


def mean_or_zero(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def plain_cmfm(
    visual: Tensor,
    audio: Tensor,
    labels: list[int],
    weights: Weights,
) -> float:
    """Eq. 14."""
    batch, time, _ = visual.shape
    positive = []
    negative = []
    for place in all_places(batch, time):
        m, p, n, q = place
        distance = plain_distance(visual[m, p], audio[n, q])
        term = plain_term(place, labels[m], distance, weights)
        if term > 0:
            positive.append(term)
        if term < 0:
            negative.append(term)
    total = mean_or_zero(positive) + mean_or_zero(negative)
    return max(total, 0.0)


def random_features(
    batch: int,
    time: int,
    width: int,
    seed: int = 0,
) -> tuple[Tensor, Tensor]:
    """Visual and audio features (batch, time, width)."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, time, width)
    visual = torch.randn(shape, generator=generator)
    audio = torch.randn(shape, generator=generator)
    return visual, audio


# The loss


@given(
    labels=st.lists(st.sampled_from([REAL, FAKE, UNKNOWN]), min_size=1, max_size=4),
    time=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    weights=st.tuples(*[st.floats(0.1, 3)] * 3),
)
@settings(max_examples=60, deadline=None)
def test_the_loss_is_the_four_fold_sum(
    labels: list[int],
    time: int,
    seed: int,
    weights: Weights,
) -> None:
    visual, audio = random_features(len(labels), time, 5, seed)
    ours = cmfm_loss(visual, audio, torch.tensor(labels), *weights)
    wanted = plain_cmfm(visual, audio, labels, weights)
    assert float(ours) == pytest.approx(wanted, abs=1e-5)


def test_the_default_weights_are_the_papers() -> None:
    visual, audio = random_features(3, 4, 6)
    labels = [REAL, FAKE, REAL]
    ours = cmfm_loss(visual, audio, torch.tensor(labels))
    wanted = plain_cmfm(visual, audio, labels, (2, 2, 1))
    assert float(ours) == pytest.approx(wanted, abs=1e-5)


def test_without_a_real_segment_the_loss_is_zero_and_trains_nothing() -> None:
    visual, audio = random_features(4, 3, 6)
    visual.requires_grad_()
    all_fake = torch.ones(4, dtype=torch.int64)

    loss = cmfm_loss(visual, audio, all_fake)
    loss.backward()  # type: ignore[no-untyped-call]

    assert float(loss.detach()) == 0.0
    assert visual.grad is not None
    assert not visual.grad.any()


def test_identical_features_do_not_divide_by_zero() -> None:
    """All distances are 0: no term is positive or negative, and both means are of nothing."""
    same = torch.ones(2, 3, 4, requires_grad=True)
    labels = torch.tensor([REAL, FAKE])

    loss = cmfm_loss(same, same.detach(), labels)
    loss.backward()  # type: ignore[no-untyped-call]

    assert float(loss.detach()) == 0.0
    assert same.grad is not None
    assert torch.isfinite(same.grad).all()


def plain_per_term(visual: Tensor, audio: Tensor, labels: list[int]) -> float:
    """The mean of each case, with the weights of the paper: 2, 2 and 1."""
    batch, time, _ = visual.shape
    matched, fake, mismatched = [], [], []
    for m, p, n, q in all_places(batch, time):
        distance = plain_distance(visual[m, p], audio[n, q])
        if m != n:
            mismatched.append(max(0.0, 1 - distance))
        elif labels[m] == FAKE:
            fake.append(max(0.0, 1 - distance))
        elif labels[m] == REAL and p == q:
            matched.append(distance)
    means = [mean_or_zero(case) for case in (matched, fake, mismatched)]
    return 2 * means[0] + 2 * means[1] + means[2]


@pytest.mark.parametrize("labels", [[REAL, FAKE, REAL], [FAKE] * 3, [REAL, UNKNOWN, 1]])
def test_per_term_is_that_of_plain_loops(labels: list[int]) -> None:
    visual, audio = random_features(3, 2, 4)
    found = cmfm_loss(visual, audio, torch.tensor(labels), normalisation="per_term")
    assert float(found) == pytest.approx(
        plain_per_term(visual, audio, labels), abs=1e-5
    )


def test_per_term_begins_above_zero_and_does_not_collapse() -> None:
    # Features that are all alike are the collapse of the paper's form: its loss is 0 there.
    alike = torch.ones(4, 3, 5)
    labels = torch.tensor([REAL, FAKE, REAL, FAKE])
    assert float(cmfm_loss(alike, alike, labels)) == pytest.approx(0, abs=1e-6)
    collapsed = cmfm_loss(alike, alike, labels, normalisation="per_term")
    assert float(collapsed) == pytest.approx(3.0, abs=1e-5)


# Pairs


def test_every_pair_of_frames_has_its_distance() -> None:
    visual, audio = random_features(2, 3, 5)
    pairs = pair_distances(visual, audio, torch.tensor([REAL, FAKE]))
    for m, p, n, q in all_places(2, 3):
        found = float(pairs.distance[m, p, n, q])
        wanted = plain_distance(visual[m, p], audio[n, q])
        assert found == pytest.approx(wanted, abs=1e-6)


@pytest.fixture
def three_segments() -> PairDistances:
    """The pairs of three segments of two frames each: one real, one fake, one unknown."""
    labels = torch.tensor([REAL, FAKE, UNKNOWN])
    return pair_distances(*random_features(3, 2, 4), labels)


def test_a_pair_is_one_case_at_most(three_segments: PairDistances) -> None:
    matched = three_segments.matched.int()
    fake = three_segments.fake.int()
    mismatched = three_segments.mismatched.int()
    cases = matched + fake + mismatched
    assert int(cases.max()) == 1


def test_pairs_of_each_case_are_counted(three_segments: PairDistances) -> None:
    # Of the real segment each frame with itself.
    assert int(three_segments.matched.sum()) == 2
    # Of the fake one each frame with each.
    assert int(three_segments.fake.sum()) == 2 * 2
    # 6 ordered pairs of different segments.
    assert int(three_segments.mismatched.sum()) == 6 * 2 * 2


def test_no_distance_is_negative() -> None:
    """Rounding makes the cosine of parallel features a little more than 1."""
    same = torch.randn(4, 16, 64)
    all_real = torch.zeros(4, dtype=torch.int64)
    pairs = pair_distances(same, same * 3, all_real)
    assert float(pairs.distance.min()) >= 0


def test_the_mean_of_no_pair_is_nan() -> None:
    all_fake = torch.tensor([FAKE, FAKE])
    pairs = pair_distances(*random_features(2, 2, 3), all_fake)
    assert math.isnan(float(pairs.mean(pairs.matched)))


def test_segments_of_one_source_are_not_mismatched() -> None:
    """A genuine segment and its forged copy show the same picture or have the same sound."""
    features = torch.randn(4, 3, 5), torch.randn(4, 3, 5)
    labels = torch.tensor([0, 1, 0, 1])
    source = torch.tensor([8, 8, 9, 7])
    pairs = pair_distances(*features, labels, source)
    plain = pair_distances(*features, labels)
    apart = source[:, None] != source[None, :]
    compared = pairs.mismatched.all(dim=3).all(dim=1)
    assert compared.equal(apart)
    assert pairs.matched.equal(plain.matched) and pairs.fake.equal(plain.fake)
    without = pair_distances(*features, labels, torch.arange(4))
    assert without.mismatched.equal(plain.mismatched)
