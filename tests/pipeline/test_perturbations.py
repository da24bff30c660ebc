"""Perturbations: what each does, that it grows with its level, that it is scored and shown."""

from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import AvdfError, SettingsError
from avdf.cache.stream.clips import TrackClip, shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.pipeline.perturbations import (
    PERTURBATIONS,
    Perturbation,
    Perturbed,
    frame_effects,
    parse_perturbations,
)
from avdf.pipeline.perturbations.audio_effects import delay
from tests.helpers.command import call
from tests.helpers.tables import read_table

ON_FRAMES = ("h264", "jpeg", "blur", "noise", "resize", "brightness")
ON_AUDIO = ("mp3", "aac", "hiss", "reverb")


@pytest.fixture(scope="module")
def clip(shards: Path) -> TrackClip:
    return next(iter(shard_clips(list_shard_videos(shards)[:1])))


def perturbed(clip: TrackClip, word: str) -> TrackClip:
    (one,) = parse_perturbations([word])
    return one(clip)


def change(one: TrackClip, other: TrackClip) -> float:
    """Mean absolute change of the frames, or of the audio where the frames are the same."""
    frames = np.abs(one.frames.astype(int) - other.frames).mean()
    return float(frames or np.abs(one.pcm.astype(int) - other.pcm).mean())


@pytest.mark.parametrize("name", [*ON_FRAMES, *ON_AUDIO])
def test_a_perturbation_grows_with_its_level(clip: TrackClip, name: str) -> None:
    changes = [change(clip, one(clip)) for one in parse_perturbations([name])]
    assert changes[0] < changes[2] < changes[4]


@pytest.mark.parametrize("name", [*ON_FRAMES, *ON_AUDIO])
def test_a_perturbation_changes_one_stream(clip: TrackClip, name: str) -> None:
    other = perturbed(clip, f"{name}:5")
    changed = (other.frames != clip.frames).any(), (other.pcm != clip.pcm).any()
    assert changed == (name in ON_FRAMES, name in ON_AUDIO)


@pytest.mark.parametrize("name", [*ON_FRAMES, *ON_AUDIO])
def test_shapes_types_and_times_stay(clip: TrackClip, name: str) -> None:
    other = perturbed(clip, f"{name}:3")
    assert other.frames.shape == clip.frames.shape
    assert other.frames.dtype == np.uint8
    assert other.pcm.dtype == np.int16
    assert other.start == clip.start


@pytest.mark.parametrize("word", ["noise:3", "hiss:3", "reverb:2"])
def test_the_same_clip_is_changed_in_the_same_way(clip: TrackClip, word: str) -> None:
    first, second = perturbed(clip, word), perturbed(clip, word)
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.pcm, second.pcm)


@pytest.mark.parametrize("word", ["mp3:1", "aac:1"])
def test_lossy_audio_stays_in_step(clip: TrackClip, word: str) -> None:
    """A codec's delay would shift the audio against the lips: the best match is at no shift."""
    before = clip.pcm.astype(np.float64)[2000:-2000]
    after = perturbed(clip, word).pcm.astype(np.float64)
    shifts = list(range(-1500, 1501, 4))
    matches = [
        float(np.dot(before, np.roll(after, shift)[2000:-2000])) for shift in shifts
    ]
    assert abs(shifts[int(np.argmax(matches))]) <= 4


def test_hiss_has_the_ratio_that_it_names(clip: TrackClip) -> None:
    signal = clip.pcm.astype(np.float64)
    noise = perturbed(clip, "hiss:4").pcm - signal
    ratio = 10 * np.log10(np.square(signal).sum() / np.square(noise).sum())
    assert ratio == pytest.approx(10, abs=0.3)


def test_reverberation_keeps_the_loudness(clip: TrackClip) -> None:
    before, after = (
        clip.pcm.astype(np.float64),
        perturbed(clip, "reverb:3").pcm.astype(np.float64),
    )
    assert np.square(after).mean() == pytest.approx(np.square(before).mean(), rel=0.05)


def test_late_audio_is_late(clip: TrackClip) -> None:
    other = Perturbed(PERTURBATIONS["shift"], 3)(clip)
    np.testing.assert_array_equal(other.frames, clip.frames[4:])
    np.testing.assert_array_equal(other.pcm, clip.pcm[: -4 * 640])
    assert other.start == pytest.approx(clip.start + 0.16)
    assert other.last


def test_a_delay_longer_than_the_clip_leaves_nothing(clip: TrackClip) -> None:
    nothing = delay(clip, 10_000, np.random.default_rng(0))
    assert (len(nothing.frames), len(nothing.pcm)) == (0, 0)


def test_a_name_with_a_level_is_one_perturbation() -> None:
    (one,) = parse_perturbations(["jpeg:2"])
    assert (one.name, one.value) == ("jpeg:2", 70.0)


def test_a_name_alone_is_all_five_levels() -> None:
    names = [one.name for one in parse_perturbations(["blur"])]
    assert names == ["blur:1", "blur:2", "blur:3", "blur:4", "blur:5"]


def test_each_is_taken_once_in_the_order_of_the_words() -> None:
    names = [one.name for one in parse_perturbations(["jpeg:2", "blur:1", "jpeg:2"])]
    assert names == ["jpeg:2", "blur:1"]


def test_all_are_every_level_of_every_perturbation() -> None:
    assert len(parse_perturbations(["all"])) == 5 * len(PERTURBATIONS) == 55


@pytest.mark.parametrize("word", ["sepia", "jpeg:6", "jpeg:", "all:0"])
def test_what_is_not_understood_is_refused(word: str) -> None:
    with pytest.raises(SettingsError, match="--perturb"):
        parse_perturbations([word])


def test_a_perturbation_has_five_values() -> None:
    with pytest.raises(ValueError, match="has 2 levels, not 5"):
        Perturbation("half", "half", "of all", (1, 2), delay)


def test_an_ffmpeg_that_loses_frames_is_an_error(
    clip: TrackClip,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frame_effects, "run_ffmpeg", lambda *_: b"too little")
    with pytest.raises(AvdfError, match="ffmpeg returned 10 bytes"):
        perturbed(clip, "h264:1")


def test_the_command_scores_each_perturbation_beside_the_videos_as_they_are(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    words = ["--split", "all", "--perturb", "jpeg:5", "--perturb", "shift:5"]
    code, text = call("score", run, shards, "--out", tmp_path, *words)
    assert code == 0, text
    rows = read_table(tmp_path / "robustness.csv")
    found = [(row["perturbation"], row["level"], row["value"]) for row in rows]
    assert found == [("none", "0", ""), ("jpeg", "5", "10.0"), ("shift", "5", "12.0")]
    assert {row["videos"] for row in rows} == {"18"}
    videos = read_table(tmp_path / "robustness_videos.csv")
    assert len(videos) == 54
    unchanged = [row["p_visual"] for row in videos if row["perturbation"] == "none"]
    changed = [row["p_visual"] for row in videos if row["perturbation"] == "jpeg"]
    assert unchanged != changed
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Under perturbations" in page
    assert (tmp_path / "robustness.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_file_can_be_perturbed_too(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    path = synthetic_manifest.parent / "p4_real.mp4"
    code, text = call("score", run, path, "--out", tmp_path, "--perturb", "blur:5")
    assert code == 0, text
    assert "blur,5" in (tmp_path / "robustness.csv").read_text(encoding="utf-8")
