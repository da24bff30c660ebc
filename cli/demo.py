"""`avdf demo`: draw a small dataset, prepare it, train on it, score held-out people."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from avdf.model.evaluation.evaluate import Evaluation

_SPLIT = "test"
DEMO_SETTINGS = (
    "model.clip=demo", "model.clip_weights=demo", "model.whisper=demo", "model.whisper_weights=demo",
    "model.audio_prompt_dim=64", "model.fused_dim=64", "model.head_dim=64",
    "training.learning_rate=4e-3", "training.epochs=9", "training.decay_epoch=8", "data.validation_segments=1",
)  # fmt: skip


def demo(
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for the dataset, the shards, the run and the scores."),
    ],
    identities: Annotated[
        int, typer.Option(min=1, help="People in each of 5 groups x 2 genders, 8 videos each.")
    ] = 3,
    seconds: Annotated[float, typer.Option(min=0.7, max=600.0, help="Length of each video.")] = 1.8,
    seed: Annotated[int, typer.Option(help="Of the drawings and of training.")] = 0,
    backbones: Annotated[
        str, typer.Option(help="`demo`: small, shipped with avdf; `paper`: CLIP and Whisper.")
    ] = "demo",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value for training.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0: one for each core.")] = 0,
) -> None:
    """The whole chain on drawn talking faces in FakeAVCeleb's layout. Needs no download and no network."""
    from avdf.cache.core.errors import SettingsError
    from avdf.cache.files.ownership import claim_folder
    from avdf.cache.machine.cores import check_worker_count
    from avdf.model.runs.config_sources import load_config
    from avdf.model.runs.folder import RunFolder

    if backbones not in ("demo", "paper"):
        raise SettingsError(f"--backbones {backbones!r} is unknown; use demo or paper")
    given = [
        *(DEMO_SETTINGS if backbones == "demo" else ()),
        f"training.seed={seed}",
        *(settings or ()),
    ]
    config = load_config(None, given)
    report = out / "scores" / "report.html"
    if report.exists():
        raise SettingsError(f"{out} holds a demo already; look at {report}, or use another --out")
    check_worker_count(workers)
    claim_folder(out, "demo")
    run_folder = RunFolder(out / "run")
    begun = run_folder.has(run_folder.last)
    if begun and run_folder.read_config() != config:
        raise SettingsError(f"{out} was begun with other settings; use those, or another --out")
    started = time.monotonic()
    if not (out / "dataset" / "meta_data.csv").exists():  # written last
        draw(out / "dataset", identities, seconds, seed, workers)
    prepare(out / "dataset", out / "shards", workers)

    from avdf.cli.progress import Meter
    from avdf.model.report.evidence import evidence_in
    from avdf.model.report.material import ReportMaterial
    from avdf.model.report.score_folder import write_scores
    from avdf.model.runs.loaded import load_run
    from avdf.model.scoring.scorer import score_shards
    from avdf.model.training.progress import TrainProgress
    from avdf.model.training.trainer import train as run_training

    with Meter("train", "steps") as meter:

        def tell(now: TrainProgress) -> None:
            meter.show(
                now.step, now.steps, f"epoch {now.epoch} of {now.epochs}, loss {now.loss:.3f}"
            )

        run_training(out / "shards", run_folder.path, config, resume=begun, on_progress=tell)
    run = load_run(run_folder.path)
    scores = score_shards(run, out / "shards", _SPLIT)
    evaluation = write_scores(
        out / "scores",
        scores,
        run,
        ReportMaterial(
            "avdf demo: synthetic talking faces", evidence_of=evidence_in(out / "shards")
        ),
    )
    _print_result(out, evaluation, time.monotonic() - started)


def draw(root: Path, identities: int, seconds: float, seed: int, workers: int) -> None:
    """FakeAVCeleb in small."""
    from avdf.cli.progress import Meter
    from avdf.pipeline.synthetic import generate_fakeavceleb

    with Meter("draw", "people") as meter:
        videos = generate_fakeavceleb(root, identities, seconds, seed, workers, meter.show)
    typer.echo(f"drew {videos} videos of talking faces in FakeAVCeleb's layout: {root}")


def prepare(dataset: Path, shards: Path, workers: int) -> None:
    """As `avdf prep` does."""
    from avdf.cli.progress import Meter
    from avdf.pipeline.job.run import run_prep
    from avdf.pipeline.settings import PrepSettings
    from avdf.pipeline.sources import list_videos

    with Meter("prep", "videos") as meter:
        result = run_prep(
            list_videos([dataset]),
            shards,
            PrepSettings(),
            workers=workers,
            on_progress=lambda now: meter.show(now.begun, now.videos, f"{now.failed} failed"),
        )
    typer.echo(f"prepared {result.statuses.get('ok', 0)} of {len(result.rows)} videos: {shards}")


def _print_result(out: Path, evaluation: "Evaluation", seconds: float) -> None:
    typer.echo(
        f"held-out people ({evaluation.coverage.get('ok', 0)} videos), {seconds:.0f} s in all:"
    )
    for name, metrics in ((name, judged.metrics) for name, judged in evaluation.verdicts.items()):
        area = "unknown" if metrics.auc is None else f"{metrics.auc:.3f}"
        typer.echo(f"  {name:7} AUC {area}  ({metrics.real} real, {metrics.fake} fake)")
    typer.echo(
        "These figures are of drawn faces and small backbones: they show that the chain works, no more."
    )
    typer.echo(f"report: {out / 'scores' / 'report.html'}")
