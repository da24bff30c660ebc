"""`avdf evaluate`: any detector's scores, judged as ours are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED

if TYPE_CHECKING:
    from avdf.cache.core.video import VideoInfo


def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with id and score (P(fake)), and label where --labels is not given."
        ),
    ],
    labels: Annotated[
        Path | None,
        typer.Option(help="Shards, a dataset's root or a manifest that knows the videos' labels."),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Who is in which split: `avdf protocol` lists them.")
    ] = "dataset",
    split: Annotated[str, typer.Option(help="That is judged: train, val, test or all.")] = "test",
    scale: Annotated[str, typer.Option(help="probability, or logit.")] = "probability",
    real_is_high: Annotated[
        bool, typer.Option("--real-is-high", help="A high score means real.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the figures and the report.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> int:
    """Figures of another detector under our protocols: thresholds from its rows of `val`, judged on `test`.

    Exit code 3: some videos of the split have no score.
    """
    import json

    from avdf.cache.files.atomic_file import write_text
    from avdf.cache.files.csv_table import write_table
    from avdf.cache.files.ownership import check_folder, claim_folder
    from avdf.cli.verdicts import print_figures
    from avdf.model.evaluation.evaluate import evaluate as judge
    from avdf.model.evaluation.external import read_scores, under_protocol
    from avdf.model.evaluation.metrics_document import figures_document
    from avdf.model.report.html import write_report
    from avdf.model.report.material import ReportMaterial
    from avdf.model.scoring.rows import VIDEO_COLUMNS

    if out is not None:
        check_folder(out, "evaluation", [file, *([labels] if labels else [])])
    given = read_scores(file, scale, real_is_high)
    videos = listed_videos(labels) if labels is not None else given.infos
    found = under_protocol(given, videos, protocol, "" if split == "all" else split)
    evaluation = judge(found.scores, found.thresholds)
    document = figures_document(found.scores, evaluation)
    if out is not None:
        claim_folder(out, "evaluation")
        write_table(out / "videos.csv", VIDEO_COLUMNS, found.scores.videos)
        write_text(out / "metrics.json", json.dumps(document, indent=1))
        material = ReportMaterial(f"avdf: scores of {file.name}")
        write_report(out / "report.html", found.scores, evaluation, material)
    if as_json:
        typer.echo(json.dumps(document, indent=1))
    else:
        print_figures(found.scores, evaluation)
        typer.echo(
            f"threshold for the video verdict: {found.thresholds.video:.3f} ({found.thresholds.origin})"
        )
        for note in found.notes:
            typer.echo(f"  {note}")
    return SOME_FAILED if len(found.scores.scored) < len(found.scores.videos) else DONE


def listed_videos(source: Path) -> "tuple[VideoInfo, ...]":
    """Every listed video of shards, or of a dataset as `avdf prep` takes it."""
    from avdf.cache.stream.index import index_folder
    from avdf.cli.score import is_shards
    from avdf.pipeline.sources import list_videos

    return tuple(index_folder(source).infos) if is_shards(source) else list_videos([source]).videos
