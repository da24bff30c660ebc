"""The forgers that change what belongs together."""

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.forging.forger import Forger
from avdf.model.forging.together.other_sound import take_other_sound
from avdf.model.forging.together.shifted_sound import shift_sound
from avdf.model.forging.together.splice import splice
from avdf.model.verdicts import PerVerdict

_NOT_TOGETHER = PerVerdict(visual=REAL, audio=REAL, video=FAKE)

TOGETHER_FORGERS = (
    Forger(
        "other_sound",
        "sound of another video",
        _NOT_TOGETHER,
        take_other_sound,
        needs_other=True,
        divisible=False,
    ),
    Forger(
        "shifted_sound",
        "sound early or late",
        _NOT_TOGETHER,
        shift_sound,
        divisible=False,
    ),
    Forger(
        "splice",
        "one frame of picture and sound from another instant",
        PerVerdict.same(FAKE),
        splice,
        divisible=False,
    ),
)
