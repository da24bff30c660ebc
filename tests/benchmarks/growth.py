"""Cost against work: how seconds and memory grow with entries, shards and videos.

    python tests/benchmarks/growth.py OUT [--entries N ...] [--shards N ...] [--videos N ...]

Each measurement runs in a process of its own, so that its peak memory is its own. Seconds are those
in which a core worked, which other programs change little. Writes `growth.md`, a table, and
`growth.png`, a plot with a line for each kind of work. Everything is generated and removed again;
no weights are loaded.

dry-run    `avdf prep --dry-run` of a dataset like AV-Deepfake1M, by entries of its table
index      listing and checking shards of two videos each, by shards: what training begins with
stream     reading 640 segments at random places, by shards, without their first opening
bootstrap  confidence intervals of an AUC, by videos
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_TYPES = ("real", "visual_modified", "audio_modified", "both_modified")
_CLIPS_OF_A_PERSON = 100
_BATCH, _BATCHES = 16, 40
_ROWS = 40  # frames of a video of noise


@dataclass(frozen=True)
class Cost:
    """What some work cost: seconds of a core, and the peak memory of the process in bytes."""

    work: str
    size: int
    seconds: float
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    for name, sizes in (
        ("entries", [10_000, 100_000, 1_000_000]),
        ("shards", [10, 100, 674]),
        ("videos", [100, 1_000, 10_000]),
    ):
        parser.add_argument(f"--{name}", type=int, nargs="*", default=sizes)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    costs: list[Cost] = []
    for entries in chosen.entries:
        with tempfile.TemporaryDirectory(dir=chosen.out) as folder:
            write_dataset(Path(folder), entries)
            costs.append(cost_of("dry-run", entries, examine, folder))
    for shards in chosen.shards:
        with tempfile.TemporaryDirectory(dir=chosen.out) as folder:
            write_shards(Path(folder), shards)
            costs.append(cost_of("index", shards, index, folder))
            costs.append(cost_of("stream", shards, stream, folder))
    for videos in chosen.videos:
        costs.append(cost_of("bootstrap", videos, bootstrap, videos))
    (chosen.out / "growth.md").write_text(table(costs), encoding="utf-8")
    plot(costs, chosen.out / "growth.png")
    print(table(costs))


def cost_of(
    work: str, size: int, measured: Callable[[Any], float], given: object
) -> Cost:
    """Run a measurement in a new process; it returns its seconds itself."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_report, args=(theirs, measured, given))
    process.start()
    seconds, peak = ours.recv()
    process.join()
    print(f"{work} {size}: {seconds:.2f} s, {peak / 1e6:.0f} MB", flush=True)
    return Cost(work, size, seconds, peak)


def _report(
    connection: Connection, measured: Callable[[Any], float], given: object
) -> None:
    seconds = measured(given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    connection.send((seconds, peak))


def timed(work: Callable[[], object]) -> float:
    """Seconds in which cores worked for this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def write_dataset(root: Path, entries: int) -> None:
    """A table like AV-Deepfake1M's with so many entries, and an empty file for each."""
    with (root / "train_metadata.json").open("w", encoding="utf-8") as table:
        for number in range(entries):
            clip, kind = divmod(number, len(_TYPES))
            person = number // _CLIPS_OF_A_PERSON
            folder = f"id{person:05d}/{clip:011d}/00001"
            name = f"{folder}/{_TYPES[kind]}.mp4"
            entry = {
                "file": name,
                "original": f"{folder}/real.mp4" if kind else None,
                "split": "train",
                "modify_type": _TYPES[kind],
                "fake_segments": [[1.25, 2.5]] if kind else [],
                "audio_fake_segments": [[1.25, 2.5]] if kind > 1 else [],
                "visual_fake_segments": [[1.25, 2.5]] if kind in (1, 3) else [],
                "video_frames": 205,
                "audio_frames": 131_072,
            }
            table.write(f"{',' if number else '['}{json.dumps(entry)}")
            path = root / "train" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        table.write("]")


def examine(folder: str) -> float:
    import avdf  # in the process that is measured

    return timed(lambda: avdf.examine(folder))


def write_shards(folder: Path, shards: int) -> None:
    from avdf.cache.shards.noise_shards import write_noise_shards

    write_noise_shards(folder, 2 * shards, _ROWS, videos_per_shard=2)


def index(folder: str) -> float:
    from avdf.cache.stream.index import index_folder

    return timed(lambda: index_folder(Path(folder)))


def stream(folder: str) -> float:
    from avdf.cache.stream.batches import stream_batches
    from avdf.cache.stream.index import list_shard_videos
    from avdf.cache.stream.shard_pool import ShardPool
    from avdf.model.bench.random_windows import random_batches

    videos = list_shard_videos(Path(folder))
    with closing(ShardPool()) as pool:
        for video in videos:
            pool.read_rows(video.shard, video.tracks[0].row, 1)
        batches = list(islice(random_batches(videos, _BATCH, seed=0), _BATCHES))
        return timed(lambda: [batch.pcm for batch in stream_batches(pool, batches)])


def bootstrap(videos: int) -> float:
    import numpy as np

    from avdf.model.bootstrap import bootstrap as intervals

    generator = np.random.default_rng(0)
    labels = np.arange(videos) % 2
    scores = np.clip(generator.normal(0.4 + 0.2 * labels, 0.2), 0, 1)
    # Ten videos of each person.
    people = np.array([str(number // 10) for number in range(videos)], object)
    return timed(lambda: intervals(labels, scores, people, threshold=0.5))


def table(costs: list[Cost]) -> str:
    """The costs as a Markdown table."""
    lines = [
        "| work | size | seconds of a core | peak memory, MB |",
        "|---|---|---|---|",
    ]
    for cost in costs:
        peak = f"{cost.peak / 1e6:.0f}"
        lines.append(f"| {cost.work} | {cost.size:,} | {cost.seconds:.2f} | {peak} |")
    return "\n".join(lines) + "\n"


def plot(costs: list[Cost], path: Path) -> None:
    """Seconds and memory against size, both axes in powers of ten."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for work in dict.fromkeys(cost.work for cost in costs):
        own = [cost for cost in costs if cost.work == work]
        sizes = [cost.size for cost in own]
        left.plot(sizes, [cost.seconds for cost in own], "o-", label=work)
        right.plot(sizes, [cost.peak / 1e6 for cost in own], "o-", label=work)
    for axes, title in ((left, "seconds of a core"), (right, "peak memory, MB")):
        axes.set(xscale="log", yscale="log", xlabel="entries, shards or videos")
        axes.set_title(title)
        axes.grid(alpha=0.3)
    left.legend()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
