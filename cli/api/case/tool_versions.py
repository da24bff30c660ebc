"""Versions of all that an examination depends on: programs, libraries, system and processor."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from avdf.model.inference.precision import Computing
from avdf.pipeline.media.ffmpeg import find_tool

_LIBRARIES = (
    "avdf",
    "torch",
    "torchvision",
    "numpy",
    "open_clip_torch",
    "openai-whisper",
    "facenet-pytorch",
    "opencv-python-headless",
    "simplejpeg",
    "safetensors",
    "c2pa-python",
)
_PROGRAMS = ("ffmpeg", "ffprobe")


def tool_versions(computed: Computing | None) -> dict[str, str]:
    """Name -> version, or what is known of it.

    Args:
        computed: the device and the type of numbers that the scores were computed with.
    """
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    for name in _PROGRAMS:
        tool = find_tool(name)
        found[name] = f"{tool.version()} ({tool.origin})"
    found["python"] = platform.python_version()
    found["system"] = platform.platform()
    found["processor"] = _processor()
    if computed is not None:
        found["device"] = f"{computed.device}, {computed.dtype}"
    return found


def _processor() -> str:
    """The name of the processor; Python knows only its architecture on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return f"{value.strip()}, {platform.machine()}"
    return platform.processor() or platform.machine()
