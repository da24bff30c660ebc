"""Videos and tracks are checked when they are built."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avdf.cache import Period, PreparedVideo, VideoInfo
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from tests.helpers.prepared import grey_track


def test_a_video_knows_nothing_unless_it_is_told() -> None:
    info = VideoInfo("a", "a.mp4")
    assert (info.label, info.label_visual, info.label_audio) == (
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
    )
    assert info.split == info.identity == info.fault == ""
    assert info.file == Path("a.mp4")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": ""}, "has no id"),
        ({"split": "dev"}, "split 'dev' is not one of train, val, test"),
        ({"label": 2}, "label is 2, expected 0"),
        ({"label_audio": 7}, "label_audio is 7"),
        ({"label_visual": FAKE}, "a modality is labelled fake, the video is not"),
        ({"label_visual": FAKE, "label": REAL}, "a modality is labelled fake"),
    ],
)
def test_a_video_that_contradicts_itself_is_refused(
    values: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        VideoInfo(**{"id": "a", "path": "a.mp4"} | values)


def test_a_video_may_be_fake_with_two_real_modalities() -> None:
    info = VideoInfo("a", "a", label=FAKE, label_visual=REAL, label_audio=REAL)
    assert info.label == FAKE


@pytest.mark.parametrize(
    "times",
    [
        (2.0, 1.0),
        (-1.0, 1.0),
        (0.0, float("inf")),
    ],
)
def test_a_period_runs_forward_from_0(times: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="does not run forward"):
        Period(*times)


def test_the_labels_of_a_period_are_0_1_or_minus_1() -> None:
    with pytest.raises(ValueError, match="use 0, 1 or -1"):
        Period(0.0, 1.0, visual=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("boxes", np.zeros((3, 4), np.float32)),
        ("probability", np.zeros(17, np.float32)),
        ("pcm", np.zeros(640, np.int16)),
        ("log_mel", np.zeros((2, 80, 64), np.float16)),
    ],
)
def test_the_arrays_of_a_track_must_fit_its_rows(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"track of 20 rows: {name} is"):
        replace(grey_track(20), **{name: value})


def test_the_length_of_a_track_is_its_rows() -> None:
    assert len(grey_track(20)) == 20


def test_a_prepared_video_needs_a_track() -> None:
    with pytest.raises(ValueError, match="a prepared video has tracks"):
        PreparedVideo(VideoInfo("a", "a"), "", 1.0, 1, ())


def test_a_track_of_a_prepared_video_needs_a_segment() -> None:
    with pytest.raises(ValueError, match="each of at least 16 rows"):
        PreparedVideo(VideoInfo("a", "a"), "", 1.0, 1, (grey_track(15),))
