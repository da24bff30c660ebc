"""The figures of synthetic pairs, of scores that are known."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.benchmarks.synthetic_sync import (
    DEMO_ROWS,
    FIGURES,
    GROUPS,
    ROWS,
    SCORES,
    Scored,
    Trained,
    area,
    best_offset,
    least_at,
    result_file,
    row_settings,
    wide_sync,
    write_splits,
    write_tables,
)

OFFSETS = range(-25, 26)
LATE = {"genuine": 0, "late_5": 5, "early_5": -5}
KINDS = ["genuine", *(kind for kinds in GROUPS.values() for kind in kinds)]


def curve_least_at(frame: int) -> tuple[float, ...]:
    return tuple(abs(offset - frame) / 50 for offset in OFFSETS)


def trained(seed: int = 0) -> Trained:
    """Five persons with every kind of video, with random scores."""
    generator = np.random.default_rng(seed)
    videos = []
    for person in range(5):
        for kind in KINDS:
            p_video, distance, sync = generator.random(3).tolist()
            curve = tuple(generator.random(51).tolist())
            videos.append(Scored(f"p{person}", kind, p_video, distance, sync, curve))
    return Trained(
        row="prompt-cmfm",
        seed=seed,
        steps=8,
        zero=0.5,
        matched=0.1,
        mismatched=0.2,
        missing=0,
        videos=tuple(videos),
    )


def test_areas_are_those_of_scikit_learn_for_each_seed() -> None:
    trainings = [trained(0), trained(1)]
    kinds = ("late_5", "early_5")
    found = area(trainings, lambda video: video.distance, kinds)
    for training, seen in zip(trainings, found.seeds, strict=True):
        labels, values = [], []
        for video in training.videos:
            if video.kind == "genuine" or video.kind in kinds:
                labels.append(video.kind != "genuine")
                values.append(video.distance)
        assert seen == pytest.approx(roc_auc_score(labels, values))
    assert found.low < np.mean(found.seeds) < found.high


def test_the_wider_median_is_over_all_offsets() -> None:
    curve = tuple(np.random.default_rng(0).random(51).tolist())
    assert wide_sync(curve) == pytest.approx(curve[25] - sorted(curve)[25])


def test_offsets_that_a_short_track_lacks_are_left_out() -> None:
    curve = [float("nan")] * 51
    curve[22:27] = [0.4, 0.3, 0.2, 0.5, 0.6]
    assert best_offset(curve) == -1
    assert wide_sync(curve) == pytest.approx(0.5 - 0.4)


@pytest.mark.parametrize(("kind", "late"), LATE.items())
@pytest.mark.parametrize(("error", "share"), [(0, 1), (1, 1), (-1, 1), (2, 0), (-2, 0)])
def test_a_curve_may_be_least_one_frame_beside_the_shift_of_its_video(
    kind: str, late: int, error: int, share: float
) -> None:
    curve = curve_least_at(late + error)
    videos = [
        replace(video, curve=curve) for video in trained().videos if video.kind == kind
    ]
    assert least_at(replace(trained(), videos=tuple(videos)), (kind,)) == share


def test_tables_have_a_line_for_each_score_of_each_row_that_is_finished(
    tmp_path: Path,
) -> None:
    for row in ("class-infonce", "prompt-cmfm"):
        for seed in (0, 1):
            one = replace(trained(seed), row=row)
            path = result_file(tmp_path, row, seed)
            path.write_text(json.dumps(asdict(one)), encoding="utf-8")
    write_tables(tmp_path)

    lines = (tmp_path / "table.md").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| prompt-cmfm |") for line in lines) == len(SCORES) + 1
    rows = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert [row["row"] for row in rows] == ["prompt-cmfm", "class-infonce"]
    assert set(rows[0]["figures"]) == set(FIGURES)
    assert rows[0]["figures"]["steps with loss 0"] == [0.5, 0.5]


@pytest.mark.parametrize("row", [*ROWS, *DEMO_ROWS])
def test_each_row_has_settings_that_training_accepts(row: str) -> None:
    import avdf

    config = avdf.TrainOptions(settings=row_settings(row, 2, 4)).run_config()
    assert config.training.seed == 2
    assert config.model.align_from in row.split("-")
    assert (config.training.matching == "infonce") == ("infonce" in row)


def test_only_two_persons_validate_and_all_others_stay_in_their_split(
    tmp_path: Path,
) -> None:
    splits = {f"p{number}": "val" for number in range(4)}
    splits |= {"q0": "train", "q1": "test"}
    lines = [f"{person}/a.mp4,{split},{person}" for person, split in splits.items()]
    listed = tmp_path / "videos.csv"
    listed.write_text("\n".join(["id,split,identity", *lines, ""]), encoding="utf-8")
    table = tmp_path / "splits.csv"
    write_splits(tmp_path, table)
    assert table.read_text(encoding="utf-8").splitlines() == [
        "id,split",
        "p0/a.mp4,val",
        "p1/a.mp4,val",
        "q0/a.mp4,train",
        "q1/a.mp4,test",
    ]
