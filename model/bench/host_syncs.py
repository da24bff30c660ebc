"""How often some work waits for the device: reads of values that the device computes."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# `.item()`, `if tensor`, `float(tensor)` and their like; masks as indices, whose result has as many
# elements as the device has counted.
_READS = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
    torch.ops.aten.equal.default,
}
_COPIES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}


def count_host_syncs(work: Callable[[], object]) -> int:
    """How many operations of some work make the program wait for the device.

    They are counted as PyTorch dispatches them, on any device: on a CPU they cost nothing, on a
    GPU each lets it run idle. Counted are reads of single values, indexing by a mask, and copies
    between devices that were not asked to run beside the program. Such a copy can be seen only
    where there are two devices; the other kinds are seen on any machine.
    """
    with _Counter() as counter:
        work()
    return int(counter.found)


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operations that would make the program wait."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        options = kwargs or {}
        self.found += func in _READS or _is_mask_index(func, args)
        result = func(*args, **options)
        self.found += func in _COPIES and _waits(args, options, result)
        return result


def _is_mask_index(func: Any, args: tuple[Any, ...]) -> bool:
    """Whether a tensor is indexed by a mask: `x[mask]` and `x[mask] = y`."""
    if func not in (
        torch.ops.aten.index.Tensor,
        torch.ops.aten.index_put.default,
        torch.ops.aten.index_put_.default,
    ):
        return False
    indices = [index for index in args[1] if index is not None]
    return any(index.dtype in (torch.bool, torch.uint8) for index in indices)


def _waits(
    args: tuple[Any, ...], options: dict[str, Any], result: torch.Tensor
) -> bool:
    """Whether a copy goes from one device to another and the program waits for it."""
    source = args[1] if len(args) > 1 else args[0]
    asked = options.get("non_blocking", args[2] if len(args) > 2 else False)
    return source.device.type != result.device.type and not asked
