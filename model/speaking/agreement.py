"""How well a mouth moves with the sound: a number that needs no weights and no training.

The main motions of the mouth are found in its own images (principal components), and compared with
the levels of the sound by canonical correlation, which finds by itself which motions go with which
sounds. In a few seconds such a search always finds something. So the sound is moved by a third of
a second and more, too: only what fits better where it is than elsewhere counts.
"""

import numpy as np
import numpy.typing as npt

from avdf.model.speaking.mouth import Mouths

# The sound of a frame is that of the 40 ms that begin with it: the instant at which the frame was
# taken lies between the sound of the frame before (-1) and its own (0).
LAGS = (-1, 0)
# Frames by which the sound is moved to see how well anything would fit: as far to both sides.
ELSEWHERE = (-17, -14, -11, -8, 7, 10, 13, 16)
# Of fewer frames (1.92 s) too little would be left at the largest shift.
FEWEST_FRAMES = 48

_MOTIONS = 8  # principal components of a mouth
_RIDGE = (
    0.05  # share of the variance that is added, so that no motion counts for its noise
)
_LARGEST_CORRELATION = 0.999

Array = npt.NDArray[np.float64]


def agreement(mouths: Mouths, sound: Array) -> float:
    """How well a mouth moves with the sound: about 0 where it does not, 0.3 to 1 where it does.

    In units of information (nats) that one of them gives on the other, less the median of the same
    with the sound moved elsewhere.

    Args:
        mouths: (n, 14, 20) of an unbroken run of frames, at least 48.
        sound: (n, 18) features of the same frames, as `sound_features` gives them.

    Raises:
        ValueError: the two are of different lengths, or too short.
    """
    if len(mouths) != len(sound) or len(mouths) < FEWEST_FRAMES:
        raise ValueError(
            f"{len(mouths)} mouths and the sound of {len(sound)} frames; expected as many of "
            f"both, at least {FEWEST_FRAMES}"
        )
    motion = mouth_motions(mouths)
    here = max(_shared(motion, sound, lag) for lag in LAGS)
    elsewhere = [_shared(motion, sound, lag) for lag in ELSEWHERE]
    return here - float(np.median(elsewhere))


def mouth_motions(mouths: Mouths) -> Array:
    """(n, 9) the eight main motions of a mouth over time, and log of the change in each frame."""
    flat = mouths.reshape(len(mouths), -1).astype(np.float64)
    centred = flat - flat.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    motions = left[:, :_MOTIONS] * sizes[:_MOTIONS]
    change = np.abs(np.diff(flat, axis=0, prepend=flat[:1])).mean(axis=1)
    # The first frame has none before it: it gets the change of the second.
    change[0] = change[1]
    brightness = max(float(flat.mean()), 1.0)
    return np.column_stack([motions, np.log(change / brightness + 0.002)])


def _shared(motion: Array, sound: Array, lag: int) -> float:
    """Information, in nats, that both share where the sound is `lag` frames late."""
    frames = len(motion)
    if lag >= 0:
        seen, heard = motion[: frames - lag], sound[lag:]
    else:
        seen, heard = motion[-lag:], sound[: frames + lag]
    correlation = np.linalg.svd(_whitened(seen).T @ _whitened(heard), compute_uv=False)
    bounded = np.clip(correlation, 0.0, _LARGEST_CORRELATION)
    # Of Gaussian variables, -1/2 log(1 - r^2) for each canonical correlation r.
    return float(-0.5 * np.log(1 - bounded**2).sum())


def _whitened(values: Array) -> Array:
    """(n, k) the same values without correlation among the columns, and of length 1."""
    frames = len(values)
    centred = values - values.mean(axis=0)
    scaled = centred / (centred.std(axis=0) + 1e-9)
    covariance = scaled.T @ scaled / frames + _RIDGE * np.eye(scaled.shape[1])
    variances, directions = np.linalg.eigh(covariance)
    to_white = (directions / np.sqrt(variances)) @ directions.T
    return np.asarray(scaled @ to_white / np.sqrt(frames))
