"""The detector: backbones, branches and losses; training, scoring, evaluation and the report."""

from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.matching import cmfm_loss
from avdf.model.output import DetectorOutput

__all__ = ["Detector", "DetectorConfig", "DetectorOutput", "cmfm_loss"]
