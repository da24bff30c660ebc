"""A baseline for synchrony without weights: does the mouth move with the sound?"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.logistic import sigmoid
from avdf.model.peers.footage import PeerFootage, PeerTrack
from avdf.model.peers.protocol import PeerDescription
from avdf.model.scoring.probabilities import NOT_SCORED, Probabilities
from avdf.model.speaking.agreement import FEWEST_FRAMES, agreement
from avdf.model.speaking.mouth import mouths
from avdf.model.speaking.shared_windows import WINDOW_ROWS
from avdf.model.speaking.sound import sound_features
from avdf.model.verdicts import PerVerdict

# The rule: P = 1 / (1 + exp((agreement - 0.2) / 0.1)). The agreement is about 0 where mouth and
# sound have nothing to do with each other, and 0.3 to 1 where they do (`agreement`).
HALF, STEEPNESS = 0.2, 0.1


class MouthMotion:
    """P(picture and sound do not belong together), given as P(fake) of the video.

    The agreement of mouth and sound in windows of about 3 s (at least 48 frames, 1.92 s), averaged
    over the video. Nothing is learned. A video without so long a track is not examined.
    """

    def describe(self) -> PeerDescription:
        """What it judges: whole videos, and no single part of them."""
        return PeerDescription(
            name="mouth motion",
            version="1",
            judges=("video",),
            unit="video",
            batch=1,
            notes=(
                "P(fake) of the video is that its picture and sound do not belong together, by "
                "a fixed rule: a forgery whose mouth moves with its sound is real to it",
            ),
        )

    def score(self, footage: Sequence[PeerFootage]) -> list[Probabilities]:
        """The verdict on each video; None for all where nothing is long enough."""
        return [_of_video(one) for one in footage]


def _of_video(footage: PeerFootage) -> Probabilities:
    if not (footage.has_picture and footage.has_sound):
        return NOT_SCORED
    found = [value for track in footage.tracks for value in _agreements(track)]
    if not found:
        return NOT_SCORED
    excess = (float(np.mean(found)) - HALF) / STEEPNESS
    return PerVerdict(None, None, float(sigmoid(np.array(-excess))))


def _agreements(track: PeerTrack) -> list[float]:
    """The agreement in each window of a track; none where the track is too short."""
    rows = len(track.frames)
    if rows < FEWEST_FRAMES:
        return []
    count = max(1, round(rows / WINDOW_ROWS))
    bounds = [rows * part // count for part in range(count + 1)]
    found = []
    for first, stop in pairwise(bounds):
        pcm = track.pcm[first * SAMPLES_PER_FRAME : stop * SAMPLES_PER_FRAME]
        found.append(agreement(mouths(track.frames[first:stop]), sound_features(pcm)))
    return found
