"""Eleven perturbations at five levels: what may happen to a video after it was recorded.

They act on what is scored: crops of 224 pixels at 25 fps and audio at 16 kHz, so that the same
faces are compared at every level. A video codec therefore sees the crop, not the whole frame.
"""

from avdf.pipeline.perturbations.catalogue import PERTURBATIONS, parse_perturbations
from avdf.pipeline.perturbations.perturbation import LEVELS, Perturbation, Perturbed

__all__ = [
    "LEVELS",
    "PERTURBATIONS",
    "Perturbation",
    "Perturbed",
    "parse_perturbations",
]
