"""Which detector of a run is loaded, and where it computes."""

from dataclasses import dataclass, field

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
        SettingsError: an unknown precision.
    """

    checkpoint: str = "best"
    device: str = "auto"
    precision: str = ""
    clip_weights: str = ""
    whisper_weights: str = ""
    dtype: Precision | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", read_precision(self.precision))

    @property
    def weights(self) -> dict[str, str]:
        """The files that are named, by the setting that they replace."""
        files = {
            "clip_weights": self.clip_weights,
            "whisper_weights": self.whisper_weights,
        }
        return {name: file for name, file in files.items() if file}
