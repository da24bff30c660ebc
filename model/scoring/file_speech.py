"""Who speaks in a file: which face moves with the sound, and by a run that has learned synchrony.

The two are independent of each other. Where only one of them names a face, that face speaks; where
they name different faces, nobody can tell.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.video import PreparedVideo
from avdf.cache.stream.clips import TrackClip
from avdf.model.inference.tracks import TrackScores
from avdf.model.speaking.agreement import agreement
from avdf.model.speaking.mouth import mouths
from avdf.model.speaking.shared_windows import SharedWindow, TrackRows, shared_windows
from avdf.model.speaking.sound import sound_features
from avdf.model.speaking.speaker import speaker_of
from avdf.model.speaking.speech import IntArray, Speech
from avdf.model.synchrony.calibration import SyncCalibration

SmallMouths = npt.NDArray[np.float16]  # (n, 14, 20)


class FileSpeech:
    """Watches the clips of one file as they are scored, and says who speaks."""

    def __init__(self, video: PreparedVideo) -> None:
        self._tracks = video.tracks
        self._rows = [
            TrackRows(start := round(track.start * FRAME_RATE), start + len(track))
            for track in video.tracks
        ]
        heard = any(track.has_audio for track in video.tracks)
        self._windows = shared_windows(self._rows) if heard else []
        # Mouths take time to find: only those that are compared are looked at.
        compared = [one for one in self._windows if one.is_long_enough]
        self._watched = {track for one in compared for track in one.tracks}
        self._parts: list[list[SmallMouths]] = [[] for _ in self._tracks]

    def watch(self, clips: Iterator[TrackClip]) -> Iterator[TrackClip]:
        """The same clips, whose mouths are kept."""
        track = 0
        for clip in clips:
            if track in self._watched:
                # Half as long numbers: an hour of a face takes 50 MB.
                self._parts[track].append(mouths(clip.frames).astype(np.float16))
            yield clip
            track += clip.last

    def states(
        self, scores: Sequence[TrackScores], calibration: SyncCalibration | None
    ) -> list[IntArray]:
        """Of each track, (segments,) whether its face speaks in each segment.

        Args:
            scores: of each track, after all clips were watched.
            calibration: how the run reads synchrony; None where it has not learned it.
        """
        rows = [np.full(len(track), Speech.ALONE) for track in self._tracks]
        seen = {n: np.concatenate(self._parts[n]) for n in self._watched}
        for window in self._windows:
            told = self._speaker(window, seen, scores, calibration)
            for track in window.tracks:
                state = Speech.UNTOLD
                if told is not None:
                    state = Speech.SPEAKS if track == told else Speech.LISTENS
                first = self._rows[track].first
                rows[track][window.first - first : window.stop - first] = state
        return [_by_segment(own) for own in rows]

    def _speaker(
        self,
        window: SharedWindow,
        moved: Mapping[int, SmallMouths],
        scores: Sequence[TrackScores],
        calibration: SyncCalibration | None,
    ) -> int | None:
        """The index of the track that speaks; None where it cannot be told."""
        seen = self._seen_speaking(window, moved) if window.is_long_enough else None
        if calibration is None:
            return seen
        fitting = self._fitting(window, scores, calibration)
        if seen is None or fitting is None or seen == fitting:
            return fitting if seen is None else seen
        return None

    def _seen_speaking(
        self, window: SharedWindow, moved: Mapping[int, SmallMouths]
    ) -> int | None:
        """The track whose mouth moves with the sound.

        Args:
            moved: the mouths of each track that was watched.
        """
        found = []
        for track in window.tracks:
            first = self._rows[track].first
            own = slice(window.first - first, window.stop - first)
            samples = slice(own.start * SAMPLES_PER_FRAME, own.stop * SAMPLES_PER_FRAME)
            sound = sound_features(self._tracks[track].pcm[samples])
            found.append(agreement(moved[track][own].astype(np.float32), sound))
        told = speaker_of(found)
        return None if told is None else window.tracks[told]

    def _fitting(
        self,
        window: SharedWindow,
        scores: Sequence[TrackScores],
        calibration: SyncCalibration,
    ) -> int | None:
        """The only track that the run finds in sync with the sound."""
        together = []
        for track in window.tracks:
            scored, first = scores[track], self._rows[track].first
            begins = scored.first + first
            inside = (begins >= window.first) & (begins + SEGMENT_FRAMES <= window.stop)
            own = scored.windows.curves.chosen(
                inside & (scored.first % SEGMENT_FRAMES == 0)
            )
            whole = own.by_video(np.zeros(len(own.sums), np.int64), 1)
            # Without a curve there is nothing to choose by.
            if not whole.is_known[0]:
                return None
            if calibration.probability(whole.sync)[0] < calibration.threshold:
                together.append(track)
        return together[0] if len(together) == 1 else None


def _by_segment(rows: IntArray) -> IntArray:
    """(segments,) the state of most rows of each segment."""
    segments = len(rows) // SEGMENT_FRAMES
    whole = rows[: segments * SEGMENT_FRAMES].reshape(segments, SEGMENT_FRAMES)
    counts = [np.bincount(part, minlength=len(Speech)).argmax() for part in whole]
    return np.array(counts, np.int64)
