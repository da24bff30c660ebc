"""The detector: backbones, branches and losses; training, scoring, evaluation and the report.

A name is imported when it is first used: settings can be read without PyTorch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avdf.model.config import DetectorConfig
    from avdf.model.detector import Detector
    from avdf.model.matching import cmfm_loss
    from avdf.model.output import DetectorOutput

# Each public name, and the module below this one that defines it.
_HOMES = {
    "Detector": "detector",
    "DetectorConfig": "config",
    "DetectorOutput": "output",
    "cmfm_loss": "matching",
}

__all__ = ["Detector", "DetectorConfig", "DetectorOutput", "cmfm_loss"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'avdf.model' has no attribute {name!r}")
    return getattr(import_module(f"avdf.model.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
