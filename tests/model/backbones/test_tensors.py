"""Tensors of backbones: loaded, hashed, drawn from a seed."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from avdf.cache.core.errors import WeightsError
from avdf.model.backbones.info import BackboneInfo, RandomWeightsWarning, freeze
from avdf.model.backbones.tensors import hash_tensors, load_tensors, seeded


def load(module: nn.Module, state: dict[str, Tensor]) -> None:
    load_tensors(module, state, "model.clip ViT-B-32", Path("weights.pt"))


def test_tensors_become_float32() -> None:
    module = nn.Linear(2, 3)
    load(module, {"weight": torch.ones(3, 2).half(), "bias": torch.zeros(3).double()})
    assert module.weight.dtype == torch.float32
    assert float(module.weight.detach().sum()) == 6


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            {"weight": torch.ones(3, 2)},
            "1 tensors are missing, 0 are not known, 0 have another",
        ),
        (
            {"weight": torch.ones(3, 2), "bias": torch.ones(3), "scale": torch.ones(1)},
            "0 tensors are missing, 1 are not known, 0 have another",
        ),
        (
            {"weight": torch.ones(2, 2), "bias": torch.ones(2)},
            "0 tensors are missing, 0 are not known, 2 have another",
        ),
    ],
)
def test_weights_that_do_not_fit_are_counted(
    state: dict[str, Tensor],
    message: str,
) -> None:
    with pytest.raises(WeightsError, match=message) as caught:
        load(nn.Linear(2, 3), state)
    assert str(caught.value).endswith("with model.clip=...")


def test_the_hash_does_not_depend_on_order_or_type() -> None:
    one = {"a": torch.ones(2), "b": torch.zeros(3)}
    other = {"b": torch.zeros(3).half(), "a": torch.ones(2).double()}
    assert hash_tensors(one) == hash_tensors(other)


@pytest.mark.parametrize(
    "other",
    [
        {"a": torch.zeros(2, 3)},
        {"b": torch.ones(2, 3)},
        {"a": torch.ones(3, 2)},
        {"a": torch.ones(2, 3), "b": torch.ones(1)},
    ],
)
def test_other_tensors_have_another_hash(other: dict[str, Tensor]) -> None:
    assert hash_tensors(other) != hash_tensors({"a": torch.ones(2, 3)})


def test_random_numbers_come_again_with_their_seed() -> None:
    with seeded(5):
        one = torch.rand(4)
    with seeded(5):
        again = torch.rand(4)
    assert torch.equal(one, again)


def test_the_callers_random_numbers_are_not_disturbed() -> None:
    torch.manual_seed(1)
    undisturbed = torch.rand(2, 3)
    torch.manual_seed(1)
    first = torch.rand(3)
    with seeded(9):
        torch.rand(100)
    assert torch.equal(torch.stack([first, torch.rand(3)]), undisturbed)


def test_a_frozen_backbone_trains_nothing() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    info = freeze(module, "mine", "file.pt", "gelu")
    assert not any(value.requires_grad for value in module.parameters())
    assert not module.training
    assert info == BackboneInfo(
        "mine", "file.pt", hash_tensors(module.state_dict()), "gelu"
    )


def test_random_weights_warn() -> None:
    with pytest.warns(RandomWeightsWarning, match="mine has random weights"):
        freeze(nn.Linear(1, 1), "mine", "random")


@pytest.mark.parametrize(
    ("weights", "is_real"),
    [
        ("openai", True),
        ("a/file.pt", True),
        ("random", False),
        ("demo", False),
    ],
)
def test_weights_of_a_foundation_model_are_real(weights: str, is_real: bool) -> None:
    assert BackboneInfo("x", weights, "0").is_real == is_real
