"""`avdf.bench_start`: how long a user waits for the first verdict, beside the import of PyTorch."""

import tempfile
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
from avdf.events import OnEvent, Progress, ignore
from avdf.model.bench.bench_start import bench_start as measure_start
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.presets import BACKBONES
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from avdf.sources import AnyPath


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
    given = None if run is None else as_path(run, "run")
    with tempfile.TemporaryDirectory(prefix="avdf-bench-") as folder:
        clip = Path(folder) / "clip.mp4"
        _write_clip(clip, options.seconds)
        result = measure_start(
            clip,
            options.seconds,
            given,
            config,
            options.laps,
            lambda done, total: on_event(Progress("bench start", done, total, "laps")),
        )
    return finished(asdict(result), json_file)


def _write_clip(path: Path, seconds: float) -> None:
    speaker = random_speaker(np.random.default_rng(0), "women")
    write_clip(path, generate_clip(speaker, seconds, np.random.default_rng(1)))
