"""Running ffmpeg on data in memory."""

import subprocess
from typing import Any

import ffmpeg

from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media.ffmpeg import find_tool

_TIMEOUT = 300  # seconds
_QUOTED = 200  # characters of what ffmpeg prints


def run_ffmpeg(stream: Any, data: bytes = b"") -> bytes:
    """Run a graph of ffmpeg-python with `data` as its input; what it writes to standard output.

    Raises:
        AvdfError: ffmpeg cannot do it.
    """
    quiet = ffmpeg.overwrite_output(stream.global_args("-v", "error"))
    command = ffmpeg.compile(quiet, cmd=find_tool("ffmpeg").path)
    done = subprocess.run(
        command,
        input=data,
        capture_output=True,
        check=False,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        printed = done.stderr.decode(errors="replace").strip()[-_QUOTED:]
        raise AvdfError(f"ffmpeg cannot apply the perturbation ({printed})")
    return done.stdout
