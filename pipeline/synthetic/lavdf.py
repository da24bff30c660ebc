"""A small synthetic LAV-DF: only a part of each video is forged, and `metadata.json` says which."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME
from avdf.pipeline.synthetic.clip import SyntheticClip, generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.forgery import NOTHING_FORGED, Forgery
from avdf.pipeline.synthetic.generate import generate_parts
from avdf.pipeline.synthetic.speaker import Speaker, random_speaker

SPLITS = ("train", "train", "train", "dev", "test")  # of the persons in turn
_GENDERS = ("men", "women")
# what is forged in each of a person's videos: (the frames, the audio)
_KINDS = ((False, False), (True, False), (False, True), (True, True))
_SHORTEST, _LONGEST = 0.6, 1.0  # seconds of the forged part
_MARGIN = 5  # frames at both ends that are never forged
_SPEAKERS, _CLIPS, _PARTS = 91, 92, 93  # random streams
_OTHERS = 500  # numbers of the persons whose faces are pasted begin here


@dataclass(frozen=True)
class _Part:
    """The videos of one person."""

    root: Path
    person: int
    seconds: float
    seed: int


def generate_lavdf(
    root: Path,
    persons: int = 10,
    seconds: float = 3.2,
    seed: int = 2,
    workers: int = 0,
) -> int:
    """Write four videos of each person: real; frames, audio, or both forged in a part.

    The same arguments give the same videos.

    Args:
        seconds: length of each video.
        workers: number of processes; 0: one for each core.

    Returns:
        How many videos there are.
    """
    parts = [_Part(root, person, seconds, seed) for person in range(persons)]
    entries: list[dict[str, Any]] = []
    for made in generate_parts(root, _generate_person, parts, workers):
        entries += made
    (root / "metadata.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")
    return len(entries)


def _generate_person(part: _Part) -> list[dict[str, Any]]:
    """Write the videos of one person and return their entries of the metadata."""
    real, forged = _whole_clips(part)
    split = SPLITS[part.person % len(SPLITS)]
    chance = np.random.default_rng([part.seed, _PARTS, part.person])
    first = part.person * len(_KINDS)
    entries = []
    for number, (visual, audio) in enumerate(_KINDS):
        rows = _random_part(len(real.frames), chance)
        name = f"{split}/{first + number:06d}.mp4"
        clip = _splice(real, forged, rows, visual, audio)
        write_clip(part.root / name, clip)
        faked = visual or audio
        span = [rows.start / FRAME_RATE, rows.stop / FRAME_RATE]
        entries.append(
            {
                "file": name,
                "n_fakes": int(faked),
                "fake_periods": [span] if faked else [],
                "duration": part.seconds,
                "original": f"{split}/{first:06d}.mp4" if faked else None,
                "modify_video": visual,
                "modify_audio": audio,
                "split": split,
                "video_frames": len(real.frames),
                "audio_channels": 1,
                "audio_frames": len(real.audio),
            }
        )
    return entries


def _whole_clips(part: _Part) -> tuple[SyntheticClip, SyntheticClip]:
    """The same clip twice: real, and forged from end to end."""
    gender = _GENDERS[part.person % 2]
    speaker = _speaker(part.person, gender, part.seed)
    other = _speaker(part.person + _OTHERS, gender, part.seed)
    all_forged = Forgery("faceswap", fake_audio=True, other=other)
    clips = []
    for forgery in (NOTHING_FORGED, all_forged):
        # The same random numbers for both, so that only the forgery differs.
        generator = np.random.default_rng([part.seed, _CLIPS, part.person])
        clips.append(generate_clip(speaker, part.seconds, generator, forgery))
    return clips[0], clips[1]


def _speaker(number: int, gender: str, seed: int) -> Speaker:
    return random_speaker(np.random.default_rng([seed, _SPEAKERS, number]), gender)


def _random_part(frames: int, chance: np.random.Generator) -> slice:
    """The rows that are forged."""
    shortest = round(_SHORTEST * FRAME_RATE)
    longest = round(_LONGEST * FRAME_RATE)
    length = int(chance.integers(shortest, longest + 1))
    latest_start = frames - length - _MARGIN
    start = int(chance.integers(_MARGIN, latest_start))
    return slice(start, start + length)


def _splice(
    real: SyntheticClip,
    forged: SyntheticClip,
    rows: slice,
    visual: bool,
    audio: bool,
) -> SyntheticClip:
    """The real clip with some rows of the forged one, in its frames, its audio or both."""
    frames = real.frames.copy()
    samples = real.audio.copy()
    if visual:
        frames[rows] = forged.frames[rows]
    if audio:
        start = rows.start * SAMPLES_PER_FRAME
        stop = rows.stop * SAMPLES_PER_FRAME
        samples[start:stop] = forged.audio[start:stop]
    return SyntheticClip(frames, samples)
