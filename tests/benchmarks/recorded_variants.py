"""The rows of the table of `recorded_sync`: what is trained, and how."""

from dataclasses import dataclass
from functools import partial

from avdf.model.config import AlignFrom
from avdf.model.losses import Matching
from tests.benchmarks.recorded_models import Picture, Sound


@dataclass(frozen=True)
class Variant:
    """One row of the table.

    picture      `class_frozen`: the demo encoder's class token without prompts; `mouth_frozen`: its
                 patches over the mouth, as `align_from=mouth` takes them, without prompts;
                 `prompted`: the tokens of the encoder with one trained prompt a layer. Baselines:
                 principal components of mouth `pixels`, or of the encoder's tokens of the
                 `patches` over the mouth, each with its change; `patches_plain`: these tokens as
                 they are
    sound        `prompted`: Whisper with trained prompts, as in avdf; `frozen`: Whisper's tokens
    matching     the matching loss
    fakes        made pairs among the 16 segments of a batch
    per_clip     segments of one clip in a batch, before any has more
    temperature  that InfoNCE begins at
    align_from   the setting of the detector; without prompts, `prompt` is the class token
    centred      what is seen less its mean over the clip, which avdf does not do
    longer       factor of the steps
    rate         Adam's, of the alignment
    prompt_rate  of prompts and projections
    """

    picture: Picture
    sound: Sound
    matching: Matching
    fakes: int = 0
    per_clip: int = 1
    temperature: float = 0.1
    align_from: AlignFrom = "prompt"
    centred: bool = False
    longer: int = 1
    rate: float = 1e-3
    prompt_rate: float = 1e-4


_CLASS = partial(Variant, "class_frozen", "prompted")
_FROZEN = partial(Variant, "class_frozen", "frozen")
_PROMPTED = partial(Variant, "prompted", "prompted")
_MOUTH = partial(Variant, "mouth_frozen", "prompted", align_from="mouth")
_FROZEN_MOUTH = partial(Variant, "mouth_frozen", "frozen", align_from="mouth")
_PIXELS = partial(Variant, "pixels", "frozen")

VARIANTS = {
    # avdf, with Whisper's prompts trained.
    "class-cmfm": _CLASS("cmfm", fakes=8),
    "class-infonce": _CLASS("infonce"),
    "class-margin": _CLASS("margin"),
    # One rate for all, as `avdf train` has it: the paper's, and one that is too high.
    "class-infonce-slow": _CLASS("infonce", rate=1e-4),
    "class-infonce-fast": _CLASS("infonce", prompt_rate=1e-3),
    "class-infonce-fakes": _CLASS("infonce", fakes=8),
    "class-infonce-4-of-a-clip": _CLASS("infonce", per_clip=4),
    "class-infonce-centred": _CLASS("infonce", centred=True),
    "mouth-cmfm": _MOUTH("cmfm", fakes=8),
    "mouth-infonce": _MOUTH("infonce"),
    "mouth-infonce-slow": _MOUTH("infonce", rate=1e-4),
    # avdf, with visual prompts trained too, and the last with one rate, as `avdf train` has it.
    "prompted-infonce": _PROMPTED("infonce", align_from="class"),
    "prompted-infonce-both": _PROMPTED("infonce", align_from="both"),
    "prompted-mouth-infonce": _PROMPTED("infonce", align_from="mouth"),
    "prompted-mouth-infonce-slow": _PROMPTED("infonce", align_from="mouth", rate=1e-4),
    # avdf, with nothing trained but the alignment.
    "frozen-cmfm": _FROZEN("cmfm", fakes=8),
    "frozen-infonce": _FROZEN("infonce"),
    "frozen-margin": _FROZEN("margin"),
    "frozen-infonce-fakes": _FROZEN("infonce", fakes=8),
    "frozen-infonce-4-of-a-clip": _FROZEN("infonce", per_clip=4),
    "frozen-infonce-cool": _FROZEN("infonce", temperature=0.03),
    "frozen-infonce-3-times": _FROZEN("infonce", longer=3),
    "frozen-infonce-centred": _FROZEN("infonce", centred=True),
    "frozen-mouth-cmfm": _FROZEN_MOUTH("cmfm", fakes=8),
    "frozen-mouth-infonce": _FROZEN_MOUTH("infonce"),
    "frozen-mouth-margin": _FROZEN_MOUTH("margin"),
    "frozen-mouth-infonce-centred": _FROZEN_MOUTH("infonce", centred=True),
    "frozen-mouth-infonce-slow": _FROZEN_MOUTH("infonce", rate=1e-4),
    "frozen-mouth-infonce-3-times": _FROZEN_MOUTH("infonce", longer=3),
    "frozen-mouth-infonce-cool": _FROZEN_MOUTH("infonce", temperature=0.03),
    # The baseline.
    "patches-infonce": Variant("patches", "frozen", "infonce"),
    "patches-plain-infonce": Variant("patches_plain", "frozen", "infonce"),
    "patches-cmfm": Variant("patches", "frozen", "cmfm", fakes=8),
    "pixels-cmfm": _PIXELS("cmfm", fakes=8),
    "pixels-infonce": _PIXELS("infonce"),
    "pixels-margin": _PIXELS("margin"),
    "pixels-infonce-4-of-a-clip": _PIXELS("infonce", per_clip=4),
}
