"""The share of variance that is within segments, against NumPy's variance of all frames."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.inference.feature_spread import FeatureSpread, join_spreads


def plain_share(features: torch.Tensor) -> float:
    """Variance of frames around the mean of their segment, by their variance around all."""
    values = features.double().numpy()
    around_segment = values.var(axis=1).sum(axis=1).mean()
    around_all = values.reshape(-1, values.shape[2]).var(axis=0).sum()
    return float(around_segment / around_all)


def random_features(segments: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    person = torch.randn(segments, 1, 6, generator=generator)
    return person + 0.3 * torch.randn(segments, 16, 6, generator=generator)


@given(segments=st.integers(2, 9), seed=st.integers(0, 99))
def test_the_share_is_that_of_plain_variances(segments: int, seed: int) -> None:
    features = random_features(segments, seed)
    assert FeatureSpread.of(features).share == pytest.approx(plain_share(features))


def test_parts_together_are_the_whole() -> None:
    features = random_features(7, seed=3)
    parts = [FeatureSpread.of(part) for part in (features[:3], features[3:])]
    joined = join_spreads(parts)
    assert joined is not None
    assert joined.share == pytest.approx(FeatureSpread.of(features).share)


def test_features_that_never_change_within_a_segment_have_a_share_of_0() -> None:
    features = random_features(5, seed=1).mean(dim=1, keepdim=True).expand(5, 16, 6)
    assert FeatureSpread.of(features).share == pytest.approx(0, abs=1e-12)


def test_features_that_differ_only_within_segments_have_a_share_of_1() -> None:
    features = random_features(5, seed=1)
    centred = features - features.mean(dim=1, keepdim=True)
    assert FeatureSpread.of(centred).share == pytest.approx(1)


def test_features_that_are_all_alike_have_no_share() -> None:
    assert FeatureSpread.of(torch.full((4, 16, 6), 0.7)).share is None


def test_without_segments_there_is_nothing() -> None:
    assert join_spreads([]) is None
    assert np.isfinite(FeatureSpread.of(torch.ones(1, 16, 2)).squares)
