"""The perturbations that there are, and the words that ask for them."""

from collections.abc import Sequence

from avdf.cache.core.errors import SettingsError
from avdf.pipeline.perturbations.audio_effects import (
    delay,
    hiss,
    lossy,
    on_audio,
    reverberation,
)
from avdf.pipeline.perturbations.frame_effects import (
    blur,
    brighten,
    h264,
    jpeg,
    noise,
    on_each_frame,
    on_frames,
    resize,
)
from avdf.pipeline.perturbations.perturbation import LEVELS, Perturbation, Perturbed
from avdf.pipeline.perturbations.platform_chain import RATE_FACTORS, pass_on

_MP3 = on_audio(lossy("libmp3lame", ".mp3"))
_AAC = on_audio(lossy("aac", ".m4a"))
_BRIGHTEN = on_each_frame(brighten)
_REVERBERATION = on_audio(reverberation)
_QUALITIES = (90, 70, 50, 30, 10)
_SIDES = (0.75, 0.5, 0.35, 0.25, 0.15)

_ALL = (
    Perturbation("h264", "H.264 again", "crf", (23, 28, 33, 38, 43), on_frames(h264)),
    Perturbation(
        "jpeg",
        "JPEG of each frame",
        "quality",
        _QUALITIES,
        on_each_frame(jpeg),
    ),
    Perturbation("blur", "Gaussian blur", "px", (0.5, 1, 2, 3, 4), on_each_frame(blur)),
    Perturbation(
        "noise",
        "Gaussian noise",
        "of 255",
        (2, 5, 10, 20, 40),
        on_frames(noise),
    ),
    Perturbation(
        "resize",
        "down and up again",
        "of the side",
        _SIDES,
        on_each_frame(resize),
    ),
    Perturbation(
        "brightness",
        "brighter",
        "times",
        (1.1, 1.25, 1.5, 1.75, 2),
        _BRIGHTEN,
    ),
    Perturbation("mp3", "audio as MP3", "kbit/s", (64, 48, 32, 16, 8), _MP3),
    Perturbation("aac", "audio as AAC", "kbit/s", (64, 48, 32, 24, 16), _AAC),
    Perturbation(
        "hiss",
        "white noise in the audio",
        "dB SNR",
        (30, 20, 15, 10, 5),
        on_audio(hiss),
    ),
    Perturbation(
        "reverb",
        "reverberation",
        "s RT60",
        (0.1, 0.2, 0.4, 0.8, 1.6),
        _REVERBERATION,
    ),
    Perturbation("shift", "audio late", "frames", (1, 2, 4, 8, 12), delay),
    Perturbation(
        "platform", "passed on by two platforms", "crf", RATE_FACTORS, pass_on
    ),
)
PERTURBATIONS = {kind.name: kind for kind in _ALL}


def parse_perturbations(words: Sequence[str]) -> tuple[Perturbed, ...]:
    """The perturbations that are asked for, each once, in the order of the words.

    Args:
        words: `NAME` (all five levels), `NAME:LEVEL`, or `all`.

    Raises:
        SettingsError: an unknown name or level.
    """
    found: dict[str, Perturbed] = {}
    for word in words:
        for one in _parse(word):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _parse(word: str) -> list[Perturbed]:
    name, colon, level = word.partition(":")
    if name != "all" and name not in PERTURBATIONS:
        names = ", ".join(PERTURBATIONS)
        raise SettingsError(
            f"perturb {word}: use all, {names}, each with :1 to :{LEVELS} or all five"
        )
    all_levels = range(1, LEVELS + 1)
    if colon and level not in map(str, all_levels):
        raise SettingsError(f"perturb {word}: the level is one of 1 to {LEVELS}")
    kinds = list(PERTURBATIONS.values()) if name == "all" else [PERTURBATIONS[name]]
    levels = [int(level)] if colon else all_levels
    return [Perturbed(kind, one) for kind in kinds for one in levels]
