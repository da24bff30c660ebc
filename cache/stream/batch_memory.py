"""Whether batches of frames fit into the memory of this machine."""

from avdf.cache.core.clock import FRAME_SIZE, SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.memory import physical_memory

_SEGMENT_BYTES = SEGMENT_FRAMES * FRAME_SIZE * FRAME_SIZE * 3


def largest_batch(ahead: int) -> int:
    """How many segments a batch may have when `ahead` more batches are read in advance."""
    return max(1, physical_memory() // (_SEGMENT_BYTES * (ahead + 1)))


def check_batch_size(batch_size: int, ahead: int) -> None:
    """Refuse batches that do not fit into memory: the current one, and `ahead` read in advance.

    Raises:
        SettingsError: they are too large.
    """
    if batch_size <= largest_batch(ahead):
        return
    needed = batch_size * (ahead + 1) * _SEGMENT_BYTES
    raise SettingsError(
        f"data.batch_size of {batch_size} with data.ahead of {ahead} takes {needed / 1e9:.0f} GB, "
        f"this machine has {physical_memory() / 1e9:.0f} GB; make one of them smaller"
    )
