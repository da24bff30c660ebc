"""Settings are checked when they are made, and written down in full."""

import json
import math

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan])
def test_a_limit_is_above_0_and_finite(value: float) -> None:
    with pytest.raises(SettingsError, match="limit seconds is"):
        Limits(seconds=value)


@pytest.mark.parametrize(
    ("refine", "interval", "search"),
    [
        (0, 25, 75),
        (30, 25, 75),
        (5, 80, 75),
    ],
)
def test_strides_are_in_order(refine: int, interval: int, search: int) -> None:
    with pytest.raises(SettingsError, match="refine_stride <= interval"):
        FaceSettings(refine_stride=refine, interval=interval, search_stride=search)


@pytest.mark.parametrize("pixels", [11, 4097, -5])
def test_the_smallest_face_is_one_that_can_be_found(pixels: int) -> None:
    with pytest.raises(SettingsError, match="use 12 to 4096, or 0"):
        FaceSettings(smallest=pixels)


def test_a_margin_does_not_cut_into_the_face() -> None:
    with pytest.raises(SettingsError, match="would cut into the face"):
        FaceSettings(margin=0.9)


@pytest.mark.parametrize("name", ["confirm", "probability"])
@pytest.mark.parametrize("value", [0.0, 1.1])
def test_probabilities_lie_between_0_and_1(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match="are probabilities"):
        FaceSettings(**{name: value})  # type: ignore[arg-type]


def test_faces_are_main_or_all() -> None:
    with pytest.raises(SettingsError, match="use one of main, all, people"):
        PrepSettings(faces="some")  # type: ignore[arg-type]


def test_a_negative_number_of_videos_per_shard_is_refused() -> None:
    with pytest.raises(SettingsError, match="-1 videos per shard"):
        PrepSettings(videos_per_shard=-1)


def test_settings_are_plain_values_with_the_clock_beside_them() -> None:
    values = json.loads(json.dumps(PrepSettings().as_dict()))
    assert (values["fps"], values["sample_rate"], values["frame_size"]) == (
        25,
        16000,
        224,
    )
    assert values["face"]["interval"] == 25
    assert values["limits"]["streams"] == 64
