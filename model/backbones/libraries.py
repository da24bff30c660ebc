"""The modules of open_clip and whisper that the detector is made of, imported without the rest.

Both packages import far more than two encoders: torchvision, timm, a tokeniser, a compiler. Import
this module before `open_clip.transformer` or `whisper.model`.
"""

from avdf.cache.machine.light_import import import_alone

import_alone(
    ("open_clip.transformer",),
    packages=("torchvision", "torchvision.ops", "open_clip"),
)
# A whole Whisper can transcribe; its encoder needs none of the functions that do it.
import_alone(
    ("whisper.model",),
    packages=("whisper",),
    functions={
        "whisper.decoding": ("decode", "detect_language"),
        "whisper.transcribe": ("transcribe",),
    },
)
from open_clip.transformer import (  # noqa: E402  # after the imports above
    QuickGELU,
    ResidualAttentionBlock,
    VisionTransformer,
)
from whisper.model import AudioEncoder  # noqa: E402
from whisper.model import ResidualAttentionBlock as WhisperBlock  # noqa: E402

__all__ = [
    "AudioEncoder",
    "QuickGELU",
    "ResidualAttentionBlock",
    "VisionTransformer",
    "WhisperBlock",
]
