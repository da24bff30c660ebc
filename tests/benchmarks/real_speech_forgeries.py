"""Forged speech that was never seen, on people and recordings that were never heard.

    python -m tests.benchmarks.real_speech_forgeries OUT --clips CLIPS --whisper base.pt

CLIPS is a folder of GRID clips; base.pt are Whisper's weights. What else has to be installed says
`speech_recordings.py`, and `pip install '.[forge]'` brings WORLD.

Frozen features of Whisper's encoder, with a linear probe (`model.adapt=probe`), are trained in two
ways on the recordings of two sources and tested on the third:

    ready-made   genuine windows and vocoded windows as they are, as a dataset would have them
    in training  the forgers of `avdf.model.forging.sound` and `augment_sound` on both sides

The forgeries of the test are neither: whole recordings through a plain vocoder, without change of
rate, blending, balance or augmentation. Each family of vocoders is left out of training once:
`unseen` is its AUC then, `seen` its AUC when it is in. Speech of synthesisers is never trained on.
A recording's score is the mean of its windows'. Intervals: 95 %, bootstrap over people. The mean of
three seeds of forging and augmentation. The same is measured after Opus at 16 kbit/s, on genuine
and forged recordings alike. The detector's head takes the encoder's output; `--layers` names layers
whose tokens are judged instead (-1: the output, 1: after the first layer).

Windows and features are kept in OUT, so that a second run only trains.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SAMPLES_PER_FRAME, SEGMENT_SAMPLES
from avdf.cache.core.log_mel import log_mel
from avdf.model.augment.sound import augment_sound
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.forging.footage import Footage
from avdf.model.forging.sound import cepstral, griffin_lim, lpc, world
from avdf.model.forging.sound.forgers import SOUND_FORGERS
from avdf.model.forging.sound.resynthesis import Resynthesis
from avdf.model.waveform import as_loud_as, to_pcm, to_waveform
from avdf.pipeline.perturbations.audio_effects import lossy
from tests.benchmarks.speech_recordings import (
    Recording,
    decoded,
    list_recordings,
    loud_windows,
    synthesised_speech,
)

GENUINE = "genuine"
VOCODERS: dict[str, Resynthesis] = {
    "griffin_lim": griffin_lim.from_mel,
    "griffin_lim_stft": griffin_lim.from_stft,
    "lpc": lpc.resynthesise,
    "cepstral": cepstral.resynthesise,
    "world": world.resynthesise,
}
# What is left out of training together.
FAMILIES = (("griffin_lim", "griffin_lim_stft"), ("lpc",), ("cepstral",), ("world",))
SOURCES = ("kde", "asterisk", "grid")
READY_MADE = -1  # in place of a seed: the plain windows
CODED = -2  # in place of a seed: the plain windows through Opus
KILOBITS = 16.0  # per second, of Opus
BATCH = 32
REPETITIONS = 1000  # of the bootstrap

Features = npt.NDArray[np.float32]
"""(windows, layers + 1, 512): the mean of the tokens after the convolutions and each layer."""


@dataclass(frozen=True)
class Window:
    """Where a window of sound comes from.

    method   `genuine`, a vocoder or a synthesiser
    forging  the seed with which it was forged and augmented; READY_MADE or CODED for neither
    """

    recording: str
    source: str
    person: str
    method: str
    forging: int


Sounds = list[tuple[Window, Pcm]]


def windows_of(task: tuple[int, Recording, int]) -> Sounds:
    """All windows of a recording: plain ones, and those of each seed."""
    number, recording, seeds = task
    pcm = decoded(recording.path)
    starts = loud_windows(pcm, recording.windows)
    if not starts:
        return []
    found: Sounds = []

    def keep(method: str, forging: int, window: Pcm) -> None:
        row = Window(
            str(recording.path), recording.source, recording.person, method, forging
        )
        found.append((row, window.copy()))

    generator = np.random.default_rng((number, 0))
    plain = {GENUINE: pcm}
    for name, synthesise in VOCODERS.items():
        plain[name] = plainly(synthesise, pcm, generator)
    for start in starts:
        part = slice(start, start + SEGMENT_SAMPLES)
        for name, sound in plain.items():
            keep(name, READY_MADE, sound[part])
        frames = np.zeros((SEGMENT_SAMPLES // SAMPLES_PER_FRAME, 1, 1, 3), np.uint8)
        footage = Footage(frames, pcm[part], around=pcm, begin=start)
        for seed in range(seeds):
            generator = np.random.default_rng((number, start, seed))
            keep(GENUINE, seed, augment_sound(footage.pcm, generator))
            for forger in SOUND_FORGERS:
                forged = forger.change(footage, generator).pcm
                keep(forger.name, seed, augment_sound(forged, generator))
    return found


def plainly(synthesise: Resynthesis, pcm: Pcm, generator: np.random.Generator) -> Pcm:
    """The whole recording through a vocoder, as loud as before."""
    samples = to_waveform(pcm)
    samples = samples - float(samples.mean())
    return to_pcm(as_loud_as(synthesise(samples, SAMPLE_RATE, generator), samples))


def all_windows(clips: Path, seeds: int, processes: int) -> Sounds:
    """The windows of every recording and of the synthesisers."""
    tasks = [
        (number, recording, seeds)
        for number, recording in enumerate(list_recordings(clips))
    ]
    found: Sounds = []
    with get_context("spawn").Pool(processes) as pool:
        for some in pool.imap(windows_of, tasks, chunksize=4):
            found.extend(some)
    for number, (name, voice, pcm) in enumerate(synthesised_speech()):
        for start in loud_windows(pcm, 2):
            row = Window(f"{name} {number}", "synthesised", voice, name, READY_MADE)
            found.append((row, pcm[start : start + SEGMENT_SAMPLES]))
    return found + coded(found)


def coded(sounds: Sounds) -> Sounds:
    """The plain windows through a real encoder of Opus, all of a method in one stream."""
    plain = [(row, pcm) for row, pcm in sounds if row.forging == READY_MADE]
    opus = lossy("libopus", ".ogg")
    found: Sounds = []
    for method in sorted({row.method for row, _ in plain}):
        rows = [row for row, _ in plain if row.method == method]
        joined = np.concatenate([pcm for row, pcm in plain if row.method == method])
        heard = opus(joined, KILOBITS, np.random.default_rng(0))
        windows = heard.reshape(-1, SEGMENT_SAMPLES)
        for row, window in zip(rows, windows, strict=True):
            found.append((replace(row, forging=CODED), window))
    return found


@torch.inference_mode()
def features_of(pcm: Pcm, weights: str) -> Features:
    """The features of windows (n, 10240) by the detector's own frozen encoder."""
    config = DetectorConfig(branches="audio", adapt="probe", whisper_weights=weights)
    branch = Detector(config).audio
    encoder = branch.encoder
    found = []
    for first in range(0, len(pcm), BATCH):
        tokens = encoder.embed(log_mel(torch.from_numpy(pcm[first : first + BATCH])))
        means = [tokens.mean(dim=1)]
        for layer in encoder.layers():
            tokens = layer(tokens)
            means.append(tokens.mean(dim=1))
        # What the detector's head takes: the last layer, normalised.
        means[-1] = encoder.finish(tokens).mean(dim=1)
        found.append(torch.stack(means, dim=1).numpy())
        if first % (50 * BATCH) == 0:
            print(f"features of {first} of {len(pcm)} windows", flush=True)
    return np.concatenate(found)


