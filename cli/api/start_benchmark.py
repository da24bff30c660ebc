"""`avdf.bench_start`: how long a user waits for the first verdict, beside the import of PyTorch."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from avdf.arguments import (
    as_path,
    check_fields,
    check_listener,
    check_options,
    take_settings,
)
from avdf.benchmarks import BenchResult, check_json, finished
from avdf.cache.core.errors import AvdfError
from avdf.cache.machine.cores import usable_cores
from avdf.events import OnEvent, Progress, ignore
from avdf.model.bench.untrained_run import write_untrained_run
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.presets import BACKBONES
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from avdf.sources import AnyPath

_SCORED = (0, 3)  # exit codes of `avdf score`: with a verdict, and where it is withheld
_AVDF = ("-m", "avdf.cli.main")


@dataclass(frozen=True)
class BenchStartOptions:
    """How the start is measured.

    settings  `section.key=value` strings of the run that scores, where none is given
    laps      how often each command is run; medians are reported
    seconds   length of the generated clip
    """

    settings: tuple[str, ...] = ()
    laps: Annotated[int, Field(ge=1)] = 5
    seconds: Annotated[float, Field(ge=1, le=600)] = 3.0

    def __post_init__(self) -> None:
        take_settings(self)
        check_fields(self)


@dataclass(frozen=True)
class StartBench:
    """Medians of fresh processes on one machine.

    seconds_to_verdict  from the command `avdf score` to its end
    import_seconds      of `import torch` alone: the bound
    seconds_over_bound  how much longer a verdict takes than the bound
    help_seconds        of `avdf --help`
    *_cpu_seconds       of all cores, which a machine that is busy changes little
    """

    seconds_to_verdict: float
    import_seconds: float
    seconds_over_bound: float
    help_seconds: float
    verdict_cpu_seconds: float
    import_cpu_seconds: float
    help_cpu_seconds: float
    clip_seconds: float
    laps: int
    cores: int
    clip: str
    whisper: str


@dataclass(frozen=True)
class _Spent:
    """What one process took."""

    seconds: float
    cpu_seconds: float


def bench_start(
    run: AnyPath | None = None,
    options: BenchStartOptions = BenchStartOptions(),
    *,
    json_file: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> BenchResult:
    """Measure the way to the first verdict, in fresh processes: `avdf score` of a generated clip.

    `import torch` alone and `avdf --help` are run in turn with it, so that a slow spell of the
    machine shows in all of them.

    Args:
        run: that scores; None: one that was never trained, with the demo's backbones.
        json_file: also write the figures to this file.

    Raises:
        SettingsError: settings that cannot be used, or `json_file` is another file.
        AvdfError: the clip cannot be scored with this run.
    """
    check_options(options, BenchStartOptions)
    check_listener(on_event)
    check_json(json_file)
    preset = [f"model.{name}={value}" for name, value in BACKBONES["demo"].items()]
    config = load_config(None, [*preset, *options.settings])
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as name:
        folder = Path(name)
        if run is None:
            write_untrained_run(folder / "run", config)
        scoring = folder / "run" if run is None else as_path(run, "run")
        _write_clip(folder / "clip.mp4", options.seconds)
        score = (*_AVDF, "score", str(scoring), str(folder / "clip.mp4"))
        commands = (score, ("-c", "import torch"), (*_AVDF, "--help"))
        # The first lap reads files that later ones find in memory: it is not counted.
        laps: list[list[_Spent]] = []
        for lap in range(options.laps + 1):
            on_event(Progress("bench start", lap, options.laps + 1, "laps"))
            laps.append([_spend(command) for command in commands])
        on_event(Progress("bench start", len(laps), len(laps), "laps"))
    kind = "of the run" if run is not None else ""
    result = _medians(
        laps[1:], options, kind or config.model.clip, kind or config.model.whisper
    )
    return finished(asdict(result), json_file)


def _medians(
    laps: Sequence[Sequence[_Spent]],
    options: BenchStartOptions,
    clip: str,
    whisper: str,
) -> StartBench:
    verdicts, imports, helps = zip(*laps, strict=True)
    over = [
        verdict.seconds - bound.seconds
        for verdict, bound in zip(verdicts, imports, strict=True)
    ]
    return StartBench(
        seconds_to_verdict=_median(one.seconds for one in verdicts),
        import_seconds=_median(one.seconds for one in imports),
        seconds_over_bound=_median(over),
        help_seconds=_median(one.seconds for one in helps),
        verdict_cpu_seconds=_median(one.cpu_seconds for one in verdicts),
        import_cpu_seconds=_median(one.cpu_seconds for one in imports),
        help_cpu_seconds=_median(one.cpu_seconds for one in helps),
        clip_seconds=options.seconds,
        laps=options.laps,
        cores=usable_cores(),
        clip=clip,
        whisper=whisper,
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


def _write_clip(path: Path, seconds: float) -> None:
    speaker = random_speaker(np.random.default_rng(0), "women")
    write_clip(path, generate_clip(speaker, seconds, np.random.default_rng(1)))


def _spend(arguments: Sequence[str]) -> _Spent:
    """Run a fresh Python to its end.

    Raises:
        AvdfError: it fails; the message is what it printed last.
    """
    with tempfile.TemporaryFile() as printed:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=printed,
        )
        # Not `process.wait`: the system also tells what the process has used, ffmpeg included.
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in _SCORED:
            printed.seek(0)
            last = printed.read().decode(errors="replace").strip().splitlines()[-1:]
            raise AvdfError(f"{' '.join(arguments)}: it failed ({''.join(last)})")
    return _Spent(seconds, used.ru_utime + used.ru_stime)
