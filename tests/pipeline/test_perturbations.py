"""Damage: what each perturbation does, that it grows with the level, and that it is scored and drawn."""

import csv
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.clips import TrackClip, shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.pipeline.perturbations import PERTURBATIONS, Perturbed, parse_perturbations
from tests.helpers.command import call

_PICTURE = ("h264", "jpeg", "blur", "noise", "resize", "brightness")
_SOUND = ("mp3", "aac", "hiss", "reverb")


@pytest.fixture(scope="module")
def clip(shards: Path) -> TrackClip:
    return next(iter(shard_clips(list_shard_videos(shards)[:1])))


def _error(one: TrackClip, other: TrackClip) -> float:
    """Mean absolute change of picture, or of sound where the picture is the same."""
    picture = np.abs(one.frames.astype(int) - other.frames).mean()
    return float(picture or np.abs(one.pcm.astype(int) - other.pcm).mean())


@pytest.mark.parametrize("name", [*_PICTURE, *_SOUND])
def test_damage_grows_with_the_level_and_touches_one_stream(clip: TrackClip, name: str) -> None:
    damaged = [one(clip) for one in parse_perturbations([name])]
    assert len(damaged) == 5 and all(other.frames.shape == clip.frames.shape for other in damaged)
    for other in damaged:
        picture, sound = (other.frames != clip.frames).any(), (other.pcm != clip.pcm).any()
        assert (bool(picture), bool(sound)) == (name in _PICTURE, name in _SOUND)
        assert (
            other.frames.dtype == np.uint8
            and other.pcm.dtype == np.int16
            and other.start == clip.start
        )
    errors = [_error(clip, other) for other in damaged]
    assert errors[0] < errors[2] < errors[4], errors


def test_the_same_clip_gets_the_same_damage(clip: TrackClip) -> None:
    for name in ("noise:3", "hiss:3", "reverb:2"):
        (one,) = parse_perturbations([name])
        first, second = one(clip), one(clip)
        np.testing.assert_array_equal(first.frames, second.frames)
        np.testing.assert_array_equal(first.pcm, second.pcm)


def test_lossy_sound_stays_in_step(clip: TrackClip) -> None:
    """A codec's delay would shift the sound against the lips: the best match must be at no shift."""
    for name in ("mp3:1", "aac:1"):
        (one,) = parse_perturbations([name])
        before, after = clip.pcm.astype(np.float64), one(clip).pcm.astype(np.float64)
        match = [
            float(np.dot(before[2000:-2000], np.roll(after, shift)[2000:-2000]))
            for shift in range(-1500, 1501, 4)
        ]
        assert abs(int(np.argmax(match)) - 375) <= 1, name


def test_hiss_has_the_level_that_it_says(clip: TrackClip) -> None:
    (one,) = parse_perturbations(["hiss:4"])
    noise = one(clip).pcm.astype(np.float64) - clip.pcm
    ratio = 10 * np.log10(np.square(clip.pcm.astype(np.float64)).sum() / np.square(noise).sum())
    assert ratio == pytest.approx(10, abs=0.3)


def test_late_sound_is_late(clip: TrackClip) -> None:
    other = Perturbed(PERTURBATIONS["shift"], 3)(clip)
    np.testing.assert_array_equal(other.frames, clip.frames[4:])
    np.testing.assert_array_equal(other.pcm, clip.pcm[: -4 * 640])
    assert other.start == pytest.approx(clip.start + 0.16) and other.last


def test_what_is_asked_for_is_understood() -> None:
    assert [one.name for one in parse_perturbations(["jpeg:2", "blur", "jpeg:2"])] == [
        "jpeg:2", "blur:1", "blur:2", "blur:3", "blur:4", "blur:5",
    ]  # fmt: skip
    assert len(parse_perturbations(["all"])) == 5 * len(PERTURBATIONS)
    for word in ("sepia", "jpeg:6", "jpeg:", "all:0"):
        with pytest.raises(SettingsError, match="--perturb"):
            parse_perturbations([word])


def test_the_command_scores_damage_beside_the_videos_as_they_are(
    run: Path, shards: Path, tmp_path: Path
) -> None:
    code, _ = call(
        "score",
        run,
        shards,
        "--split",
        "all",
        "--out",
        tmp_path,
        "--perturb",
        "jpeg:5",
        "--perturb",
        "shift:5",
    )
    assert code == 0
    with (tmp_path / "robustness.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["perturbation"], row["level"], row["value"]) for row in rows] == [
        ("none", "0", ""), ("jpeg", "5", "10.0"), ("shift", "5", "12.0"),
    ]  # fmt: skip
    assert all(row["videos"] == "18" and 0 <= float(row["auc_video"]) <= 1 for row in rows)
    with (tmp_path / "robustness_videos.csv").open(encoding="utf-8", newline="") as file:
        videos = list(csv.DictReader(file))
    assert len(videos) == 54
    clean, jpeg = (
        [row["p_visual"] for row in videos if row["perturbation"] == name]
        for name in ("none", "jpeg")
    )
    assert clean != jpeg
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Under perturbations" in page and (tmp_path / "robustness.svg").read_text(
        encoding="utf-8"
    ).startswith("<svg")


def test_a_file_can_be_damaged_too(run: Path, synthetic_manifest: Path, tmp_path: Path) -> None:
    code, text = call(
        "score",
        run,
        synthetic_manifest.parent / "p4_real.mp4",
        "--out",
        tmp_path,
        "--perturb",
        "blur:5",
    )
    assert code == 0, text
    assert "blur,5" in (tmp_path / "robustness.csv").read_text(encoding="utf-8")
