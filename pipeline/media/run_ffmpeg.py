"""Running ffmpeg on data in memory."""

import subprocess
from typing import Any

import ffmpeg

from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media.ffmpeg import find_tool

TIMEOUT = 600  # seconds
_QUOTED = 200  # characters of what ffmpeg prints


def run_ffmpeg(stream: Any, task: str, data: bytes = b"") -> bytes:
    """Run a graph of ffmpeg-python with `data` as its input; what it writes to standard output.

    Args:
        task: for messages, what ffmpeg does: `write the clip`.

    Raises:
        AvdfError: ffmpeg fails, takes longer than 600 s, or cannot be started.
    """
    quiet = ffmpeg.overwrite_output(stream.global_args("-v", "error"))
    command = ffmpeg.compile(quiet, cmd=find_tool("ffmpeg").path)
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise AvdfError(
            f"ffmpeg cannot {task} (it took longer than {TIMEOUT} s)"
        ) from None
    except OSError as error:
        raise AvdfError(f"ffmpeg cannot {task} ({error})") from None
    if done.returncode:
        printed = done.stderr.decode(errors="replace").strip()[-_QUOTED:]
        raise AvdfError(f"ffmpeg cannot {task} ({printed})")
    return done.stdout
