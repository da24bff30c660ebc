"""The synthetic clips that most tests of preparation, training and scoring share."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.forgery import Forgery
from avdf.pipeline.synthetic.speaker import random_speaker

SECONDS = 1.6
SPLITS = ("train", "train", "train", "val", "test", "test")  # of the persons
CLIPS = 18
COLUMNS = "path,label,label_visual,label_audio,split,category,method,identity"


@dataclass(frozen=True)
class Kind:
    """One of the clips of each person."""

    method: str
    category: str
    label_visual: int
    label_audio: int


KINDS = (
    Kind("real", "RVRA", REAL, REAL),
    Kind("rtvc", "RVFA", REAL, FAKE),
    Kind("faceswap", "FVRA-FS", FAKE, REAL),
)


def write_synthetic_clips(root: Path) -> None:
    """Six persons, each real, with a cloned voice, and with a swapped face; and `manifest.csv`."""
    rows = [COLUMNS]
    for person, split in enumerate(SPLITS):
        for kind in KINDS:
            name = f"p{person}_{kind.method}.mp4"
            _write(root / name, person, kind)
            label = max(kind.label_visual, kind.label_audio)
            labels = f"{label},{kind.label_visual},{kind.label_audio}"
            rows.append(
                f"{name},{labels},{split},{kind.category},{kind.method},p{person}"
            )
    (root / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _write(path: Path, person: int, kind: Kind) -> None:
    speaker = random_speaker(np.random.default_rng([11, person, 0]), "women")
    other = random_speaker(np.random.default_rng([11, person, 1]), "women")
    forgery = Forgery(kind.method, kind.label_audio == FAKE, other)
    generator = np.random.default_rng([11, person, 9])
    write_clip(path, generate_clip(speaker, SECONDS, generator, forgery))
