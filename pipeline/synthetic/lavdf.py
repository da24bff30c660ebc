"""LAV-DF in small, drawn: videos of which a part alone is forged, with `metadata.json` that says which."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME
from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic
from avdf.pipeline.synthetic.clip import Clip, draw_speaker, film, write_clip

SPLITS = ("train", "train", "train", "dev", "test")  # of people in turn
_KINDS = ((False, False), (True, False), (False, True), (True, True))  # picture, sound
_LEAST, _MOST = 0.6, 1.0  # seconds of the forged part


@dataclass(frozen=True)
class _Job:
    root: Path
    person: int
    seconds: float
    seed: int


def draw_lavdf(
    root: Path, people: int = 10, seconds: float = 3.2, seed: int = 2, workers: int = 0
) -> int:
    """Draw four videos of each person below `root` (real; picture, sound, both forged in a part); returns how many.

    The same arguments give the same pictures and sounds.
    """
    mark_as_synthetic(root)
    jobs = [_Job(root, person, seconds, seed) for person in range(people)]
    with process_pool(workers) as pool:
        entries = [entry for made in pool.map(_draw_person, jobs) for entry in made]
    (root / "metadata.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")
    return len(entries)


def _draw_person(job: _Job) -> list[dict[str, Any]]:
    gender = ("men", "women")[job.person % 2]
    speaker, other = (
        draw_speaker(np.random.default_rng([job.seed, 91, n]), gender)
        for n in (job.person, job.person + 500)
    )
    split = SPLITS[job.person % len(SPLITS)]
    real = film(
        speaker,
        other,
        "real",
        False,
        job.seconds,
        np.random.default_rng([job.seed, 92, job.person]),
    )
    forged = film(
        speaker,
        other,
        "faceswap",
        True,
        job.seconds,
        np.random.default_rng([job.seed, 92, job.person]),
    )
    chance = np.random.default_rng([job.seed, 93, job.person])
    first = f"{split}/{job.person * len(_KINDS):06d}.mp4"
    entries = []
    for number, (picture, sound) in enumerate(_KINDS):
        frames = int(chance.integers(round(_LEAST * FRAME_RATE), round(_MOST * FRAME_RATE) + 1))
        start = int(chance.integers(5, len(real.frames) - frames - 5))
        span = [start / FRAME_RATE, (start + frames) / FRAME_RATE]
        name = f"{split}/{job.person * len(_KINDS) + number:06d}.mp4"
        write_clip(job.root / name, _splice(real, forged, start, start + frames, picture, sound))
        entries.append(
            {
                "file": name, "n_fakes": int(picture or sound), "fake_periods": [span] if picture or sound else [],
                "duration": job.seconds, "original": first if picture or sound else None, "modify_video": picture,
                "modify_audio": sound, "split": split, "video_frames": len(real.frames), "audio_channels": 1,
                "audio_frames": len(real.sound),
            }
        )  # fmt: skip
    return entries


def _splice(real: Clip, forged: Clip, first: int, stop: int, picture: bool, sound: bool) -> Clip:
    """The real clip with rows `first` to `stop` of the forged one, in picture, sound or both."""
    frames, heard = real.frames.copy(), real.sound.copy()
    if picture:
        frames[first:stop] = forged.frames[first:stop]
    if sound:
        part = slice(first * SAMPLES_PER_FRAME, stop * SAMPLES_PER_FRAME)
        heard[part] = forged.sound[part]
    return Clip(frames, heard)
