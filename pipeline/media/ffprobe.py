"""Questions to ffprobe."""

import json
import subprocess
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.complaints import last_line
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.guards import guard_words

_NOT_ALLOWED = ("not in allowed list", "not on whitelist")


def ask_ffprobe(
    path: Path,
    entries: str,
    timeout: float,
) -> dict[str, Any]:
    """What ffprobe says of a file: `streams` and `format` with the entries that are asked for.

    Raises:
        MediaError: `unsupported` (not an allowed container), `corrupt`, or `timeout`.
    """
    command = [find_tool("ffprobe").path, "-v", "error", *guard_words()]
    command += ["-show_entries", entries, "-of", "json", f"file:{path.resolve()}"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MediaError(
            "timeout", f"ffprobe did not answer within {timeout:.0f} s"
        ) from None
    if done.returncode:
        printed = done.stderr.decode(errors="replace")
        if any(words in printed.lower() for words in _NOT_ALLOWED):
            raise MediaError("unsupported", "not one of the allowed container formats")
        raise MediaError("corrupt", f"cannot be opened: {last_line(printed, path)}")
    answer: dict[str, Any] = json.loads(done.stdout or b"{}")
    return answer


def number_or(text: Any, missing: float) -> float:
    """A number that ffprobe gave as text, or `missing` where it gave none."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return missing
