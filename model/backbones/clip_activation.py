"""Which activation CLIP weights need: QuickGELU, as OpenAI's, or GELU, as LAION's.

The tensors of a file do not show it, and the wrong activation runs and gives wrong features.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones.info import DEMO, RANDOM, BackboneInfo
from avdf.model.backbones.released import (
    find_architecture,
    find_released,
    released_tags,
)
from avdf.model.config import Activation, DetectorConfig


def needs_quick_gelu(
    config: DetectorConfig,
    settings: dict[str, Any],
    path: Path | None,
) -> bool:
    """Whether the weights of `model.clip_weights` need QuickGELU.

    Args:
        settings: open_clip's of the architecture.
        path: the file of the weights; None for random ones.

    Raises:
        SettingsError: only the user can tell: a local file of an architecture that exists in both
            kinds. The message names the setting to add.
    """
    if config.clip_activation != "auto":
        return config.clip_activation == "quick_gelu"
    of_architecture = bool(settings.get("quick_gelu", False))
    if path is None or config.clip_weights == DEMO:
        return of_architecture

    # open_clip knows it of the names of released weights.
    released = find_released(config.clip, config.clip_weights)
    if released:
        return bool(released.get("quick_gelu", False))

    # What remains is a local file. Some architectures exist in one kind only.
    if config.clip == DEMO or of_architecture:
        return True
    if not _exists_in_both_kinds(config.clip):
        return False

    # OpenAI alone published TorchScript archives.
    if _is_torchscript(path):
        return True
    raise SettingsError(
        f"model.clip_weights {config.clip_weights}: a file does not say whether its weights need "
        "QuickGELU; set model.clip_activation=quick_gelu if OpenAI made them, "
        "or model.clip_activation=gelu if LAION did (others: as their authors say)"
    )


def trained_activation(
    config: DetectorConfig, backbones: Mapping[str, BackboneInfo]
) -> Activation:
    """The activation that a run's image encoder was trained with, wherever its weights are today.

    Args:
        config: the run's.
        backbones: what its checkpoint records of them.
    """
    if config.clip_activation != "auto" or "clip" not in backbones:
        return config.clip_activation
    recorded = backbones["clip"].activation
    if recorded:
        return "quick_gelu" if recorded == "quick_gelu" else "gelu"

    # Old checkpoints do not record it. In their time a local file was taken for OpenAI's
    # wherever OpenAI released the architecture.
    released = find_released(config.clip, config.clip_weights)
    is_local = not released and config.clip_weights not in (DEMO, RANDOM)
    if not is_local or find_architecture(config.clip) is None:
        return "auto"
    return "quick_gelu" if _is_released_by_openai(config.clip) else "gelu"


def _exists_in_both_kinds(name: str) -> bool:
    other = find_architecture(f"{name}-quickgelu")
    return other is not None or _is_released_by_openai(name)


def _is_released_by_openai(name: str) -> bool:
    return "openai" in released_tags(name)


def _is_torchscript(path: Path) -> bool:
    """Whether a file is a TorchScript archive, which holds code beside the tensors."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())
