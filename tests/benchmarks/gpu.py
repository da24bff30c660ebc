"""All that is measured on a GPU, in one go: writes a page with the figures and the device's name.

    python tests/benchmarks/gpu.py PAGE.md [--device cuda] [--videos N] [--rows N] [--epochs N]
        [--steps N] [--clips FILE...] [--set section.key=value ...] [--tests]

1. the tests, with models on the device (`--tests`)
2. `avdf bench train`, `score`, and `prep` of the given clips
3. the paper's schedule on generated shards, with the time of training and of validation
4. the operations of a training step that take most time, by torch.profiler

Weights are random: speed does not depend on them. Without a GPU, `--device cpu` with small numbers
shows that the script runs.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

import avdf
from avdf.cache.files.atomic_file import write_text
from avdf.cache.machine.device import choose_device
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.model.bench.workload import Workload
from avdf.model.runs.config_sources import load_config
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train

RANDOM_WEIGHTS = ("model.clip_weights=random", "model.whisper_weights=random")
PROFILED_STEPS = 3
TABLE_ROWS = 20


@dataclass
class Clock:
    """When the steps and the validations of a run ended, in seconds since it began."""

    started: float = field(default_factory=time.perf_counter)
    first_step: float = 0.0
    training: float = 0.0
    validation: float = 0.0
    last: float = 0.0

    def __call__(self, progress: TrainProgress) -> None:
        """Note the end of a step, or of the validation after an epoch."""
        now = time.perf_counter() - self.started
        if not self.first_step:
            # Loading the weights and reading the first batch come before it.
            self.first_step = now
        elif progress.validation:
            self.validation += now - self.last
        else:
            self.training += now - self.last
        self.last = now


def main() -> None:
    given = _arguments()
    device = choose_device(given.device)
    settings = (*RANDOM_WEIGHTS, f"training.device={given.device}", *given.set)
    sections = [_machine(device)]
    if given.tests:
        sections.append(_run_tests(given.device))
    with tempfile.TemporaryDirectory(prefix="avdf-gpu-") as scratch:
        shards = Path(scratch) / "shards"
        write_noise_shards(shards, given.videos, given.rows, videos_per_shard=32)
        sections += _benches(shards, settings, given)
        sections.append(_schedule(shards, Path(scratch) / "run", settings, given))
        sections += _profiles(shards, settings, device)
    write_text(given.page, "\n\n".join(sections) + "\n")
    print(f"{given.page} written")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", type=Path)
    parser.add_argument("--device", default="cuda")
    # FakeAVCeleb: 12,762 videos of training and 4,089 of validation by the paper's split.
    parser.add_argument("--videos", type=int, default=16_851)
    parser.add_argument("--rows", type=int, default=48, help="frames of each video")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--steps", type=int, default=50, help="of each kind in a bench")
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--set", action="append", default=[], help="a further setting")
    parser.add_argument("--tests", action="store_true")
    return parser.parse_args()


def _machine(device: torch.device) -> str:
    name = platform.processor() or platform.machine()
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return (
        f"# Figures of {name}\n\n"
        f"Written by `tests/benchmarks/gpu.py`: device {device}, PyTorch {torch.__version__}, "
        f"{os.cpu_count()} cores, {threads} threads, random weights."
    )


def _run_tests(device: str) -> str:
    """The last line of the tests' output."""
    finished = subprocess.run(
        [sys.executable, "-m", "pytest"],
        env={**os.environ, "AVDF_TEST_DEVICE": device},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = finished.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    return _section("Tests", "\n".join([*failed, lines[-1] if lines else "no output"]))


def _benches(
    shards: Path, settings: tuple[str, ...], given: argparse.Namespace
) -> list[str]:
    options = avdf.BenchOptions(settings=settings, steps=given.steps)
    sections = [
        _section("Training", str(avdf.bench_train(shards, options))),
        _section("Scoring", str(avdf.bench_score(shards, options))),
    ]
    if given.clips:
        prep = avdf.BenchPrepOptions(device=given.device)
        sections.append(
            _section("Preparation", str(avdf.bench_prep(given.clips, prep)))
        )
    return sections


def _schedule(
    shards: Path, run: Path, settings: tuple[str, ...], given: argparse.Namespace
) -> str:
    """The paper's schedule from the first step on, and what share of it is validation."""
    config = load_config(None, [f"training.epochs={given.epochs}", *settings])
    clock = Clock()
    result = train(shards, run, config, on_progress=clock)
    counts = result.data.as_dict()
    rows = {
        "training videos": counts["train"],
        "validation videos": counts["val"],
        "frames of a video": given.rows,
        "epochs": given.epochs,
        "start, s": f"{clock.first_step:.1f}",
        "training, s": f"{clock.training:.1f}",
        "validation, s": f"{clock.validation:.1f}",
        "whole run, min": f"{clock.last / 60:.2f}",
        "validation by training": f"{clock.validation / clock.training:.2f}",
    }
    lines = [f"{name:24} {value}" for name, value in rows.items()]
    return _section("The paper's schedule on shards of noise", "\n".join(lines))


def _profiles(
    shards: Path, settings: tuple[str, ...], device: torch.device
) -> list[str]:
    """The costliest operations of a step: of the plain model, of avdf's, of avdf's compiled."""
    kinds = [
        ("plain model", False, ()),
        ("avdf", True, ()),
        ("avdf, compiled", True, ("training.compile=true",)),
    ]
    sections = []
    for title, fast, more in kinds:
        workload = Workload(shards, load_config(None, [*settings, *more]))
        table = _profile(workload, fast, device)
        sections.append(_section(f"Operations of a step: {title}", table))
    return sections


def _profile(workload: Workload, fast: bool, device: torch.device) -> str:
    step, batch = workload.training_step(fast), workload.read_batch()
    # Compilers and caches take their time in the first steps.
    for _ in range(PROFILED_STEPS):
        step(batch)
    activities = [ProfilerActivity.CPU]
    if device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with profile(activities=activities) as found:
        for _ in range(PROFILED_STEPS):
            step(batch)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    order = "self_cuda_time_total" if device.type == "cuda" else "self_cpu_time_total"
    averages = found.key_averages()
    return str(
        averages.table(sort_by=order, row_limit=TABLE_ROWS, max_name_column_width=48)
    )


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text.rstrip()}\n```"


if __name__ == "__main__":
    main()
