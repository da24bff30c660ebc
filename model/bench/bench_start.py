"""How long a user waits for the first verdict, beside the import of PyTorch."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.errors import AvdfError
from avdf.cache.machine.cores import usable_cores
from avdf.model.bench.stopwatch import OnProgress, ignore_progress
from avdf.model.bench.untrained_run import write_untrained_run
from avdf.model.runs.config import RunConfig

_SCORED = (0, 3)  # exit codes of `avdf score`: with a verdict, and where it is withheld
_AVDF = ("-m", "avdf.cli.main")


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
    video: Path,
    video_seconds: float,
    run: Path | None,
    config: RunConfig,
    laps: int,
    on_progress: OnProgress = ignore_progress,
) -> StartBench:
    """Score a video by `avdf score`, each time in a fresh process.

    `import torch` alone and `avdf --help` are run in turn with it, so that a slow spell of the
    machine shows in all of them.

    Args:
        run: that scores; None: one of `config` that was never trained.
        laps: how often each command is run and counted.

    Raises:
        AvdfError: the video cannot be scored with this run.
    """
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as name:
        scoring = run or Path(name) / "run"
        if run is None:
            write_untrained_run(scoring, config)
        score = (*_AVDF, "score", str(scoring), str(video))
        commands = (score, ("-c", "import torch"), (*_AVDF, "--help"))
        # The first lap reads files that later ones find in memory: it is not counted.
        spent: list[list[_Spent]] = []
        for lap in range(laps + 1):
            on_progress(lap, laps + 1)
            spent.append([_spend(command) for command in commands])
        on_progress(laps + 1, laps + 1)
    kind = "of the run" if run is not None else ""
    model = config.model
    return _medians(spent[1:], video_seconds, kind or model.clip, kind or model.whisper)


def _medians(
    laps: Sequence[Sequence[_Spent]],
    clip_seconds: float,
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
        clip_seconds=clip_seconds,
        laps=len(laps),
        cores=usable_cores(),
        clip=clip,
        whisper=whisper,
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


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
