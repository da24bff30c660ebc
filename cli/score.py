"""`avdf score`: a run and shards, or a run and video files, to verdicts."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED
from avdf.cli.run_options import (
    CheckpointOption,
    DeviceOption,
    WeightsOption,
    parse_weights,
)


def score(
    run: Annotated[
        str,
        typer.Argument(
            help="Folder made by `avdf train`; or package.module:Name, any detector that keeps "
            "the protocol of docs/peers.md. Naming it runs its code."
        ),
    ],
    sources: Annotated[
        list[str],
        typer.Argument(
            help="A folder of shards or its URL; or video files, folders, or a CSV manifest."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the tables and the report.")
    ] = None,
    smallest_face: Annotated[
        int,
        typer.Option(
            help="Video files: smallest face to detect, in pixels. 0: 1/8 of the frame's long side,"
            " and 1/16 beside such a face or if there is none."
        ),
    ] = 0,
    split: Annotated[
        str,
        typer.Option(
            metavar="[train|val|test|all]", help="Shards: the split to score."
        ),
    ] = "test",
    protocol: Annotated[
        str,
        typer.Option(
            help="Shards: protocol that assigns videos to splits (default: the one the run was "
            "trained with). `avdf protocol` lists them."
        ),
    ] = "",
    checkpoint: CheckpointOption = "best",
    device: DeviceOption = "auto",
    precision: Annotated[
        str,
        typer.Option(
            metavar="[auto|float32|bfloat16]",
            help="Number type of the frozen layers (default: the one of the training).",
        ),
    ] = "",
    settings: WeightsOption = None,
    aggregate: Annotated[
        str,
        typer.Option(
            metavar="[mean|logit|top|lse]",
            help="How the score of a video is computed from its segments: their mean, the mean of "
            "their logits, the mean of the highest quarter (top), or the log-mean-exp of their "
            "logits (lse).",
        ),
    ] = "mean",
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Rescale probabilities with the validation videos, so that 0.8 means: about 80 % "
            "are fake.",
        ),
    ] = False,
    lr: Annotated[
        bool,
        typer.Option(
            "--lr",
            help="Likelihood ratios too: how much more probable the score is among fakes.",
        ),
    ] = False,
    abstain: Annotated[
        float,
        typer.Option(help="Answer `unsure` within this distance of the threshold."),
    ] = 0.0,
    trim_silence: Annotated[
        bool,
        typer.Option(
            "--trim-silence",
            help="Leave out the silence at the start, in frames and audio.",
        ),
    ] = False,
    timeline: Annotated[
        bool,
        typer.Option(
            "--timeline",
            help="Also score shards frame by frame, and list the intervals above a threshold "
            "(always done for video files).",
        ),
    ] = False,
    stride: Annotated[
        int,
        typer.Option(
            metavar="[1|2|4|8|16]",
            help="Frames between the starts of two windows of a timeline.",
        ),
    ] = 4,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:LEVEL]",
            help="Also score perturbed videos. NAME without LEVEL: all five levels; `all`: every "
            "perturbation; may be repeated.",
        ),
    ] = None,
    exports: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            metavar="[av-deepfake1m|deepfakebench]",
            help="Also write files for these other programs; may be repeated.",
        ),
    ] = None,
    quick: Annotated[
        int,
        typer.Option(
            help="Video files: examine only so many excerpts of 2.56 s, spread over each file; "
            "0: the whole file.",
        ),
    ] = 0,
    max_seconds: Annotated[
        float,
        typer.Option(
            help="Video files: skip those longer than this many seconds (status too_long)."
        ),
    ] = 21600.0,
    executor: Annotated[
        str,
        typer.Option(
            metavar="[local|ray]",
            help="Shards: score on this machine or on a Ray cluster.",
        ),
    ] = "local",
    address: Annotated[
        str,
        typer.Option(
            help="Address of the Ray cluster (default: start one on this machine)."
        ),
    ] = "",
    workers: Annotated[
        int, typer.Option(help="Workers of the Ray cluster; 0: one per processor.")
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON.")
    ] = False,
) -> int:
    """Give each video three verdicts: visual, audio, whole video.

    A verdict is `fake` if the probability for the visual track, the audio track or the whole video
    reaches the threshold that was found on the validation videos of the training.
    Of video files, every person who is seen is judged. Writes segments.csv, videos.csv,
    metrics.json and report.html to --out, and of video files faces.csv. Exit code 3: some videos
    have no scores, or some video files have no verdict.
    """
    from avdf.cli.listener import Listener
    from avdf.load_options import LoadOptions
    from avdf.runs import score as score_videos
    from avdf.score_options import ScoreOptions
    from avdf.sources import refuse_shards

    options = ScoreOptions(
        split=split,  # type: ignore[arg-type]  # checked when built
        protocol=protocol,
        aggregate=aggregate,  # type: ignore[arg-type]  # checked when built
        calibrate=calibrate,
        lr=lr,
        abstain=abstain,
        trim_silence=trim_silence,
        timeline=timeline,
        stride=stride,
        perturb=tuple(perturb or ()),
        exports=tuple(exports or ()),  # type: ignore[arg-type]  # checked when built
        smallest_face=smallest_face,
        quick=quick,
        max_seconds=max_seconds,
        executor=executor,  # type: ignore[arg-type]  # checked when built
        address=address,
        workers=workers,
    )
    # Of shards the terminal shows only sums: the verdicts on single videos are in the tables.
    # From Python they are in the result, so there `out` may be missing.
    if out is None:
        refuse_shards(sources)
    load = LoadOptions(
        checkpoint=checkpoint,
        device=device,
        precision=precision,  # type: ignore[arg-type]  # checked when built
        **parse_weights(settings or ()),
    )
    # The report states how it can be made again.
    command = shlex.join(["avdf", *sys.argv[1:]])
    with Listener() as listener:
        result = score_videos(
            run, sources, options, load, out=out, command=command, on_event=listener
        )
    typer.echo(result.as_json() if as_json else result)
    return DONE if result.complete else SOME_FAILED
