"""Which of the installed builds of ffmpeg can decode a video."""

import os
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from avdf.pipeline.media.ffmpeg import find_tool

_AV1_DECODERS = {"libdav1d", "libaom-av1"}


@cache
def program_for(
    codec: str,
    needs: frozenset[str] = frozenset(),
) -> str | None:
    """Path of an ffmpeg that decodes the codec and has the filters `needs`; None if there is none.

    Only AV1 and HDR need a choice. ffmpeg's own decoder of AV1 works on special hardware alone, and
    the wheel that brings ffprobe lacks the other decoders, and the filter zscale.
    """
    programs = [find_tool("ffmpeg").path, *_imageio_programs()]
    if codec == "av1":
        programs = [
            program for program in programs if _AV1_DECODERS & decoders(program)
        ]
    if needs:
        programs = [program for program in programs if needs <= filters(program)]
    return next(iter(programs), None)


@cache
def decoders(program: str) -> frozenset[str]:
    """Names of the decoders of an ffmpeg."""
    return _second_words(program, "-decoders")


@cache
def filters(program: str) -> frozenset[str]:
    """Names of the filters of an ffmpeg."""
    return _second_words(program, "-filters")


def _second_words(program: str, option: str) -> frozenset[str]:
    """The second word of each line that ffmpeg lists: the name of a decoder or a filter."""
    command = [program, "-hide_banner", option]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return frozenset(words[1] for words in lines if len(words) > 1)


def _imageio_programs() -> list[str]:
    """The ffmpeg of the wheel imageio-ffmpeg, where that is installed. (It brings no ffprobe.)"""
    spec = find_spec("imageio_ffmpeg")
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).with_name("binaries")
    paths = sorted(folder.glob("ffmpeg-*"))
    return [str(path) for path in paths if os.access(path, os.X_OK)]
