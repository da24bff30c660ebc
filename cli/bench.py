"""`avdf bench prep|input|train|score|start`: how fast this machine is."""

from pathlib import Path
from typing import Annotated

import typer

from avdf.cli.exits import guarded

app = typer.Typer(
    help="Measure preparation, reading, training, scoring and the start on this machine.",
    no_args_is_help=True,
)

# `train` and `score` share these arguments: one text for both helps.
ShardsArgument = Annotated[
    Path | None,
    typer.Argument(help="Shards to read (default: shards of noise are generated)."),
]
SettingsOption = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value; may be repeated.")
]
VideosOption = Annotated[
    int,
    typer.Option(
        min=1, help="Number of generated videos of noise, if no shards are given."
    ),
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Also write the figures to this file.")
]


def prep(
    files: Annotated[
        list[Path],
        typer.Argument(help="Videos with faces, ideally one minute long."),
    ],
    workers: Annotated[
        int, typer.Option(help="Worker processes; 0: one per core.")
    ] = 0,
    laps: Annotated[
        int,
        typer.Option(min=1, help="Repetitions for each file; the median is reported."),
    ] = 3,
    compare: Annotated[
        int,
        typer.Option(
            min=1, help="Frames of each file on which full-size MTCNN is run."
        ),
    ] = 60,
    device: Annotated[
        str, typer.Option(metavar="[cpu|cuda]", help="Device for face detection.")
    ] = "cpu",
    job_seconds: Annotated[
        int,
        typer.Option(min=1, help="Seconds of video in the job of each file."),
    ] = 600,
    json_file: JsonOption = None,
) -> None:
    """Measure preparation, compared with decoding and full-size MTCNN.

    Decoding is measured without any other step, and MTCNN on every frame of full size. A whole
    job on copies of each file is measured from its command to its end. Also measures how much of
    each face its crop contains.
    """
    # Imported when the command runs: torch takes seconds to import.
    from avdf.benchmarks import BenchPrepOptions, bench_prep
    from avdf.cli.listener import Listener

    options = BenchPrepOptions(workers, laps, compare, device, job_seconds)
    with Listener() as listener:
        result = bench_prep(files, options, json_file=json_file, on_event=listener)
    typer.echo(result)


def input_(
    shards: ShardsArgument = None,
    noise: Annotated[
        int,
        typer.Option(
            min=1, help="Number of generated shards of noise, if no shards are given."
        ),
    ] = 674,
    batch_size: Annotated[int, typer.Option(min=1, help="Segments of a batch.")] = 16,
    laps: Annotated[
        int,
        typer.Option(min=1, help="Repetitions of each kind; the median is reported."),
    ] = 5,
    batches: Annotated[int, typer.Option(min=1, help="Batches of each lap.")] = 20,
    json_file: JsonOption = None,
) -> None:
    """Measure reading shards in random order, compared with decoding alone.

    Also reads the same segments one by one with h5py, simplejpeg and Whisper's log-mel.
    """
    from avdf.benchmarks import BenchInputOptions, bench_input
    from avdf.cli.listener import Listener

    options = BenchInputOptions(batch_size, laps, batches, noise)
    with Listener() as listener:
        result = bench_input(shards, options, json_file=json_file, on_event=listener)
    typer.echo(result)


def train(
    shards: ShardsArgument = None,
    settings: SettingsOption = None,
    steps: Annotated[
        int, typer.Option(min=1, help="Number of steps of each kind.")
    ] = 5,
    videos: VideosOption = 128,
    json_file: JsonOption = None,
) -> None:
    """Measure training, compared with the plain model.

    Gives frames per second, the rate of the arithmetic, and the cost of reading shards.
    """
    from avdf.benchmarks import BenchOptions, bench_train
    from avdf.cli.listener import Listener

    options = BenchOptions(tuple(settings or ()), steps, videos)
    with Listener() as listener:
        result = bench_train(shards, options, json_file=json_file, on_event=listener)
    typer.echo(result)


def score(
    shards: ShardsArgument = None,
    settings: SettingsOption = None,
    steps: Annotated[
        int, typer.Option(min=1, help="Number of batches of each kind.")
    ] = 5,
    videos: VideosOption = 128,
    json_file: JsonOption = None,
) -> None:
    """Measure scoring, compared with the plain model.

    Gives frames per second, multiples of real time, and the rate of the arithmetic.
    """
    from avdf.benchmarks import BenchOptions, bench_score
    from avdf.cli.listener import Listener

    options = BenchOptions(tuple(settings or ()), steps, videos)
    with Listener() as listener:
        result = bench_score(shards, options, json_file=json_file, on_event=listener)
    typer.echo(result)


def start(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="Run that scores (default: an untrained one with the demo's backbones)."
        ),
    ] = None,
    settings: SettingsOption = None,
    laps: Annotated[
        int,
        typer.Option(
            min=1, help="Repetitions of each command; the median is reported."
        ),
    ] = 5,
    seconds: Annotated[
        float, typer.Option(min=1, max=600, help="Length of the generated clip.")
    ] = 3.0,
    json_file: JsonOption = None,
) -> None:
    """Measure the time to the first verdict, compared with importing PyTorch.

    Scores a generated clip in fresh processes.
    """
    from avdf.cli.listener import Listener
    from avdf.start_benchmark import BenchStartOptions, bench_start

    options = BenchStartOptions(tuple(settings or ()), laps, seconds)
    with Listener() as listener:
        result = bench_start(run, options, json_file=json_file, on_event=listener)
    typer.echo(result)


# A measurement that is interrupted leaves nothing behind, so no advice follows Ctrl-C.
app.command()(guarded(prep))
app.command("input")(guarded(input_))
app.command()(guarded(train))
app.command()(guarded(score))
app.command()(guarded(start))
