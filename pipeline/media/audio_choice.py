"""Which of several audio streams is used."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from avdf.pipeline.media.audio import has_signal
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.settings import Limits

_HEARD_SECONDS = 60
_HEARD_RATE = 8000  # Hz: enough to tell silence from a signal


def choose_audio(
    path: Path,
    program: str,
    streams: Sequence[dict[str, Any]],
    limits: Limits,
) -> dict[str, Any]:
    """The first audio stream that is not silent for its first minute; if all are, the first."""
    if len(streams) == 1:
        return streams[0]
    for stream in streams:
        if _has_signal(path, program, int(stream["index"]), limits):
            return stream
    return streams[0]


def _has_signal(
    path: Path,
    program: str,
    stream: int,
    limits: Limits,
) -> bool:
    command = [program, "-v", "quiet", "-nostdin", *guard_words(), "-threads", "1"]
    command += ["-t", str(_HEARD_SECONDS), "-i", f"file:{path.resolve()}"]
    command += ["-map", f"0:{stream}", "-ar", str(_HEARD_RATE), "-f", "s16le", "pipe:1"]
    timeout = limits.probe_timeout
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    whole_samples = len(done.stdout) // 2 * 2
    return has_signal(np.frombuffer(done.stdout[:whole_samples], np.int16))
