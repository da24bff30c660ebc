"""What the verdicts of a run rest on."""

from dataclasses import replace
from pathlib import Path

import pytest

from avdf.model.backbones import BackboneInfo
from avdf.model.evaluation.run_basis import run_basis
from avdf.model.runs.loaded import LoadedRun, load_run


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def with_weights(run: LoadedRun, **weights: str) -> LoadedRun:
    backbones = {
        name: BackboneInfo("any", kind, "0" * 64) for name, kind in weights.items()
    }
    return replace(run, info=replace(run.info, backbones=backbones))


def test_validation_is_counted_at_the_threshold(loaded: LoadedRun) -> None:
    judgement = loaded.judgement()
    basis = run_basis(loaded, judgement)
    assert basis.validation is not None and loaded.validation is not None
    labels, scores = loaded.validation.of("mean").video
    record = basis.validation.video
    assert record.real == (labels == 0).sum() and record.fake == (labels == 1).sum()
    called_fake = scores >= judgement.thresholds.video
    assert record.false_alarms == (called_fake & (labels == 0)).sum()
    assert record.missed == (~called_fake & (labels == 1)).sum()
    assert basis.as_dict()["validation"]["video"]["auc"] == record.auc


@pytest.mark.parametrize(
    ("clip", "whisper", "begins"),
    [
        ("demo", "demo", "DEMO WEIGHTS"),
        ("openai", "random", "RANDOM WEIGHTS"),
        ("demo", "random", "RANDOM WEIGHTS"),
        ("openai", "demo", "These figures rest on whisper any (demo) weights"),
    ],
)
def test_weights_that_are_no_foundation_models_are_named_first(
    clip: str, whisper: str, begins: str, loaded: LoadedRun
) -> None:
    run = with_weights(loaded, clip=clip, whisper=whisper)
    assert run_basis(run, run.judgement()).warnings[0].startswith(begins)


def test_real_weights_have_no_such_warning(loaded: LoadedRun) -> None:
    run = with_weights(loaded, clip="openai", whisper="base")
    judgement = replace(run.judgement(), only_synthetic=False, notes=("a note",))
    assert run_basis(run, judgement).warnings == ("A note",)


def test_without_validation_scores_nothing_is_counted(loaded: LoadedRun) -> None:
    run = replace(loaded, validation=None)
    basis = run_basis(run, run.judgement())
    assert basis.validation is None
    assert "keeps no validation scores" in basis.ratios.video
