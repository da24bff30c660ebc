"""What a video encoder wrote of itself into the first frame, where H.264 and HEVC allow text.

Programs that only copy a stream leave this text as it is, so it may name an older program than the
tags of the container do.
"""

import re
import subprocess
from pathlib import Path

from avdf.pipeline.media.guards import guard_words

_MOST_BYTES = 1 << 20
_LONGEST = 600  # characters
_MARKS = re.compile(
    rb"(?:x264 - core \d|x265 \(build \d|Lavc\d|HandBrake)[\x20-\x7e]{0,600}"
)


def read_encoder_mark(path: Path, program: str, stream: int, timeout: float) -> str:
    """The text of an encoder in the first frame of a stream; '' where none is found."""
    command = [program, "-v", "quiet", "-nostdin", *guard_words()]
    command += ["-i", f"file:{path.resolve()}", "-map", f"0:{stream}", "-c", "copy"]
    command += ["-frames:v", "1", "-f", "data", "pipe:1"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    found = _MARKS.search(done.stdout[:_MOST_BYTES])
    return found[0].decode("ascii")[:_LONGEST].strip() if found else ""
