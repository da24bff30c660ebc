"""A constant is copied to a device once, and training can use it after scoring has."""

import torch

from avdf.cache.core.constant import Constant

CPU = torch.device("cpu")


def test_the_numbers_are_those_given() -> None:
    assert Constant([1.0, 2.5]).on(CPU).tolist() == [1.0, 2.5]


def test_a_device_gets_one_copy() -> None:
    constant = Constant([1.0])
    meta = torch.device("meta")
    assert constant.on(meta) is constant.on(meta)
    assert constant.on(meta).device.type == "meta"


def test_a_constant_that_scoring_asked_for_can_be_trained_with() -> None:
    constant = Constant([3.0])
    with torch.inference_mode():
        constant.on(torch.device("cpu"))
    x = torch.ones(1, requires_grad=True)
    total = (x * constant.on(CPU)).sum()
    total.backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert x.grad.tolist() == [3.0]
