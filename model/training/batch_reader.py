"""Reading batches of windows from shards, ahead of the steps that need them."""

from collections.abc import Iterable, Iterator, Sequence

import torch

from avdf.cache.stream.batches import OnDamage, SegmentBatch, stream_batches
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window
from avdf.model.runs.config import DataSettings
from avdf.model.training.changed_window import change_read


class BatchReader:
    """Reads as the settings say. To be closed, since it holds open shards."""

    def __init__(self, settings: DataSettings, device: torch.device) -> None:
        self._settings = settings
        # Page-locked memory is copied to a GPU while it computes; without a GPU it has no use.
        self._pinned = device.type == "cuda"
        self._pool = ShardPool()

    def read(
        self, batches: Iterable[Sequence[Window]], on_damage: OnDamage
    ) -> Iterator[SegmentBatch]:
        """The batches, in their order; those that are `ChangedWindow`s forged and augmented.

        Args:
            on_damage: called for a window that cannot be read; gives another one, or None to leave
                it out.
        """
        threads, ahead = self._settings.threads, self._settings.ahead
        return stream_batches(
            self._pool, batches, threads, ahead, self._pinned, on_damage, change_read
        )

    def close(self) -> None:
        self._pool.close()
