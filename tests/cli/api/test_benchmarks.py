"""`avdf.bench_...`: what is refused, and how figures print."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        avdf.bench_prep(tmp_path / "nowhere.mp4", avdf.BenchPrepOptions(workers=1))


BENCHMARKS = [avdf.bench_input, avdf.bench_train, avdf.bench_score, avdf.bench_start]


@pytest.mark.parametrize("bench", BENCHMARKS)
def test_a_file_of_another_kind_is_not_replaced(bench: object, tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text('{"mine": 1}', encoding="utf-8")
    with pytest.raises(SettingsError, match="a file of `avdf bench`"):
        bench(json_file=tmp_path / "notes.json")  # type: ignore[operator]


@pytest.mark.parametrize("bench", [avdf.bench_train, avdf.bench_score])
def test_settings_are_checked_before_anything_is_measured(bench: object) -> None:
    with pytest.raises(SettingsError, match="did you mean epochs"):
        bench(options=avdf.BenchOptions(settings=("training.epoch=1",)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("device", "cpu", "cpu"),
        ("compiled", False, "False"),
        ("steps", 5, "5"),
        ("speedup", 1.23456, "1.235"),
        ("frames_per_second", 1234.56, "1,234.6"),
        ("flops_per_second", 2.5e10, "25.0 G"),
        ("peak_memory_bytes", 1_500_000_000, "1.50 GB"),
    ],
)
def test_a_figure_prints_in_its_unit(name: str, value: object, words: str) -> None:
    assert str(avdf.BenchResult({name: value})) == f"{name:30} {words}"


def test_figures_of_single_files_are_no_rows() -> None:
    assert (
        str(avdf.BenchResult({"workers": 2, "files": ({"file": "a"},)}))
        == f"{'workers':30} 2"
    )
