"""Batches of genuine videos, each followed by itself: the place of its forged copy."""

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import REAL
from avdf.cache.stream.order import Batches, epoch_batches


def genuine_batches(
    videos: int, batch_size: int, seed: int, epoch: int, rank: int = 0, world: int = 1
) -> Batches:
    """The batches of one epoch of genuine videos; each rank takes its own columns of them.

    An epoch shows every video once: half of a batch are genuine videos, and after each of them
    comes the same one again, to be forged.

    Args:
        videos: how many there are.
        rank, world: number of this process, and how many there are.

    Raises:
        SettingsError: the batch cannot be divided into pairs and among the processes.
    """
    check_pairs(batch_size, world)
    labels = np.full((videos, 3), REAL, np.int8)
    genuine = epoch_batches(
        labels, batch_size // 2, "natural", seed, epoch, rank, world
    )
    return np.repeat(genuine, 2, axis=1)


def check_pairs(batch_size: int, world: int) -> None:
    """Refuse batches that would separate a forged window from its source.

    Raises:
        SettingsError: the part of each process is no whole number of pairs.
    """
    if batch_size % (2 * world):
        raise SettingsError(
            f"a batch of {batch_size} cannot be divided into pairs of a genuine window and a "
            f"fake one among {world} processes; set data.batch_size to a multiple of {2 * world}"
        )
