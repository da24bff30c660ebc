"""Which of the weights that a configuration needs are on this machine."""

from dataclasses import dataclass
from pathlib import Path

from avdf.model.backbones.clip_weights import cached_clip, clip_url
from avdf.model.backbones.whisper_loading import cached_whisper, whisper_url
from avdf.model.config import DetectorConfig


@dataclass(frozen=True)
class WeightsFile:
    """One setting of weights: its value, the file if it is here, and the URL to fetch it from."""

    setting: str
    value: str
    file: Path | None
    url: str


def find_weights(config: DetectorConfig) -> tuple[WeightsFile, ...]:
    """The weights that a configuration needs, and which of them are here. Downloads nothing."""
    clip, whisper = config.clip_weights, config.whisper_weights
    return (
        WeightsFile(
            setting="model.clip_weights",
            value=clip,
            file=cached_clip(config.clip, clip),
            url=clip_url(config.clip, clip),
        ),
        WeightsFile(
            setting="model.whisper_weights",
            value=whisper,
            file=cached_whisper(whisper),
            url=whisper_url(whisper),
        ),
    )
