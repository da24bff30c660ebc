"""Trained on genuine synthetic people alone, tested on seven synthetic methods of forgery.

    python -m tests.benchmarks.forged_training SHARDS --out DIR [--left-out] [--perturb all]

SHARDS is a synthetic FakeAVCeleb, prepared. Three detectors with the demo's encoders are trained
with as many steps each: on genuine videos and on fakes by all seven methods (supervised), on the
genuine videos alone with forged windows, and the same with augmentation. The persons of the test
are in no training. With `--left-out`, the forgers are left out one at a time. With `--perturb`, the
test videos are perturbed too, and the detectors without and with augmentation are compared.

A figure is the mean over seeds of the AUC of P(fake) of the video, for genuine videos against those
of one method. Its 95 % interval is over persons of the test, drawn with replacement. Differences
are between detectors on the same persons. What is trained or scored already is only read again.
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import avdf
from avdf.cache.core.labels import REAL
from avdf.cache.stream.index import index_folder
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.protocols import assign
from tests.benchmarks.scored_persons import (
    Scored,
    difference,
    figure,
    read_perturbed,
    read_scores,
)

STEPS = 60
BATCH = 16
METHODS = (
    "rtvc",
    "faceswap",
    "fsgan",
    "wav2lip",
    "faceswap-wav2lip",
    "fsgan-wav2lip",
)
SCHEDULE = (
    "training.learning_rate=4e-3",
    "training.device=cpu",
    "data.validation_segments=1",
    f"data.batch_size={BATCH}",
)


@dataclass(frozen=True)
class Kind:
    """One of the detectors that are compared."""

    name: str
    settings: tuple[str, ...] = ()
    forge: bool = True

    def folder(self, seed: int) -> str:
        """A name for the folder of what was trained with this seed."""
        return f"{self.name.replace(' ', '-')}-{seed}"


SUPERVISED = Kind("supervised", forge=False)
FORGED = Kind("forged")
AUGMENTED = Kind("forged and augmented", ("data.augment=standard",))


def kinds(left_out: bool) -> list[Kind]:
    """Which detectors are trained."""
    found = [SUPERVISED, FORGED, AUGMENTED]
    if left_out:
        names = [forger.name for forger in chosen_forgers(())]
        for name in names:
            others = ",".join(other for other in names if other != name)
            found.append(Kind(f"without {name}", (f"data.forgers={others}",)))
    return found


def write_genuine_split(shards: Path, table: Path) -> int:
    """A split table that leaves the fakes out of training and validation; genuine training videos.

    The videos of the test stay.
    """
    infos = index_folder(shards).infos
    assignment = assign("dataset", infos)
    genuine = 0
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "split"])
        for info in infos:
            split = assignment.of(info.id)
            if split == "test" or info.label == REAL:
                writer.writerow([info.id, split])
                genuine += split == "train"
    return genuine


def trained(shards: Path, out: Path, kind: Kind, seed: int) -> Path:
    """The folder of a run, which is trained unless it is there."""
    run = out / "runs" / kind.folder(seed)
    if (run / "finished").exists():
        return run
    table = out / "genuine.csv"
    genuine = write_genuine_split(shards, table)
    # As many steps for each: an epoch of genuine videos alone is shorter.
    videos = 2 * genuine if kind.forge else len(_training_videos(shards))
    epochs = max(1, round(STEPS / -(-videos // BATCH)))
    own = (f"data.protocol={table}",) if kind.forge else ()
    settings = (
        *SCHEDULE,
        *own,
        f"training.seed={seed}",
        f"model.seed={seed}",
        f"training.epochs={epochs}",
        f"training.decay_epoch={max(2, epochs - 1)}",
        *kind.settings,
    )
    options = avdf.TrainOptions(settings=settings, backbones="demo", forge=kind.forge)
    avdf.train(shards, run, options)
    (run / "finished").touch()
    return run


def scores_of(shards: Path, out: Path, kind: Kind, seed: int) -> Path:
    """The folder with the scores of a detector on the test videos."""
    scores = out / "scores" / kind.folder(seed)
    if not (scores / "report.html").exists():
        avdf.load(trained(shards, out, kind, seed)).score(shards, out=scores)
    return scores


def perturbed_scores(
    shards: Path, out: Path, kind: Kind, seed: int, perturb: tuple[str, ...]
) -> Path:
    """The folder with the scores on the test videos as they are and perturbed."""
    name = "-".join(perturb).replace(":", "")
    scores = out / f"perturbed-{name}" / kind.folder(seed)
    if not (scores / "report.html").exists():
        options = avdf.ScoreOptions(perturb=perturb)
        run = avdf.load(trained(shards, out, kind, seed))
        run.score(shards, options, out=scores)
    return scores


def _training_videos(shards: Path) -> list[str]:
    infos = index_folder(shards).infos
    assignment = assign("dataset", infos)
    return [info.id for info in infos if assignment.of(info.id) == "train"]


def print_methods(given: argparse.Namespace) -> None:
    """The AUC of each detector against each method, and its difference to `forged`."""
    seeds = range(given.seeds)
    head = (*METHODS, "all", "all, less that of forged")
    print(f"| trained | {' | '.join(head)} |")
    print("|---|" + "---|" * len(head))
    plain = [
        read_scores(scores_of(given.shards, given.out, FORGED, seed) / "videos.csv")
        for seed in seeds
    ]
    for kind in kinds(given.left_out):
        every = [
            read_scores(scores_of(given.shards, given.out, kind, seed) / "videos.csv")
            for seed in seeds
        ]
        cells = [figure(every, method) for method in (*METHODS, "")]
        cells.append("" if kind == FORGED else difference(every, plain, ""))
        print(f"| {kind.name} | {' | '.join(cells)} |", flush=True)


def print_perturbed(given: argparse.Namespace) -> None:
    """The AUC under each perturbation, mean over its levels, without and with augmentation."""
    scored: dict[Kind, dict[str, list[Scored]]] = {}
    for kind in (FORGED, AUGMENTED):
        found = scored.setdefault(kind, {})
        for seed in range(given.seeds):
            folder = perturbed_scores(
                given.shards, given.out, kind, seed, tuple(given.perturb)
            )
            for name, levels in read_perturbed(folder).items():
                found.setdefault(name, []).extend(levels)
    print(f"\n| perturbation | {FORGED.name} | {AUGMENTED.name} | difference |")
    print("|---|---|---|---|")
    for name, plain in scored[FORGED].items():
        other = scored[AUGMENTED][name]
        cells = figure(plain, ""), figure(other, ""), difference(other, plain, "")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--left-out", action="store_true")
    parser.add_argument("--perturb", action="append", default=[])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print_methods(given)
    if given.perturb:
        print_perturbed(given)


if __name__ == "__main__":
    main()
