"""Figures of synchrony over videos of which it is known, against scikit-learn and plain counts."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.sync_metrics import SyncMetrics, measure_synchrony
from avdf.model.scoring.rows import VideoScore
from avdf.model.synchrony.synchrony import IN_SYNC, OUT_OF_SYNC, Synchrony

GENUINE = (0, 0, 0)
MISMATCHED = (1, 0, 0)  # fake, though neither its picture nor its sound is


def video(
    number: int,
    labels: tuple[int, int, int],
    sync: float | None,
    verdict: str = "",
    **known: Any,
) -> VideoScore:
    info = VideoInfo(
        id=f"v{number}",
        path="",
        label=labels[0],
        label_visual=labels[1],
        label_audio=labels[2],
        **{"identity": f"p{number % 7}", **known},
    )
    return VideoScore(info=info, sync=Synchrony(sync=sync, verdict=verdict))


def many(seed: int = 0) -> list[VideoScore]:
    """30 genuine videos and 40 that do not belong together, of two methods, which overlap."""
    generator = np.random.default_rng(seed)
    found = [video(n, GENUINE, generator.normal(-0.2, 0.1)) for n in range(30)]
    for n in range(30, 70):
        method = "late" if n % 2 else "other"
        sync = float(generator.normal(-0.1, 0.1))
        found.append(video(n, MISMATCHED, sync, method=method))
    return found


def area(videos: list[VideoScore], methods: tuple[str, ...]) -> float:
    kept = [one for one in videos if one.info.method in ("", *methods)]
    labels = [one.info.label for one in kept]
    return float(roc_auc_score(labels, [one.sync.sync for one in kept]))


def test_the_areas_are_those_of_scikit_learn() -> None:
    videos = many()

    found = measure_synchrony(videos)

    assert found.auc == pytest.approx(area(videos, ("late", "other")))
    assert found.by_method == {
        "late": pytest.approx(area(videos, ("late",))),
        "other": pytest.approx(area(videos, ("other",))),
    }
    assert (found.together, found.apart) == (30, 40)
    assert found.interval is not None and found.auc is not None
    assert found.interval[0] < found.auc < found.interval[1]


def test_forged_videos_and_those_without_sync_are_left_out() -> None:
    videos = many(3)
    others = [
        video(100, (1, 1, 0), 9.0, OUT_OF_SYNC, method="swap"),
        video(101, (1, 0, 1), -9.0, IN_SYNC, method="clone"),
        video(102, (1, -1, -1), -9.0, IN_SYNC),
        video(103, (-1, -1, -1), -9.0, OUT_OF_SYNC),
        video(104, GENUINE, None),
        video(105, MISMATCHED, None, method="nothing"),
    ]

    assert measure_synchrony([*others, *videos]) == measure_synchrony(videos)


def test_accuracy_counts_what_was_decided() -> None:
    videos = [
        video(0, GENUINE, 0.0, IN_SYNC),
        video(1, GENUINE, 0.0, OUT_OF_SYNC),
        video(2, MISMATCHED, 0.0, OUT_OF_SYNC),
        video(3, MISMATCHED, 0.0, "unsure"),
        video(4, GENUINE, 0.0, ""),
        video(5, MISMATCHED, 0.0, OUT_OF_SYNC),
    ]

    found = measure_synchrony(videos)

    assert found.decided == 4
    assert found.accuracy == 3 / 4


def test_a_method_without_a_name_has_no_figure_of_its_own() -> None:
    videos = [video(0, GENUINE, -0.2), video(1, MISMATCHED, 0.1)]

    found = measure_synchrony(videos)

    assert found.auc == 1.0 and found.by_method == {}


def test_one_person_has_no_interval() -> None:
    videos = [
        video(n, GENUINE if n % 2 else MISMATCHED, float(n), identity="x")
        for n in range(8)
    ]

    found = measure_synchrony(videos)

    assert found.interval is None and found.auc is not None


@pytest.mark.parametrize("labels", [GENUINE, MISMATCHED, (1, 1, 0)])
def test_without_both_classes_there_is_no_area(labels: tuple[int, int, int]) -> None:
    found = measure_synchrony([video(n, labels, 0.1, method="m") for n in range(3)])

    assert found.auc is None and found.interval is None and found.by_method == {}
    assert found.accuracy is None and found.decided == 0


def test_without_videos_there_are_no_figures() -> None:
    assert measure_synchrony([]) == SyncMetrics(0, 0, None, None, 0, None, {})


def test_the_figures_are_json() -> None:
    content = json.loads(
        json.dumps(measure_synchrony(many()).as_dict(), allow_nan=False)
    )

    assert set(content) == {
        "together",
        "apart",
        "auc",
        "interval",
        "decided",
        "accuracy",
        "by_method",
    }
