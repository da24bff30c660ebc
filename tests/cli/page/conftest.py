"""Servers of the page: one that computes nothing, and the command itself with a trained run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avdf.cli.page.messages import Detector
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.worker import score_files
from tests.helpers.command import call_json
from tests.helpers.page_server import Client, serving
from tests.helpers.scoring_stand_ins import stand_in

LARGEST = 1 << 20  # bytes that the server of the tests accepts


@pytest.fixture(scope="package")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the server that computes nothing stores files."""
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="package")
def client(private: Path) -> Iterator[Client]:
    """A server whose scoring process is a stand-in."""
    settings = PageSettings(Detector(Path("run")), largest_file=LARGEST)
    with serving(stand_in, settings, private) as client:
        yield client


@pytest.fixture(scope="package")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the server that scores stores files."""
    return tmp_path_factory.mktemp("scored")


@pytest.fixture(scope="package")
def scoring(run: Path, scored: Path) -> Iterator[Client]:
    """A server that scores with a trained run."""
    settings = PageSettings(Detector(run, device="cpu"))
    with serving(score_files, settings, scored) as client:
        yield client


@pytest.fixture(scope="package")
def clip(synthetic_manifest: Path) -> Path:
    """A synthetic video."""
    return synthetic_manifest.parent / "p4_rtvc.mp4"


@pytest.fixture(scope="package")
def command_row(run: Path, clip: Path) -> dict[str, Any]:
    """What the command line says of that video."""
    document = call_json("score", run, clip, "--lr", "--device", "cpu")
    return dict(document["videos"][0])
