"""The figures of the comparison of trainings, beside scikit-learn and a plain loop over persons."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.benchmarks.scored_persons import (
    Scored,
    difference,
    figure,
    read_perturbed,
)

PERSONS = 6


def scored(seed: int, gain: float) -> Scored:
    """Each person has two genuine videos and two fakes of each of two methods."""
    generator = np.random.default_rng(seed)
    method = np.tile(["", "", "swap", "swap", "voice", "voice"], PERSONS)
    label = (method != "").astype(np.int64)
    return Scored(
        id=np.array([f"v{number}" for number in range(len(method))], object),
        person=np.repeat([f"p{number}" for number in range(PERSONS)], 6).astype(object),
        method=method.astype(object),
        label=label,
        fake=generator.normal(size=len(method)) + gain * label,
    )


@pytest.mark.parametrize("method", ["swap", "voice", ""])
def test_the_figure_is_the_mean_area_over_trainings(method: str) -> None:
    every = [scored(0, 1.0), scored(1, 1.0)]
    areas = []
    for one in every:
        rows = (one.label == 0) | (one.method == method) | (method == "")
        areas.append(roc_auc_score(one.label[rows], one.fake[rows]))
    assert figure(every, method).startswith(f"{np.mean(areas):.2f} (")


def test_detectors_that_are_the_same_do_not_differ() -> None:
    every = [scored(0, 1.0)]
    assert difference(every, every, "") == "+0.00 (+0.00 to +0.00)"


def test_a_difference_is_measured_on_the_same_persons() -> None:
    """The persons vary much more than the two detectors differ on any of them."""
    worse = scored(0, 0.0)
    better = Scored(
        worse.id,
        worse.person,
        worse.method,
        worse.label,
        worse.fake + 2.0 * worse.label,
    )
    middle, low = difference([better], [worse], "").split(" (")
    assert float(middle) > 0
    assert float(low.split(" to ")[0]) > 0


def test_perturbed_scores_are_found_by_id(tmp_path: Path) -> None:
    (tmp_path / "videos.csv").write_text(
        "id,identity,method,label,p_video\na,p1,,0,0.1\nb,p2,swap,1,0.9\nc,p3,,0,\n"
    )
    (tmp_path / "robustness_videos.csv").write_text(
        "perturbation,level,id,p_video\n"
        "none,0,b,0.9\nnone,0,a,0.1\nblur,1,a,0.2\nblur,1,b,0.8\nblur,2,b,0.6\nblur,2,a,0.3\n"
    )
    found = read_perturbed(tmp_path)
    assert {name: len(levels) for name, levels in found.items()} == {
        "none": 1,
        "blur": 2,
    }
    assert found["blur"][1].fake.tolist() == [0.3, 0.6]
    assert found["none"][0].person.tolist() == ["p1", "p2"]
