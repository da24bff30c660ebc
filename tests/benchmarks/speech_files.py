"""Recorded speech, and forgeries of it, as files for `avdf prep` and `avdf train --forge`.

    python -m tests.benchmarks.speech_files OUT --clips CLIPS

OUT/genuine.csv lists genuine speech of KDE's games and of Asterisk, for training and validation,
by person. OUT/test.csv lists the sound of GRID clips, each as it is and through each vocoder, and
prompts that synthesisers read. Packages to install: `speech_recordings.py`.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SEGMENT_SAMPLES
from tests.benchmarks.real_speech_forgeries import GENUINE, VOCODERS, plainly
from tests.benchmarks.speech_recordings import (
    decoded,
    list_recordings,
    loud_windows,
    synthesised_speech,
)

COLUMNS = ("path", "label", "split", "identity", "method")
VALIDATION = 6  # one of so many people


class Listing:
    """A manifest that grows with each file that is written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.rows: list[tuple[str, str, str, str, str]] = []

    def add(self, pcm: Pcm, split: str, person: str, method: str) -> None:
        """Write a sound file, unless it is too short to be scored."""
        if len(pcm) < SEGMENT_SAMPLES:
            return
        path = Path(self.name) / f"{len(self.rows):04d}_{method}.wav"
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        wavfile.write(self.folder / path, SAMPLE_RATE, pcm)
        label = "real" if method == GENUINE else "fake"
        self.rows.append((str(path), label, split, person, method))

    def write(self) -> None:
        """Write the table."""
        with (self.folder / f"{self.name}.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            table.writerows(self.rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=Path, required=True)
    options = parser.parse_args()
    genuine = Listing(options.out, "genuine")
    test = Listing(options.out, "test")
    recordings = list_recordings(options.clips)
    people = sorted({one.person for one in recordings if one.source != "grid"})
    generator = np.random.default_rng(0)
    for one in recordings:
        pcm = decoded(one.path)
        if not loud_windows(pcm, 1):
            continue
        if one.source == "grid":
            test.add(pcm, "test", one.person, GENUINE)
            for name, synthesise in VOCODERS.items():
                forged = plainly(synthesise, pcm, generator)
                test.add(forged, "test", one.person, name)
            continue
        split = "val" if people.index(one.person) % VALIDATION == 0 else "train"
        genuine.add(pcm, split, one.person, GENUINE)
    for name, voice, pcm in synthesised_speech():
        test.add(pcm, "test", voice, name)
    genuine.write()
    test.write()


if __name__ == "__main__":
    main()
