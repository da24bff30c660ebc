"""A loaded run and two results of it, shared by the tests of the package."""

from pathlib import Path

import pytest

import avdf


@pytest.fixture(scope="package")
def loaded_run(run: Path) -> avdf.Run:
    """The run of the tests, on the processor."""
    return avdf.load(run, avdf.LoadOptions(device="cpu"))


@pytest.fixture(scope="package")
def clip(synthetic_manifest: Path) -> Path:
    """A synthetic video file."""
    return synthetic_manifest.parent / "p4_real.mp4"


@pytest.fixture(scope="package")
def file_result(loaded_run: avdf.Run, clip: Path) -> avdf.ScoreResult:
    """The result of one file."""
    return loaded_run.score(clip)


@pytest.fixture(scope="package")
def shards_result(loaded_run: avdf.Run, shards: Path) -> avdf.ScoreResult:
    """The result of the test split of shards."""
    return loaded_run.score(shards)
