"""How fast training windows are read with forging and augmentation, beside the plain stream.

    python tests/benchmarks/forged_stream.py SHARDS [--laps 5] [--batches 12]

SHARDS has genuine videos in the split `train`. The same windows are read plainly, augmented, forged
by all forgers, both, and forged by each forger alone. Rates are by the time in which a core worked
for this process, so that they stay right on a machine that others use too.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import torch

from avdf.cache.core.errors import SegmentError
from avdf.cache.machine.one_core import computing_on_one_core
from avdf.cache.stream.windows import Window
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.training.batch_reader import BatchReader
from avdf.model.training.distributed import Ranks
from avdf.model.training.training_set import load_training_set
from avdf.model.training.window_sampler import WindowSampler

Batches = Sequence[Sequence[Window]]
FORGE = "data.forge=true"
AUGMENT = "data.augment=standard"
ALONE = "data.forge_share=1"  # genuine windows and their copies, whatever else is in the shards


def config_of(*settings: str) -> RunConfig:
    return load_config(None, [FORGE, ALONE, *settings])


def windows_of(shards: Path, config: RunConfig, batches: int) -> Batches:
    """Batches of as many epochs as it takes."""
    sampler = WindowSampler(load_training_set(shards, config), config, Ranks())

    def endless() -> "list[list[Window]]":
        found: list[list[Window]] = []
        epoch = 1
        while len(found) < batches:
            found += sampler.windows(sampler.batches(epoch), epoch, 0)
            epoch += 1
        return found

    return list(islice(endless(), batches))


def plain(batches: Batches) -> Batches:
    """The same windows without any change."""
    return [[Window(w.video, w.shard, w.row) for w in batch] for batch in batches]


def seconds_per_segment(batches: Batches, config: RunConfig) -> float:
    """Core time of one segment."""

    def skip(_window: Window, _attempt: int, _error: SegmentError) -> None:
        return None

    with closing(BatchReader(config.data, torch.device("cpu"))) as reader:
        # Shards are opened before the measurement.
        list(reader.read(batches[:1], skip))
        started = time.process_time()
        read = sum(len(batch.windows) for batch in reader.read(batches, skip))
        return (time.process_time() - started) / read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--laps", type=int, default=5)
    parser.add_argument("--batches", type=int, default=12)
    given = parser.parse_args()
    kinds = {
        "augmented": (AUGMENT, "data.forgers=self_blend"),
        "forged": (),
        "forged and augmented": (AUGMENT,),
        **{one.name: (f"data.forgers={one.name}",) for one in chosen_forgers(())},
    }
    configs = {name: config_of(*settings) for name, settings in kinds.items()}
    batches = {
        name: windows_of(given.shards, config, given.batches)
        for name, config in configs.items()
    }
    found: dict[str, list[float]] = {name: [] for name in ("plain", *kinds)}
    with computing_on_one_core():
        for _ in range(given.laps):
            base = config_of()
            rows = plain(batches["forged"])
            found["plain"].append(seconds_per_segment(rows, base))
            for name, config in configs.items():
                read = batches[name]
                if name == "augmented":
                    read = [batch[::2] for batch in read]  # the genuine ones
                found[name].append(seconds_per_segment(read, config))
    reference = statistics.median(found["plain"])
    print(
        "| windows | segments/s of a core | of the plain stream | ms a forged window more |"
    )
    print("|---|---|---|---|")
    for name, seconds in found.items():
        median = statistics.median(seconds)
        # Every second window is forged; all of them are augmented.
        share = 1 if name in ("plain", "augmented") else 2
        more = 1000 * share * (median - reference)
        print(f"| {name} | {1 / median:.0f} | {reference / median:.0%} | {more:.1f} |")


if __name__ == "__main__":
    main()
