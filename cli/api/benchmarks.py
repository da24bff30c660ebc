"""`avdf.bench_prep`, `bench_input`, `bench_train` and `bench_score`: how fast this machine is."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from avdf.arguments import (
    as_path,
    as_sources,
    at_least,
    check_device,
    check_fields,
    check_listener,
    check_options,
    take_settings,
)
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.ownership import check_file
from avdf.cache.machine.cores import check_worker_count, worker_count
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.events import OnEvent, Progress, ignore
from avdf.model.bench.bench_input import bench_input as measure_input
from avdf.model.bench.bench_score import bench_score as measure_scoring
from avdf.model.bench.bench_train import bench_train as measure_training
from avdf.model.runs.config_sources import load_config
from avdf.pipeline.bench import FileBench
from avdf.pipeline.bench import bench_prep as measure_preparation
from avdf.pipeline.job.device import device_name
from avdf.pipeline.settings import PrepSettings
from avdf.sources import AnyPath

_NOISE_ROWS = 48  # frames of each video of noise: nearly two seconds
# Few, so that training reads from many shards, as it does of a real dataset.
_NOISE_VIDEOS_IN_SHARD = 2

# A file of figures has one of these names in its first bytes.
_RATES = (
    b'"frames_per_second"',
    b'"segments_per_second"',
    b'"seconds_to_verdict"',
)


@dataclass(frozen=True)
class BenchOptions:
    """How training and scoring are measured.

    settings  `section.key=value` strings of the run that is measured
    steps     steps, or batches, of each kind
    videos    videos of noise, where no shards are given
    """

    settings: tuple[str, ...] = ()
    steps: Annotated[int, at_least(1)] = 5
    videos: Annotated[int, at_least(1)] = 128

    def __post_init__(self) -> None:
        take_settings(self)
        check_fields(self)
        # Building the configuration checks the settings.
        load_config(None, self.settings)


@dataclass(frozen=True)
class BenchPrepOptions:
    """How preparation is measured.

    workers      processes; 0: one for each core
    laps         how often each file is prepared and decoded; the median is reported
    compare      frames of each file on which full-size MTCNN is run
    device       that faces are detected on: cpu or cuda
    job_seconds  of video in the job that is measured from its command to its end
    """

    workers: int = 0
    laps: Annotated[int, at_least(1)] = 3
    compare: Annotated[int, at_least(0)] = 60
    device: str = "cpu"
    job_seconds: Annotated[int, at_least(1)] = 600

    def __post_init__(self) -> None:
        check_fields(self)
        check_device(self.device)
        check_worker_count(self.workers)


@dataclass(frozen=True)
class BenchInputOptions:
    """How reading is measured.

    batch_size  segments of a batch
    laps        how often each kind of reading is measured; the median is reported
    batches     of each lap
    noise       shards of noise, where no shards are given: as many as FakeAVCeleb makes
    """

    batch_size: Annotated[int, at_least(1)] = 16
    laps: Annotated[int, at_least(1)] = 5
    batches: Annotated[int, at_least(1)] = 20
    noise: Annotated[int, at_least(1)] = 674

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, repr=False)
class BenchResult:
    """Figures by name; `files` holds those of each file, where files were measured."""

    figures: Mapping[str, Any]
    files: tuple[FileBench, ...] = ()

    def __repr__(self) -> str:
        return f"{counted(len(self.figures), 'figure')}, {counted(len(self.files), 'file')}"

    def __str__(self) -> str:
        lines = [_file_line(file) for file in self.files]
        for name, value in self.figures.items():
            # Tuples hold the figures of single files, which have lines of their own.
            if not isinstance(value, tuple):
                lines.append(f"{name:30} {_words(name, value)}")
        return "\n".join(lines)


def bench_prep(
    files: AnyPath | Sequence[AnyPath],
    options: BenchPrepOptions = BenchPrepOptions(),
    *,
    json_file: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> BenchResult:
    """Measure preparation beside decoding alone and MTCNN on every full-size frame.

    Args:
        files: videos with faces, best of about a minute each.
        json_file: also write the figures to this file.

    Raises:
        SettingsError: a file is missing, or `json_file` is another file.
        SourceError: a file cannot be prepared.
    """
    check_options(options, BenchPrepOptions)
    check_listener(on_event)
    # Before measuring: a mistyped name must not cost minutes of work.
    check_json(json_file)
    cores = worker_count(options.workers)
    paths = [Path(file) for file in as_sources(files, "files")]
    for path in paths:
        if not path.is_file():
            raise SettingsError(f"{path}: no such file; name video files with faces")
    result = measure_preparation(
        paths,
        PrepSettings(),
        cores,
        options.laps,
        options.compare,
        device_name(options.device),
        options.job_seconds,
        lambda done, total: on_event(Progress("bench prep", done, total, "files")),
    )
    return finished(asdict(result), json_file, result.files)


def bench_input(
    shards: AnyPath | None = None,
    options: BenchInputOptions = BenchInputOptions(),
    *,
    json_file: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> BenchResult:
    """Measure reading shards in random order, beside decoding alone and the plain way.

    Args:
        shards: to read; None: some are made of noise.
        json_file: also write the figures to this file.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: there are fewer videos than a batch holds, crops that are not JPEG, or
            `json_file` is another file.
    """
    check_options(options, BenchInputOptions)
    check_listener(on_event)
    check_json(json_file)
    with _shards_or_noise(shards, options.noise * _NOISE_VIDEOS_IN_SHARD) as folder:
        result = measure_input(
            folder,
            options.batch_size,
            options.laps,
            options.batches,
            lambda done, total: on_event(Progress("bench input", done, total, "laps")),
        )
    return finished(asdict(result), json_file)


def bench_train(
    shards: AnyPath | None = None,
    options: BenchOptions = BenchOptions(),
    *,
    json_file: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> BenchResult:
    """Measure training: frames/s, the share of the machine's matrix rate, and the input's share.

    Args:
        shards: to stream; None: some are made of noise.
        json_file: also write the figures to this file.

    Raises:
        SettingsError: settings that cannot be measured, or `json_file` is another file.
    """
    check_options(options, BenchOptions)
    check_listener(on_event)
    check_json(json_file)
    config = load_config(None, options.settings)
    with _shards_or_noise(shards, options.videos) as folder:
        result = measure_training(
            folder,
            config,
            options.steps,
            lambda done, total: on_event(Progress("bench train", done, total, "steps")),
        )
    return finished(asdict(result), json_file)


def bench_score(
    shards: AnyPath | None = None,
    options: BenchOptions = BenchOptions(),
    *,
    json_file: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> BenchResult:
    """Measure scoring: frames/s, times real time, and the share of the machine's matrix rate.

    Arguments and errors are those of `bench_train`.
    """
    check_options(options, BenchOptions)
    check_listener(on_event)
    check_json(json_file)
    config = load_config(None, options.settings)
    with _shards_or_noise(shards, options.videos) as folder:
        result = measure_scoring(
            folder,
            config,
            options.steps,
            lambda done, total: on_event(Progress("bench score", done, total, "steps")),
        )
    return finished(asdict(result), json_file)


@contextmanager
def _shards_or_noise(shards: AnyPath | None, videos: int) -> Iterator[Path]:
    """The shards that are given, or generated ones that are removed afterwards."""
    if shards is not None:
        yield as_path(shards, "shards")
        return
    # The content plays no part in the speed of the arithmetic, so noise will do.
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as folder:
        noise = Path(folder) / "shards"
        write_noise_shards(noise, videos, _NOISE_ROWS, _NOISE_VIDEOS_IN_SHARD)
        yield noise


def finished(
    figures: dict[str, Any],
    json_file: AnyPath | None,
    files: tuple[FileBench, ...] = (),
) -> BenchResult:
    if json_file is not None:
        write_text(Path(json_file), json.dumps(figures, indent=1) + "\n")
    return BenchResult(figures, files)


def check_json(json_file: AnyPath | None) -> None:
    """Refuse to replace a file that holds no figures, before minutes are spent on measuring.

    Raises:
        SettingsError: it is another file.
    """
    if json_file is not None:
        check_file(
            as_path(json_file, "json_file"),
            lambda start: any(name in start for name in _RATES),
            "a file of `avdf bench`",
        )


def _file_line(file: FileBench) -> str:
    return (
        f"{file.file} ({file.width} x {file.height}, {counted(file.frames, 'frame')}): "
        f"{file.frames_per_second:.0f} frames/s, {file.share_of_decode:.2f} of decoding; "
        f"a job from its command on {file.job_frames_per_second:.0f} frames/s, "
        f"{file.job_share_of_decode:.2f} of decoding; "
        f"decoding alone {file.decode_frames_per_second:.0f}, and a crop encoded for each "
        f"{file.bound_frames_per_second:.0f}, full-size MTCNN {file.naive_frames_per_second:.1f}; "
        f"{100 * file.contained:.1f} % of {counted(file.compared, 'face')} in the crop, "
        f"{file.missed} missed, jitter {100 * file.jitter:.2f} %"
    )


def _words(name: str, value: Any) -> str:
    # In Python True is an int: without this it would be printed as 1.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if "flops" in name:
        return f"{value / 1e9:,.1f} G"
    if name.endswith("_bytes"):
        return f"{value / 1e9:.2f} GB"
    if isinstance(value, int):
        return str(value)
    return f"{value:,.3f}" if value < 10 else f"{value:,.1f}"
