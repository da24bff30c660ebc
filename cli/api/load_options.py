"""Which detector of a run is loaded, and where it computes."""

import re
from dataclasses import dataclass
from typing import Literal

from avdf.arguments import check_device, check_fields
from avdf.cache.core.errors import SettingsError
from avdf.model.inference.precision import Precision, read_precision


@dataclass(frozen=True)
class LoadOptions:
    """How a run is loaded.

    checkpoint       best, last, or epoch-NN of a run that kept every epoch
    device           auto, cpu or cuda
    precision        of the frozen layers: auto, float32 or bfloat16; '': that of the training
    clip_weights     file on this machine with the weights of the visual backbone; '': found as in
                     training. Its hash is compared with that of training
    whisper_weights  the same for the audio backbone

    Raises:
        SettingsError: a checkpoint, device or precision that is unknown.
    """

    checkpoint: str = "best"
    device: str = "auto"
    precision: Literal["", "auto", "float32", "bfloat16"] = ""
    clip_weights: str = ""
    whisper_weights: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        check_device(self.device)
        # Only the form of the name can be checked here: there is no folder yet to look into.
        if not re.fullmatch(r"best|last|epoch-[0-9]+", self.checkpoint):
            raise SettingsError(
                f"checkpoint {self.checkpoint!r} is unknown; use best, last or epoch-NN"
            )

    @property
    def dtype(self) -> Precision | None:
        """The precision of the frozen layers; None: that of the training."""
        return read_precision(self.precision)

    @property
    def weights(self) -> dict[str, str]:
        """The files that are named, by the setting that they replace."""
        # Left out where empty: then the file of the training is looked for.
        files = {
            "clip_weights": self.clip_weights,
            "whisper_weights": self.whisper_weights,
        }
        return {name: file for name, file in files.items() if file}
