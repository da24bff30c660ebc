"""`avdf evaluate`: the scores of any detector, judged as those of avdf are."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED


def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns id and score (P(fake)), and label unless --labels is given."
        ),
    ],
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Where the labels are: shards, the root of a dataset, or a manifest."
        ),
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            help="Protocol that assigns videos to splits. `avdf protocol` lists them."
        ),
    ] = "dataset",
    split: Annotated[
        str,
        typer.Option(metavar="[train|val|test|all]", help="Split to evaluate."),
    ] = "test",
    scale: Annotated[
        str,
        typer.Option(metavar="[probability|logit]", help="Scale of the scores."),
    ] = "probability",
    real_is_high: Annotated[
        bool, typer.Option("--real-is-high", help="A high score means real.")
    ] = False,
    lr: Annotated[
        bool,
        typer.Option(
            "--lr",
            help="Likelihood ratios too: how much more probable the score is among fakes.",
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            help="A second table, of P(fake): compare the AUCs of both on the videos that both "
            "scored, by DeLong's test and by a bootstrap over persons.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the figures and the report."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON.")
    ] = False,
) -> int:
    """Evaluate another detector's scores under a protocol.

    Thresholds come from its scores of the validation videos. Exit code 3: some videos of the split
    have no score.
    """
    from avdf.evaluating import EvaluateOptions
    from avdf.evaluating import evaluate as evaluate_table

    options = EvaluateOptions(
        labels=labels,
        protocol=protocol,
        split=split,  # type: ignore[arg-type]  # checked when built
        scale=scale,  # type: ignore[arg-type]  # checked when built
        real_is_high=real_is_high,
        lr=lr,
        against=against,
    )
    result = evaluate_table(file, options, out=out)
    # Nothing but the document is printed with --json: another program reads it.
    typer.echo(result.as_json() if as_json else result)
    return DONE if result.complete else SOME_FAILED
