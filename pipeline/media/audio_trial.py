"""A trial of one audio stream: can it be decoded, and is anything in it?"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.loudness import is_silent
from avdf.pipeline.media.complaints import first_line
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.settings import Limits

_SECONDS = 60
_RATE = 8000  # Hz: enough to tell silence from a signal


@dataclass(frozen=True)
class AudioTrial:
    """What decoding an audio stream gave.

    has_signal  whether any of it is louder than -60 dB
    fault       why it holds no sample at all, in words that follow the name of a stream; '' where
                it holds some, or where nobody knows in time
    answered    whether the decoder came to an end in time
    """

    has_signal: bool
    fault: str = ""
    answered: bool = True

    @property
    def why_not_used(self) -> str:
        """Why a stream without a signal is passed over, in words that follow its name."""
        if not self.answered:
            return "was not decoded in time"
        return self.fault or "is silent"


def try_audio(path: Path, program: str, stream: int, limits: Limits) -> AudioTrial:
    """Decode at most the first minute of an audio stream.

    Args:
        program: path of the ffmpeg that decodes it.
        stream: its index in the file.
    """
    command = [program, "-v", "error", "-nostdin", *guard_words(), "-threads", "1"]
    command += ["-t", str(_SECONDS), "-i", f"file:{path.resolve()}"]
    command += ["-map", f"0:{stream}", "-ar", str(_RATE), "-f", "s16le", "pipe:1"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=limits.probe_timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return AudioTrial(has_signal=False, answered=False)
    whole_samples = len(done.stdout) // 2 * 2
    if whole_samples:
        samples = np.frombuffer(done.stdout[:whole_samples], np.int16)
        return AudioTrial(has_signal=not is_silent(samples))
    complaint = first_line(done.stderr.decode(errors="replace"), path)
    fault = f"cannot be decoded ({complaint})" if complaint else "is empty"
    return AudioTrial(has_signal=False, fault=fault)


def find_audio_fault(media: MediaInfo, limits: Limits) -> str:
    """Why no sample of the audio was decoded: `audio stream 1 (aac) is empty`.

    '' where the trial finds some: then the audio is not what is wrong.
    """
    if media.audio_stream is None:
        return ""
    trial = try_audio(media.path, media.program, media.audio_stream, limits)
    return f"{media.audio_name} {trial.fault}" if trial.fault else ""


def audio_name(stream: dict[str, Any]) -> str:
    """`audio stream 1 (aac)`, of ffprobe's entries."""
    codec = stream.get("codec_name") or "unknown codec"
    return f"audio stream {stream['index']} ({codec})"