def read_or_make(options: argparse.Namespace) -> tuple[list[Window], Features]:
    """The windows and their features, from OUT if they are there."""
    folder: Path = options.out
    stored, listed = folder / "features.npy", folder / "windows.json"
    if not stored.exists():
        folder.mkdir(parents=True, exist_ok=True)
        sounds = all_windows(options.clips, options.seeds, options.processes)
        listed.write_text(json.dumps([asdict(row) for row, _ in sounds]))
        pcm = np.stack([window for _, window in sounds])
        print(f"{len(pcm)} windows", flush=True)
        np.save(stored, features_of(pcm, str(options.whisper)))
    rows = [Window(**row) for row in json.loads(listed.read_text())]
    return rows, np.load(stored)


class Experiment:
    """Training and testing on one layer's features."""

    def __init__(self, rows: Sequence[Window], features: npt.NDArray[np.float32]):
        self.features = features
        self.method = np.array([row.method for row in rows])
        self.source = np.array([row.source for row in rows])
        self.forging = np.array([row.forging for row in rows])
        self.person = np.array([row.person for row in rows])
        self.recording = np.array([row.recording for row in rows])

    def scores(self, test: str, left_out: Sequence[str], forging: int) -> Features:
        """(windows,) the log-odds of fake, by a probe that never met `test` and `left_out`."""
        used = (
            (self.source != test)
            & (self.source != "synthesised")
            & (self.forging == forging)
            & ~np.isin(self.method, left_out)
        )
        probe = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=0.001, max_iter=300, class_weight="balanced"),
        )
        probe.fit(self.features[used], self.method[used] != GENUINE)
        return np.asarray(probe.decision_function(self.features), np.float32)

    def by_recording(
        self, scores: Features, source: str, method: str, heard: int = READY_MADE
    ) -> tuple[npt.NDArray[np.str_], Features]:
        """People (n,) and mean scores (n,) of the recordings of a source and method.

        `heard`: READY_MADE for the plain windows, CODED for those that went through Opus.
        """
        used = (self.source == source) & (self.method == method)
        used &= self.forging == heard
        names, place = np.unique(self.recording[used], return_inverse=True)
        count = np.bincount(place)
        mean = np.bincount(place, scores[used]) / count
        first = [np.flatnonzero(used)[place == index][0] for index in range(len(names))]
        return self.person[first], mean.astype(np.float32)

    def auc(
        self,
        scores: Sequence[Features],
        test: str,
        method: str,
        heard: int = READY_MADE,
    ) -> "Result":
        """The AUC of a method on a source: mean over seeds, interval over people."""
        forged_in = test if method in VOCODERS else "synthesised"
        genuine = [self.by_recording(one, test, GENUINE, heard) for one in scores]
        forged = [self.by_recording(one, forged_in, method, heard) for one in scores]
        pairs = list(zip(genuine, forged, strict=True))
        each = [area(real[1], fake[1]) for real, fake in pairs]
        generator = np.random.default_rng(0)
        drawn = []
        for _ in range(REPETITIONS):
            real = drawn_people(genuine[0][0], generator)
            fake = drawn_people(forged[0][0], generator)
            again = [area(one[1][real], two[1][fake]) for one, two in pairs]
            drawn.append(np.mean(again))
        low, high = np.percentile(drawn, [2.5, 97.5])
        return Result(
            float(np.mean(each)), float(np.std(each)), float(low), float(high)
        )


