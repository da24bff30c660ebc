"""Short files for tests, made by ffmpeg's own sources of video and audio."""

import shlex
from pathlib import Path

from tests.helpers.media import ffmpeg


def generated(source: str, delay: float = 0.0) -> list[str]:
    """The words of an input that ffmpeg generates, such as `sine=d=1`, late by some seconds."""
    return ["-itsoffset", str(delay), "-f", "lavfi", "-i", source]


def make(path: Path, *inputs: list[str], options: str = "") -> Path:
    """Make a file of inputs, with options as they are written in a shell."""
    words = [word for words in inputs for word in words]
    ffmpeg(*words, *shlex.split(options), str(path))
    return path


def file_input(path: Path) -> list[str]:
    """The words of an input that is a file."""
    return ["-i", str(path)]
