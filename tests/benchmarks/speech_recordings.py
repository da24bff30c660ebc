"""Recorded and synthesised speech from the packages of a Debian system, and from GRID clips.

    apt-get install klettres-data ktuberling-data espeak-ng flite festival \\
        asterisk-core-sounds-{en,es,fr,it,ru}-g722 festvox-us-slt-hts festvox-kallpc16k

Three sources, with no person and no room in common: the letters and words of KDE's games (a
volunteer for each language), the prompts of Asterisk (four professional speakers), and GRID.
"""

import gzip
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SEGMENT_SAMPLES
from avdf.pipeline.media.ffmpeg import find_tool

# The root of each game's sounds, with recordings for each language and windows for each.
_KDE = ((Path("/usr/share/klettres"), 14), (Path("/usr/share/ktuberling/sounds"), 10))
_ASTERISK = Path("/usr/share/asterisk/sounds")
# Two languages are spoken by one person.
_SPEAKERS = {
    "en_US_f_Allison": "Allison",
    "es_MX_f_Allison": "Allison",
    "fr_CA_f_June": "June",
    "it_IT_m_Carlo": "Carlo",
    "ru_RU_f_IvrvoiceRU": "IvrvoiceRU",
}
_PROMPTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
_PROMPTS_READ = 60
_SHORTEST = 12_000  # bytes of G.722: 1.5 s
_QUIETEST = 200.0  # loudness of a window, of 16-bit samples
_STEP = 1600  # samples between windows that are looked at

# What reads a prompt aloud: `{voice}`, `{text}` and `{file}` are filled in.
_SYNTHESISERS = {
    "espeak-ng": (
        ("en-us", "en-gb", "en-us+f3", "en-gb+m4", "en-us+f5"),
        ("espeak-ng", "-v", "{voice}", "-w", "{file}", "{text}"),
    ),
    "flite": (
        ("kal16", "slt", "awb", "rms"),
        ("flite", "-voice", "{voice}", "-t", "{text}", "-o", "{file}"),
    ),
    "festival": (
        ("kal_diphone", "cmu_us_slt_arctic_hts"),
        ("text2wave", "-eval", "(voice_{voice})", "-o", "{file}"),
    ),
}


@dataclass(frozen=True)
class Recording:
    """A file of genuine speech.

    windows  at most so many are taken of it
    """

    path: Path
    source: str
    person: str
    windows: int


def list_recordings(clips: Path, seed: int = 0) -> list[Recording]:
    """Some recordings of each person of the three sources.

    Raises:
        FileNotFoundError: a package is not installed, or there are no clips.
    """
    generator = np.random.default_rng(seed)

    def some(files: list[Path], count: int) -> list[Path]:
        chosen = generator.permutation(len(files))[:count]
        return [files[index] for index in sorted(chosen)]

    found = []
    for root, count in _KDE:
        for folder in sorted(path for path in root.iterdir() if path.is_dir()):
            # Most letters are shorter than a window: the longer half is looked at.
            by_size = sorted(
                folder.rglob("*.ogg"), key=lambda file: (-file.stat().st_size, file)
            )
            person = f"kde_{folder.name[:2]}"
            for path in some(by_size[: -(-len(by_size) // 2)], count):
                found.append(Recording(path, "kde", person, windows=1))
    for language, person in _SPEAKERS.items():
        files = [
            file
            for file in sorted((_ASTERISK / language).glob("*.g722"))
            if file.stat().st_size > _SHORTEST
            and "tone" not in file.name
            and "beep" not in file.name
        ]
        for path in some(files, 40):
            found.append(Recording(path, "asterisk", person, windows=2))
    for path in sorted(clips.glob("grid_*.mpg")):
        if "_hq" not in path.name:
            found.append(Recording(path, "grid", path.name[:8], windows=3))
    sources = {one.source for one in found}
    if len(sources) < 3:
        raise FileNotFoundError(
            f"recordings only of {sorted(sources)}: install the packages that the "
            f"docstring of {__file__} names, and pass a folder of GRID clips"
        )
    return found


def decoded(path: Path) -> Pcm:
    """(n,) the sound of a file, mono at 16 kHz."""
    command = [find_tool("ffmpeg").path, "-v", "error", "-i", str(path)]
    command += ["-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.int16)


def loud_windows(pcm: Pcm, most: int) -> list[int]:
    """The first samples of the loudest windows that do not overlap; none of near silence."""
    starts = np.arange(0, len(pcm) - SEGMENT_SAMPLES + 1, _STEP)
    cut = [pcm[start : start + SEGMENT_SAMPLES].astype(float) for start in starts]
    levels = np.array([np.sqrt(np.mean(window**2)) for window in cut])
    chosen: list[int] = []
    for index in np.argsort(-levels):
        too_quiet = levels[index] < max(_QUIETEST, 0.2 * levels.max())
        if too_quiet or len(chosen) == most:
            break
        start = int(starts[index])
        if all(abs(start - other) >= SEGMENT_SAMPLES for other in chosen):
            chosen.append(start)
    return chosen


def synthesised_speech(seed: int = 0) -> Iterator[tuple[str, str, Pcm]]:
    """Prompts of Asterisk, read by each synthesiser: its name, the voice and the sound.

    A prompt at which a synthesiser crashes is left out.
    """
    lines = gzip.decompress(_PROMPTS.read_bytes()).decode().splitlines()
    texts = [line.partition(":")[2].strip() for line in lines if line[:1] != ";"]
    # Words in brackets describe a sound instead of saying it.
    spoken = [text for text in texts if len(text) > 25 and not set(text) & set("[(<")]
    order = np.random.default_rng(seed).permutation(len(spoken))[:_PROMPTS_READ]
    for number, index in enumerate(order):
        for name, (voices, command) in _SYNTHESISERS.items():
            voice = voices[number % len(voices)]
            pcm = _read_aloud(command, voice, spoken[index])
            if pcm is not None:
                yield name, voice, pcm


def _read_aloud(command: tuple[str, ...], voice: str, text: str) -> Pcm | None:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        words = {"voice": voice, "text": text, "file": file.name}
        filled = [part.format(**words) for part in command]
        done = subprocess.run(
            filled, input=text.encode(), capture_output=True, check=False
        )
        return decoded(Path(file.name)) if done.returncode == 0 else None
