"""The detector: backbones, branches and losses; training, scoring, evaluation and the report.

A name is imported when it is first used: settings can be read without PyTorch.
"""

from typing import TYPE_CHECKING, Any

from avdf.cache.core.public_names import import_name

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
    return import_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
