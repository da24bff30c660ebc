"""The number type of the frozen weights."""

from typing import Any

import pytest
import torch

from avdf.cache.core.errors import SettingsError
from avdf.model.inference.precision import (
    choose_precision,
    describe_computing,
    multiplies_bfloat16,
    read_precision,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float32", torch.float32),
        ("bfloat16", torch.bfloat16),
    ],
)
def test_a_type_that_is_asked_for_is_taken(name: Any, dtype: torch.dtype) -> None:
    assert choose_precision(name, CPU) == dtype


@pytest.mark.parametrize(
    ("multiplies", "dtype"),
    [
        (True, torch.bfloat16),
        (False, torch.float32),
    ],
)
def test_auto_asks_the_hardware(
    monkeypatch: pytest.MonkeyPatch,
    multiplies: bool,
    dtype: torch.dtype,
) -> None:
    monkeypatch.setattr(
        "avdf.model.inference.precision.multiplies_bfloat16", lambda _device: multiplies
    )
    assert choose_precision("auto", CPU) == dtype


@pytest.mark.parametrize(
    ("capabilities", "wanted"),
    [
        ({}, False),
        ({"avx2": True}, False),
        ({"amx_bf16": True}, True),
        ({"bf16": False}, False),
    ],
)
def test_a_processor_multiplies_bfloat16_where_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
    capabilities: dict[str, bool],
    wanted: bool,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert multiplies_bfloat16(CPU) == wanted


@pytest.mark.parametrize(
    ("capability", "wanted"),
    [
        ((7, 5), False),
        ((8, 0), True),
        ((9, 0), True),
    ],
)
def test_gpus_multiply_bfloat16_from_ampere_on(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int],
    wanted: bool,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert multiplies_bfloat16(torch.device("cuda")) == wanted


def test_what_is_recorded_has_plain_names() -> None:
    found = describe_computing(CPU, torch.bfloat16)
    assert (found.device, found.dtype) == ("cpu", "bfloat16")
    assert found.torch == str(torch.__version__)


def test_no_precision_is_asked_for() -> None:
    assert read_precision("") is None
    assert read_precision("float32") == "float32"


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(
        SettingsError,
        match="precision 'float8' is unknown; use one of auto",
    ):
        read_precision("float8")
