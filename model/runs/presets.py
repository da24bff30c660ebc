"""Presets of backbones, and what the name of one backbone says about its weights."""

from collections.abc import Mapping
from typing import Any

from avdf.model.whisper_sizes import WHISPER_NAMES

# What `--backbones` sets: architectures, their weights, and the widths that go with them. The
# paper's values are the defaults of all settings.
BACKBONES: Mapping[str, Mapping[str, Any]] = {
    "demo": {
        "clip": "demo",
        "clip_weights": "demo",
        "whisper": "demo",
        "whisper_weights": "demo",
        "audio_prompt_dim": 64,
        "fused_dim": 64,
        "head_dim": 64,
    },
    "paper": {},
}


def complete_backbones(model: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of `model`, with an architecture or weights that the other one implies.

    `whisper = "small"` implies `whisper_weights = "small"`, and the other way round. A setting
    that is given stays as it is.
    """
    completed = dict(model)
    for kind in ("clip", "whisper"):
        architecture, weights = model.get(kind), model.get(f"{kind}_weights")
        # Each direction by itself: `whisper = "small"` alone, or `whisper_weights = "small"` alone.
        if architecture is None and _names_both(kind, weights):
            completed[kind] = weights
        if weights is None and _names_both(kind, architecture):
            completed[f"{kind}_weights"] = architecture
    return completed


def _names_both(kind: str, name: Any) -> bool:
    """Whether a name stands for an architecture and for its weights.

    Those of Whisper's sizes do. An architecture of CLIP has several weights.
    """
    return name == "demo" or (kind == "whisper" and name in WHISPER_NAMES)
