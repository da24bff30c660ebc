"""What is forged in a synthetic clip, and with whose face."""

from dataclasses import dataclass

from avdf.pipeline.synthetic.speaker import Speaker

METHODS = (
    "real",
    "rtvc",
    "wav2lip",
    "faceswap",
    "fsgan",
    "faceswap-wav2lip",
    "fsgan-wav2lip",
)


@dataclass(frozen=True)
class Forgery:
    """What is forged in a clip.

    method      as FakeAVCeleb names it; `real` and `rtvc` leave the frames as they are
    fake_audio  the audio is a clone of other words in the speaker's voice
    other       whose face a swap pastes; needed by `faceswap` and `fsgan` alone
    """

    method: str = "real"
    fake_audio: bool = False
    other: Speaker | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(
                f"method {self.method!r} is not one of {', '.join(METHODS)}"
            )
        if self.swap and self.other is None:
            raise ValueError(
                f"method {self.method!r} needs another speaker, whose face it pastes"
            )

    @property
    def swap(self) -> str:
        """The method that swaps the face; '' where none does."""
        first = self.method.partition("-")[0]
        return first if first in ("faceswap", "fsgan") else ""

    @property
    def new_mouth(self) -> bool:
        """Whether the mouth is painted again (by `wav2lip`)."""
        return self.method.endswith("wav2lip")


NOTHING_FORGED = Forgery()
