"""Synthetic speakers: a face and a voice that belong together."""

from dataclasses import dataclass

import numpy as np

from avdf.pipeline.synthetic.person import Person, random_person
from avdf.pipeline.synthetic.voice import Voice, random_voice


@dataclass(frozen=True)
class Speaker:
    """Somebody with a face and a voice."""

    person: Person
    voice: Voice


def random_speaker(generator: np.random.Generator, gender: str) -> Speaker:
    """A random speaker, a man or a woman (`men` or `women`)."""
    return Speaker(random_person(generator), random_voice(generator, gender))
