"""Localisation on synthetic videos of which a part is forged: average precision and recall.

    python tests/benchmarks/localise.py OUT [--persons N]

Generates them in LAV-DF's layout, prepares them, trains the demo's model twice (by labels of
videos and by periods), scores with timelines and prints the table.
"""

import argparse
import json
from pathlib import Path

from avdf.demo import DEMO_SETTINGS
from avdf.model.report.evidence import evidence_in
from avdf.model.report.material import ReportMaterial
from avdf.model.report.score_folder import write_scores
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.training.start import train
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.synthetic import generate_lavdf


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--persons", type=int, default=40)
    given = parser.parse_args()
    shards = given.out / "shards"
    if not (given.out / "data" / "metadata.json").exists():
        generate_lavdf(given.out / "data", given.persons)
    run_prep(list_videos([given.out / "data"]), shards, PrepSettings())
    print(
        "| labels | verdict | AUC | AP@0.5 | AP@0.75 | AP@0.95 | AR@50 | AR@10 | frame AUC |\n"
        + "|---" * 9
        + "|"
    )
    for labels in ("video", "periods"):
        folder = given.out / f"run-{labels}"
        if not folder.exists():
            own = [
                f"data.labels={labels}",
                "training.epochs=15",
                "training.decay_epoch=12",
            ]
            train(shards, folder, load_config(None, [*DEMO_SETTINGS, *own]))
        run = load_run(folder)
        out = given.out / f"scores-{labels}"
        scores = score_shards(run, shards, "test", ScorerSettings(stride=2))
        write_scores(
            out,
            scores,
            run,
            ReportMaterial(
                f"avdf: synthetic LAV-DF, labels by {labels}",
                evidence_of=evidence_in(shards),
            ),
        )
        metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
        for verdict, found in metrics["localisation"].items():
            precision, recall = found["average_precision"], found["average_recall"]
            figures = [
                precision["0.5"],
                precision["0.75"],
                precision["0.95"],
                recall["50"],
                recall["10"],
            ]
            area = metrics["verdicts"][verdict]["auc"]
            cells = [
                f"{area:.3f}",
                *(f"{100 * value:.1f}" for value in figures),
                f"{found['frame_auc']:.3f}",
            ]
            print(f"| {labels} | {verdict} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
