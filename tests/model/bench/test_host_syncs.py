"""What makes a program wait for its device is counted, and nothing else."""

from collections.abc import Callable

import pytest
import torch

from avdf.model.bench.host_syncs import count_host_syncs

X = torch.arange(6.0)
MASK = X > 2


@pytest.mark.parametrize(
    "work",
    [
        X[0].item,
        lambda: float(X.sum()),
        lambda: bool((X > 0).all()),
        lambda: X[MASK],
        lambda: X.clone().index_put_((MASK,), X.new_zeros(())),
        X.nonzero,
        lambda: X.masked_select(MASK),
        lambda: X.to("meta"),
    ],
)
def test_what_waits_is_counted(work: Callable[[], object]) -> None:
    assert count_host_syncs(work) == 1


@pytest.mark.parametrize(
    "work",
    [
        lambda: X[2:4],
        lambda: X[torch.tensor([1, 2])],
        lambda: (X * MASK).sum() / MASK.sum(),
        lambda: torch.where(MASK, X, -X),
        lambda: X.to(torch.bfloat16),
        lambda: X.to("meta", non_blocking=True),
    ],
)
def test_what_does_not_wait_is_not_counted(work: Callable[[], object]) -> None:
    assert count_host_syncs(work) == 0


def test_waiting_in_the_backward_pass_is_counted() -> None:
    x = X.clone().requires_grad_()
    total = x[MASK].sum()
    # The gradient of a mask as index is written back under the mask.
    assert count_host_syncs(total.backward) == 1
