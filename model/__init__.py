"""The detector: backbones, prompts, fusion and losses; training, scoring, metrics, checkpoints and the report."""

from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector, DetectorOutput
from avdf.model.losses import cmfm_loss

__all__ = ["Detector", "DetectorConfig", "DetectorOutput", "cmfm_loss"]
