"""The forgers of the picture."""

from avdf.model.forging.forger import Forger
from avdf.model.forging.picture.drift import drift
from avdf.model.forging.picture.frame_change import picture_forger
from avdf.model.forging.picture.mouth_time import mouth_time
from avdf.model.forging.picture.self_blend import self_blend
from avdf.model.forging.picture.smoothing import smoothing

PICTURE_FORGERS: tuple[Forger, ...] = (
    picture_forger("self_blend", "self-blended face", self_blend),
    picture_forger("drift", "face with drifting features", drift),
    picture_forger("smoothing", "mouth smoothed over time", smoothing),
    picture_forger(
        "mouth_time", "mouth from another instant", mouth_time, divisible=False
    ),
)
