"""Which of several audio streams is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.pipeline.media.audio_trial import AudioTrial, try_audio
from avdf.pipeline.settings import Limits


@dataclass(frozen=True)
class AudioChoice:
    """The audio stream that is used, as ffprobe describes it.

    note  which streams were passed over, and why; '' where it is the first one
    """

    stream: dict[str, Any]
    note: str = ""


def choose_audio(
    path: Path,
    program: str,
    streams: Sequence[dict[str, Any]],
    limits: Limits,
) -> AudioChoice:
    """The first audio stream that is not silent for its first minute.

    If none is, the first that can be decoded; else the first.
    """
    if len(streams) == 1:
        return AudioChoice(streams[0])
    trials: list[AudioTrial] = []
    for stream in streams:
        trials.append(try_audio(path, program, int(stream["index"]), limits))
        if trials[-1].has_signal:
            break
    # The best is the first of those that are as good as it: with a signal, silent, without samples.
    ranks = [(not trial.has_signal, bool(trial.fault)) for trial in trials]
    used = ranks.index(min(ranks))
    passed_over = [
        f"stream {stream['index']} {trial.why_not_used}"
        for stream, trial in zip(streams[:used], trials[:used], strict=True)
    ]
    if not passed_over:
        return AudioChoice(streams[0])
    note = f"audio is stream {streams[used]['index']}: {', '.join(passed_over)}"
    return AudioChoice(streams[used], note)
