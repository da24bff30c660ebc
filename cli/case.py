"""`avdf case make|verify`: an examination of one file that others can check and repeat."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import BEGINS_AGAIN, DONE, SOME_FAILED, guarded
from avdf.cli.run_options import (
    CheckpointOption,
    DeviceOption,
    WeightsOption,
    parse_weights,
)

app = typer.Typer(
    help="Make a case of one file: results, report and digests in a folder; check a case.",
    no_args_is_help=True,
)


def make(
    file: Annotated[Path, typer.Argument(help="The video or sound file to examine.")],
    run: Annotated[Path, typer.Option("--run", help="Folder made by `avdf train`.")],
    out: Annotated[
        Path, typer.Option("--out", help="A new or empty folder for the case.")
    ],
    ask: Annotated[
        str, typer.Option(help="The question that the examination answers.")
    ] = "",
    examiner: Annotated[str, typer.Option(help="Who examines the file.")] = "",
    key: Annotated[
        Path | None,
        typer.Option(
            help="Sign the case with the private Ed25519 key in this PEM file."
        ),
    ] = None,
    copy: Annotated[
        bool,
        typer.Option("--copy", help="Put a copy of the file into the case."),
    ] = False,
    tested: Annotated[
        Path | None,
        typer.Option(
            help="Folder made by `avdf score` with this run on test videos: the case states how "
            "the run did there."
        ),
    ] = None,
    smallest_face: Annotated[
        int,
        typer.Option(
            help="Smallest face to detect, in pixels. 0: 1/8 of the frame's long side, and 1/16 "
            "beside such a face or if there is none."
        ),
    ] = 0,
    quick: Annotated[
        int,
        typer.Option(
            help="Examine only this many excerpts of 2.56 s, spread over the file. 0: all of it."
        ),
    ] = 0,
    abstain: Annotated[
        float,
        typer.Option(help="Answer `unsure` within this distance of the threshold."),
    ] = 0.0,
    max_seconds: Annotated[
        float,
        typer.Option(help="Do not score a file that is longer than this many seconds."),
    ] = 21600.0,
    checkpoint: CheckpointOption = "best",
    device: DeviceOption = "auto",
    settings: WeightsOption = None,
) -> int:
    """Examine one file and write a case: case.json, report.html, crops, tables, log, digests.

    The file is only read. Prints the sha256 of the manifest: note it outside of the case. Exit code
    3: the case is whole, but the file has no verdict; the case says why.
    """
    from avdf.case.making import make_case
    from avdf.case.options import CaseOptions
    from avdf.cli.listener import Listener
    from avdf.load_options import LoadOptions

    options = CaseOptions(
        ask=ask,
        examiner=examiner,
        key=key,
        copy=copy,
        tested=tested,
        smallest_face=smallest_face,
        quick=quick,
        abstain=abstain,
        max_seconds=max_seconds,
    )
    load = LoadOptions(
        checkpoint=checkpoint,
        device=device,
        **parse_weights(settings or ()),
    )
    command = shlex.join(["avdf", *sys.argv[1:]])
    with Listener() as listener:
        case = make_case(
            file, run, out, options, load, command=command, on_event=listener
        )
    typer.echo(case)
    return DONE if case.complete else SOME_FAILED


def verify(
    case: Annotated[Path, typer.Argument(help="Folder made by `avdf case make`.")],
    key: Annotated[
        Path | None,
        typer.Option(
            help="The case must be signed with the key that belongs to the public Ed25519 key in "
            "this PEM file."
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Also compute the numbers again from file and run, and compare them.",
        ),
    ] = False,
    run: Annotated[
        Path | None,
        typer.Option(help="With --again: where the run is now, if it was moved."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="With --again: where the file is now, if it was moved."),
    ] = None,
    device: DeviceOption = "auto",
    settings: WeightsOption = None,
) -> int:
    """Check a case: each file that was changed, added or removed is named.

    Exit code 0: nothing was changed. 3: something was changed, or numbers do not come out again.
    2: there is no case, or file or run are not those of the case.
    """
    from avdf.case.verifying import verify_case
    from avdf.cli.listener import Listener
    from avdf.load_options import LoadOptions

    load = LoadOptions(device=device, **parse_weights(settings or ()))
    with Listener() as listener:
        check = verify_case(
            case,
            key=key,
            again=again,
            run=run,
            file=file,
            load_options=load,
            on_event=listener,
        )
    typer.echo(check)
    return DONE if check.whole else SOME_FAILED


app.command()(guarded(make, BEGINS_AGAIN))
app.command()(guarded(verify))
