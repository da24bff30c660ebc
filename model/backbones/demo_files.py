"""The small backbones that are shipped with avdf, for the demo and for tests."""

from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones.info import DEMO, RANDOM

_FOLDER = Path(__file__).parent / "demo"
DEMO_CLIP = _FOLDER / "demo_clip.safetensors"
DEMO_WHISPER = _FOLDER / "demo_whisper.safetensors"
DEMO_VISION = {
    "image_size": 224,
    "patch_size": 28,
    "width": 96,
    "layers": 3,
    "head_width": 32,
}


def check_demo(kind: str, name: str, weights: str) -> None:
    """Check that the demo's architecture and the demo's weights are used together.

    Args:
        kind: `clip` or `whisper`.

    Raises:
        SettingsError: one of them was given without the other.
    """
    if weights == DEMO != name:
        raise SettingsError(
            f"model.{kind}_weights=demo are the weights of model.{kind}=demo, not of {name}; "
            f"set model.{kind}=demo, or use backbones demo"
        )
    if name == DEMO and weights not in (DEMO, RANDOM) and not Path(weights).is_file():
        raise SettingsError(
            f"model.{kind}=demo has no weights {weights!r}; "
            f"set model.{kind}_weights=demo, or use backbones demo"
        )