@dataclass(frozen=True)
class Result:
    """An AUC: mean and standard deviation over seeds, interval over people."""

    mean: float
    deviation: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def area(genuine: Features, forged: Features) -> float:
    """The area under the ROC curve: the share of pairs in which the forged one scores higher."""
    ordered = np.sort(genuine)
    below = np.searchsorted(ordered, forged, "left")
    not_above = np.searchsorted(ordered, forged, "right")
    return float(np.mean(below + not_above) / 2 / len(genuine))


def drawn_people(
    people: npt.NDArray[np.str_], generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """The recordings of people who are drawn with replacement."""
    names = np.unique(people)
    chosen = generator.choice(names, len(names))
    return np.concatenate([np.flatnonzero(people == name) for name in chosen])


Table = dict[str, dict[str, Result]]
"""Rows `source method` -> columns `way, seen` and `way, unseen`."""


def measure(experiment: Experiment, seeds: int) -> dict[str, Table]:
    """The results on plain sound, and on the same sound after Opus."""
    plain: Table = {}
    opus: Table = {}
    synthesisers = sorted({*experiment.method} - {*VOCODERS} - {GENUINE})
    ways = {"ready-made": [READY_MADE], "in training": list(range(seeds))}

    def note(scores: list[Features], test: str, method: str, column: str) -> None:
        for table, heard in ((plain, READY_MADE), (opus, CODED)):
            result = experiment.auc(scores, test, method, heard)
            table.setdefault(f"{test} {method}", {})[column] = result

    for test in SOURCES:
        for way, forgings in ways.items():
            full = [experiment.scores(test, (), forging) for forging in forgings]
            for family in FAMILIES:
                part = [experiment.scores(test, family, one) for one in forgings]
                for method in family:
                    note(full, test, method, f"{way}, seen")
                    note(part, test, method, f"{way}, unseen")
            for method in synthesisers:
                note(full, test, method, f"{way}, unseen")
    return {"plain": plain, "after Opus": opus}


def markdown(table: Table) -> str:
    """The table for people, with the mean of each column."""
    columns = [
        f"{way}, {kind}"
        for kind in ("seen", "unseen")
        for way in ("ready-made", "in training")
    ]
    lines = ["| tested on | " + " | ".join(columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for row, cells in table.items():
        shown = [str(cells.get(column, "")) for column in columns]
        lines.append(f"| {row} | " + " | ".join(shown) + " |")
    means = [
        np.mean([cells[column].mean for cells in table.values() if column in cells])
        for column in columns
    ]
    lines.append("| mean | " + " | ".join(f"{mean:.2f}" for mean in means) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--whisper", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--layers", type=int, nargs="+", default=[-1, 1])
    parser.add_argument("--make-only", action="store_true", help="train nothing")
    options = parser.parse_args()
    rows, features = read_or_make(options)
    if options.make_only:
        return
    results = {}
    last = features.shape[1] - 1
    for layer in options.layers:
        experiment = Experiment(rows, features[:, layer])
        name = f"layer {layer}" if layer % (last + 1) != last else "output"
        for heard, table in measure(experiment, options.seeds).items():
            print(f"\n{name}, {heard}\n\n{markdown(table)}", flush=True)
            results[f"{name}, {heard}"] = {
                row: {column: asdict(cell) for column, cell in cells.items()}
                for row, cells in table.items()
            }
    (options.out / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
