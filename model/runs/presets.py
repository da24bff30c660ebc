"""Presets of backbones: what `--backbones` sets, and what one backbone's name says about the rest."""

from typing import Any

from avdf.model.whisper_sizes import WHISPER_NAMES

# What `--backbones` sets: architectures, their weights, and the widths that go with them. The paper's are the defaults.
BACKBONES: dict[str, dict[str, Any]] = {
    "demo": {
        "clip": "demo", "clip_weights": "demo", "whisper": "demo", "whisper_weights": "demo",
        "audio_prompt_dim": 64, "fused_dim": 64, "head_dim": 64,
    },
    "paper": {},
}  # fmt: skip


def complete_backbones(model: dict[str, Any]) -> dict[str, Any]:
    """With the architecture that named weights are of, and the weights that a named architecture has, unless given."""
    found = dict(model)
    for kind in ("clip", "whisper"):
        architecture, weights = model.get(kind), model.get(f"{kind}_weights")
        if architecture is None and isinstance(weights, str) and _names_architecture(kind, weights):
            found[kind] = weights
        # CLIP's architectures have several weights each; their default, OpenAI's, is that of the paper.
        if (
            weights is None
            and isinstance(architecture, str)
            and _names_architecture(kind, architecture)
        ):
            found[f"{kind}_weights"] = architecture
    return found


def _names_architecture(kind: str, name: str) -> bool:
    """The demo's name, and those of Whisper's sizes, stand for the weights as well."""
    return name == "demo" or (kind == "whisper" and name in WHISPER_NAMES)
