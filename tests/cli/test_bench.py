"""The benchmarks report the figures that they name; how fast this machine is, is not tested."""

import json
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.device import choose_device
from avdf.model.bench.bench_score import bench_score
from avdf.model.bench.bench_start import StartBench
from avdf.model.bench.bench_train import TrainBench, bench_train
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.runs.config import RunConfig
from tests.helpers.batches import make_batch
from tests.helpers.command import DEMO_MODEL, call


def test_bench_train_writes_the_named_figures(shards: Path, tmp_path: Path) -> None:
    code, text = call(
        "bench",
        "train",
        shards,
        "--steps",
        2,
        "--json",
        tmp_path / "b.json",
        *DEMO_MODEL,
    )
    assert code == 0, text
    figures = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert set(figures) == set(TrainBench.__dataclass_fields__)
    for name in (
        "plain_frames_per_second",
        "flops_per_second",
        "matmul_flops_per_second",
        "input_ratio",
    ):
        assert figures[name] > 0 and name in text
    assert figures["host_syncs"] == 0
    assert figures["speedup"] == pytest.approx(
        figures["frames_per_second"] / figures["plain_frames_per_second"]
    )
    assert figures["matmul_share"] == pytest.approx(
        figures["flops_per_second"] / figures["matmul_flops_per_second"]
    )
    assert (figures["batch_size"], figures["clip"], figures["weights"]) == (
        4,
        "demo",
        "clip demo, whisper demo",
    )


def test_bench_score_runs_on_generated_shards(tmp_path: Path) -> None:
    code, text = call(
        "bench",
        "score",
        "--steps",
        2,
        "--videos",
        4,
        "--json",
        tmp_path / "b.json",
        *DEMO_MODEL,
    )
    assert code == 0, text
    figures = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert figures["times_real_time"] == pytest.approx(
        figures["frames_per_second"] / 25
    )


def test_bench_input_reads_generated_shards(tmp_path: Path) -> None:
    words = ("--noise", 2, "--batch-size", 3, "--laps", 1, "--batches", 2)
    code, text = call("bench", "input", *words, "--json", tmp_path / "b.json")
    assert code == 0, text
    figures = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert figures["shards"] == 2 and "segments_per_second_per_core" in text
    # The same file may be written again.
    code, text = call("bench", "input", *words, "--json", tmp_path / "b.json")
    assert code == 0, text


def test_bench_prep_writes_the_named_figures(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    clips = [synthetic_manifest.parent / f"p{person}_real.mp4" for person in (0, 1)]
    words = ("--workers", 1, "--laps", 1, "--compare", 3, "--job-seconds", 3)
    code, text = call("bench", "prep", *clips, *words, "--json", tmp_path / "b.json")
    assert code == 0, text
    figures = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    rates = [
        figures[f"{kind}frames_per_second"]
        for kind in ("naive_", "", "bound_", "decode_")
    ]
    assert all(rate > 0 for rate in rates) and rates[2] < rates[3]
    assert figures["share_of_decode"] == pytest.approx(rates[1] / rates[3])
    job_rate = figures["job_frames_per_second"]
    # Most of so short a job is its start.
    assert 0 < job_rate < figures["frames_per_second"]
    assert figures["job_share_of_decode"] == pytest.approx(job_rate / rates[3])
    assert [one["file"] for one in figures["files"]] == ["p0_real.mp4", "p1_real.mp4"]
    for one in figures["files"]:
        assert (
            one["frames"] == 40 and 0 <= one["contained"] <= 1 and one["jitter"] < 0.01
        )


def test_the_arithmetic_counted_is_that_of_a_step(
    tiny_config: RunConfig,
    shards: Path,
) -> None:
    """A backward pass through frozen layers costs one product for each product forward."""
    detector = Detector(tiny_config.model)
    detector.hold_frozen(torch.float32)
    with FlopCounterMode(display=False) as forward:
        detector(*detector_input(make_batch(4), choose_device("cpu")))
    counted = bench_train(shards, tiny_config, 2).flops_per_frame * 4 * 16
    assert 1.5 < counted / forward.get_total_flops() < 2.5


def test_what_cannot_be_measured(shards: Path, tiny_config: RunConfig) -> None:
    for bench in (bench_train, bench_score):
        with pytest.raises(SettingsError, match="at least 2"):
            bench(shards, tiny_config, 1)
    code, text = call("bench", "train", shards, "--set", "data.batch_size=64")
    assert code == 2 and "fewer than a batch of 64" in text


def test_bench_start_writes_the_named_figures(tmp_path: Path) -> None:
    words = ("--laps", 1, "--seconds", 1, "--json", tmp_path / "b.json")
    code, text = call("bench", "start", *words)
    assert code == 0, text
    figures = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert set(figures) == set(StartBench.__dataclass_fields__)
    assert 0 < figures["import_cpu_seconds"] < figures["verdict_cpu_seconds"]
    assert figures["help_cpu_seconds"] < figures["import_cpu_seconds"]
    assert figures["seconds_over_bound"] == pytest.approx(
        figures["seconds_to_verdict"] - figures["import_seconds"], abs=1e-3
    )
    assert "seconds_to_verdict" in text


def test_bench_start_needs_a_run_that_can_score(tmp_path: Path) -> None:
    code, text = call("bench", "start", tmp_path / "nowhere", "--laps", 1)
    assert code == 2
    assert "no such run" in text
