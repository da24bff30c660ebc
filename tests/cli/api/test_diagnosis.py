"""`avdf.diagnose`: what a run needs, and whether it is there."""

from pathlib import Path

import pytest

import avdf


def test_the_demo_needs_nothing_more(tmp_path: Path) -> None:
    diagnosis = avdf.diagnose(tmp_path, avdf.TrainOptions(backbones="demo"))
    names = [finding.name for finding in diagnosis.findings]
    assert {
        "ffmpeg",
        "ffprobe",
        "python",
        "torch",
        "cpu",
        "free space",
        "model",
    } <= set(names)
    assert diagnosis.well
    assert "!!" not in str(diagnosis)


def test_weights_that_are_no_file_are_named_with_the_remedy() -> None:
    options = avdf.TrainOptions(
        backbones="demo",
        settings=("model.clip=ViT-B-32", "model.clip_weights=none.pt"),
    )
    findings = {
        finding.name: finding for finding in avdf.diagnose(training=options).findings
    }
    missing = findings["model.clip_weights"]
    assert not missing.well
    assert (missing.state, missing.remedy) == (
        "none.pt: not a file",
        "give an existing file",
    )


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("data.protocol=ethnic", "data.protocol"),
        ("training.device=meta", "training.device"),
        ("data.batch_size=3", "data.batch_size"),
    ],
)
def test_a_setting_that_training_would_refuse_is_found(setting: str, name: str) -> None:
    options = avdf.TrainOptions(backbones="demo", settings=(setting,))
    findings = {
        finding.name: finding for finding in avdf.diagnose(training=options).findings
    }
    assert findings[name].state.endswith(": refused")
    assert findings[name].remedy


def test_a_folder_that_is_not_there_yet_has_the_space_of_its_parent(
    tmp_path: Path,
) -> None:
    inner = avdf.diagnose(
        tmp_path / "new" / "shards", avdf.TrainOptions(backbones="demo")
    )
    assert inner.findings[-1].state.endswith(f"GB at {tmp_path}")


def test_a_finding_prints_its_remedy_below_it() -> None:
    first, second = str(avdf.Finding("base.pt", "missing", "download it")).splitlines()
    assert first == "!!  base.pt                missing"
    assert second.strip() == "-> download it"
    assert str(avdf.Finding("torch", "2.6")) == "ok  torch                  2.6"
