"""The options of commands that load a run: which checkpoint, where to compute, which weights."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

CheckpointOption = Annotated[
    str,
    typer.Option(
        metavar="[best|last|epoch-NN]",
        help="Checkpoint to use; epoch-NN needs a run that kept every epoch.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        metavar="[auto|cpu|cuda]",
        help="Where to compute; auto: on a GPU if there is one.",
    ),
]
WeightsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="model.clip_weights=FILE or model.whisper_weights=FILE: where the weights of the "
        "backbones are on this machine; may be repeated.",
    ),
]


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
