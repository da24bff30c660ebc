"""A small synthetic KoDF: its folders and names, and syntheses by each method that has audio."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.forgery import Forgery
from avdf.pipeline.synthetic.generate import OnPart, generate_parts, ignore_progress
from avdf.pipeline.synthetic.speaker import Speaker, random_speaker

# folder of the method -> (code in a file's name, the synthetic forgery that stands for it)
METHODS = {
    "dfl": (1, "faceswap"),
    "dffs": (2, "fsgan"),
    "fo": (4, "fsgan-wav2lip"),
    "audio-driven": (5, "wav2lip"),
}
_GENDERS = ("men", "women")
_SPEAKERS, _CLIPS = 77, 78  # random streams


@dataclass(frozen=True)
class _Part:
    """The videos of one of `actors` actors."""

    root: Path
    actor: int
    actors: int
    seconds: float
    seed: int


def generate_kodf(
    root: Path,
    actors: int = 6,
    seconds: float = 1.8,
    seed: int = 1,
    workers: int = 0,
    on_actor: OnPart = ignore_progress,
) -> int:
    """Write four originals and four syntheses of each actor below `root`.

    The same arguments give the same videos.

    Args:
        seconds: length of each video.
        workers: number of processes; 0: one for each core.
        on_actor: called with the number of finished actors and of all.

    Returns:
        How many videos there are.
    """
    parts = [_Part(root, actor, actors, seconds, seed) for actor in range(actors)]
    return sum(generate_parts(root, _generate_actor, parts, workers, on_actor))


def _generate_actor(part: _Part) -> int:
    """Write the videos of one actor, whose face is replaced by that of the next."""
    source = (part.actor + 1) % part.actors
    gender = _GENDERS[part.actor % 2]
    speaker = _speaker(part.actor, gender, part.seed)
    other = _speaker(source, gender, part.seed)
    name = _actor_name(part.actor)
    for number, (method, (code, stand_in)) in enumerate(METHODS.items(), 1):
        seed = [part.seed, _CLIPS, part.actor, number]
        for_real, for_forged = np.random.default_rng(seed).spawn(2)
        folder = part.root / "original_videos" / name
        clip = generate_clip(speaker, part.seconds, for_real)
        write_clip(folder / f"{name}_{number:03d}.mp4", clip)

        forgery = Forgery(stand_in, other=other)
        folder = part.root / "synthesized_videos" / method / "20210101" / name
        forged_name = f"{name}_{_actor_name(source)}_{code}_{number:04d}.mp4"
        clip = generate_clip(speaker, part.seconds, for_forged, forgery)
        write_clip(folder / forged_name, clip)
    return 2 * len(METHODS)


def _speaker(number: int, gender: str, seed: int) -> Speaker:
    return random_speaker(np.random.default_rng([seed, _SPEAKERS, number]), gender)


def _actor_name(actor: int) -> str:
    return str(101 + actor)
