"""Settings of a training run that takes seconds: the demo's backbones, small widths, one epoch.

It trains on a CPU, or on the device that the variable AVDF_TEST_DEVICE names.
"""

import os

from avdf.model import DetectorConfig

TINY_SETTINGS = (
    "model.clip=demo",
    "model.clip_weights=demo",
    "model.whisper=demo",
    "model.whisper_weights=demo",
    "model.audio_prompt_dim=8",
    "model.fused_dim=8",
    "model.head_dim=8",
    "data.batch_size=4",
    "training.epochs=1",
    f"training.device={os.environ.get('AVDF_TEST_DEVICE', 'cpu')}",
)
TINY_OPTIONS = [word for setting in TINY_SETTINGS for word in ("--set", setting)]
"""The same settings as `avdf train` takes them."""

TINY_MODEL = DetectorConfig(
    clip="demo",
    clip_weights="demo",
    whisper="demo",
    whisper_weights="demo",
    audio_prompt_dim=8,
    fused_dim=8,
    head_dim=8,
)
"""The detector of such a run."""
