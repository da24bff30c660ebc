"""The settings of a command that say where the weights of the backbones are."""

from collections.abc import Sequence
from typing import Any


def parse_weights(settings: Sequence[str]) -> dict[str, Any]:
    """The files that `--set model.clip_weights=FILE` and its like name.

    Raises:
        SettingsError: another setting.
    """
    from avdf.cache.core.errors import SettingsError

    weights: dict[str, Any] = {}
    for setting in settings:
        # Other settings belong to the run: changed, they would make another detector of it.
        name, _, file = setting.partition("=")
        if name not in ("model.clip_weights", "model.whisper_weights") or not file:
            raise SettingsError(
                f"--set {setting}: "
                "scoring takes model.clip_weights=... and model.whisper_weights=..."
            )
        weights[name.removeprefix("model.")] = file
    return weights
