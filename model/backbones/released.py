"""What open_clip knows of architectures and of released weights, without all of open_clip."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from avdf.cache.machine.light_import import import_alone


def find_architecture(name: str) -> dict[str, Any] | None:
    """open_clip's settings of an architecture; None where it has no such architecture."""
    # A program that has imported open_clip may have added architectures of its own.
    if "open_clip.factory" not in sys.modules:
        spec = find_spec("open_clip")
        assert spec is not None
        assert spec.origin is not None
        known = Path(spec.origin).parent / "model_configs"
        files = {file.stem: file for file in known.glob("*.json")}
        if name in files:
            settings: dict[str, Any] = json.loads(files[name].read_text("utf-8"))
            return settings
    import open_clip

    found: dict[str, Any] | None = open_clip.get_model_config(name)
    return found


def find_released(name: str, weights: str) -> dict[str, Any]:
    """What open_clip knows of released weights: URL, colours, activation; {} of others."""
    found: dict[str, Any] = pretrained().get_pretrained_cfg(name, weights)
    return found


def released_tags(name: str) -> list[str]:
    """The names of the released weights of an architecture."""
    tags: list[str] = pretrained().list_pretrained_tags_by_model(name)
    return tags


def pretrained() -> ModuleType:
    """The module open_clip.pretrained, a table of released weights."""
    # The client of the hub is imported when something is downloaded.
    import_alone(
        ("open_clip.pretrained",),
        packages=("open_clip",),
        functions={"huggingface_hub": ("hf_hub_download",)},
    )
    return sys.modules["open_clip.pretrained"]
