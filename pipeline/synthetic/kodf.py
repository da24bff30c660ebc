"""KoDF in small, drawn: its folders and names, and a synthesis of each actor by each method that has sound."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic
from avdf.pipeline.synthetic.clip import draw_speaker, film, write_clip

# method's folder -> (code in the name, which drawn forgery stands for it)
METHODS = {
    "dfl": (1, "faceswap"),
    "dffs": (2, "fsgan"),
    "fo": (4, "fsgan-wav2lip"),
    "audio-driven": (5, "wav2lip"),
}
_GENDERS = ("men", "women")


@dataclass(frozen=True)
class _Job:
    root: Path
    actor: int
    actors: int
    seconds: float
    seed: int


def draw_kodf(
    root: Path,
    actors: int = 6,
    seconds: float = 1.8,
    seed: int = 1,
    workers: int = 0,
    on_actor: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Draw four originals and four syntheses of each actor below `root`; returns how many videos there are.

    The same arguments give the same pictures and sounds.
    """
    mark_as_synthetic(root)
    jobs = [_Job(root, actor, actors, seconds, seed) for actor in range(actors)]
    videos = 0
    with process_pool(workers) as pool:
        for done, made in enumerate(pool.map(_draw_actor, jobs), 1):
            videos += made
            on_actor(done, len(jobs))
    return videos


def _name(actor: int) -> str:
    return str(101 + actor)


def _draw_actor(job: _Job) -> int:
    source = (job.actor + 1) % job.actors
    speaker, other = (
        draw_speaker(np.random.default_rng([job.seed, 77, number]), _GENDERS[job.actor % 2])
        for number in (job.actor, source)
    )
    target = _name(job.actor)
    for number, (method, (code, forgery)) in enumerate(METHODS.items(), 1):
        clips = np.random.default_rng([job.seed, 78, job.actor, number]).spawn(2)
        original = job.root / "original_videos" / target / f"{target}_{number:03d}.mp4"
        write_clip(original, film(speaker, other, "real", False, job.seconds, clips[0]))
        made = f"{target}_{_name(source)}_{code}_{number:04d}.mp4"
        place = job.root / "synthesized_videos" / method / "20210101" / target / made
        write_clip(place, film(speaker, other, forgery, False, job.seconds, clips[1]))
    return 2 * len(METHODS)
