"""`avdf doctor`: what a run needs, and whether it is there."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avdf.cli.exits import DONE, WRONG_USE

if TYPE_CHECKING:
    from avdf.model.config import DetectorConfig
    from avdf.model.runs.config import RunConfig

_PACKAGES = (
    "torch",
    "torchvision",
    "open_clip_torch",
    "openai-whisper",
    "facenet-pytorch",
    "h5py",
    "numpy",
    "simplejpeg",
)
_LEAST_FREE_GB = 5.0


@dataclass(frozen=True)
class Finding:
    """One line: what, how it is, and the remedy where it is not well."""

    name: str
    state: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        return not self.remedy


def doctor(
    folder: Annotated[
        Path, typer.Option(help="Where shards will go: its free space is looked at.")
    ] = Path(),
    config: Annotated[
        Path | None, typer.Option(help="TOML file that `avdf train` will get.")
    ] = None,
    backbones: Annotated[str, typer.Option(help="demo or paper, as for `avdf train`.")] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="section.key=value that `avdf train` will get; may be repeated."
        ),
    ] = None,
) -> int:
    """Look at ffmpeg, PyTorch, weights, space, and whether `avdf train` can work with these settings.

    Exit code 2 where something is missing, with what to do.
    """
    from avdf.model.runs.config_sources import load_config

    chosen = load_config(config, settings or (), backbones)
    weights = _weights(chosen.model)
    findings = [*_tools(), *_packages(), *_devices(), *weights, *_training(chosen), _space(folder)]
    for finding in findings:
        typer.echo(f"{'ok' if finding.well else '!!'}  {finding.name:22} {finding.state}")
        if not finding.well:
            typer.echo(f"    {'':22} -> {finding.remedy}")
    return DONE if all(finding.well for finding in findings) else WRONG_USE


def _tools() -> list[Finding]:
    from avdf.cache.core.errors import AvdfError
    from avdf.pipeline.media.ffmpeg import find_tool
    from avdf.pipeline.media.ffmpeg_builds import program_for

    findings = []
    for name in ("ffmpeg", "ffprobe"):
        try:
            tool = find_tool(name)
            findings.append(Finding(name, f"{tool.version()} from {tool.origin}: {tool.path}"))
        except (AvdfError, OSError) as error:
            findings.append(Finding(name, "missing or broken", str(error)))
    if all(finding.well for finding in findings):
        av1 = program_for("av1")
        findings.append(
            Finding(
                "AV1 video",
                f"decoded by {av1}" if av1 else "cannot be decoded: status `unsupported`",
            )
        )
    return findings


def _packages() -> list[Finding]:
    findings = [Finding("python", platform.python_version())]
    for name in _PACKAGES:
        try:
            findings.append(Finding(name, version(name)))
        except PackageNotFoundError:
            findings.append(Finding(name, "missing", f"pip install {name}"))
    return findings


def _devices() -> list[Finding]:
    import torch

    from avdf.model.inference.precision import choose_precision

    cpu = torch.device("cpu")
    kind = str(choose_precision("auto", cpu)).removeprefix("torch.")
    findings = [Finding("cpu", f"{torch.get_num_threads()} threads, frozen weights in {kind}")]
    for index in range(torch.cuda.device_count()):
        memory = torch.cuda.get_device_properties(index).total_memory / 1e9
        findings.append(
            Finding(f"cuda:{index}", f"{torch.cuda.get_device_name(index)}, {memory:.0f} GB")
        )
    return (
        findings
        if len(findings) > 1
        else [*findings, Finding("cuda", "none: training on the CPU is slow")]
    )


def _weights(model: "DetectorConfig") -> list[Finding]:
    from avdf.model.backbones.available import find_weights
    from avdf.model.backbones.info import DEMO, RANDOM

    findings = []
    for weights in find_weights(model):
        if weights.value in (DEMO, RANDOM):
            findings.append(Finding(weights.setting, weights.value))
        elif weights.file:
            findings.append(Finding(weights.setting, f"{weights.value}: {weights.file}"))
        else:
            remedy = f"downloaded at the first run, or fetch {weights.url} and give --set {weights.setting}=FILE"
            missing = (
                f"{weights.value}: not a file"
                if not weights.url
                else f"{weights.value}: not on this machine"
            )
            findings.append(
                Finding(
                    weights.setting, missing, remedy if weights.url else "give an existing file"
                )
            )
    return findings


def _training(config: "RunConfig") -> list[Finding]:
    """Whether training would take these settings: what it would refuse before it reads a shard."""
    from avdf.cache.machine.device import choose_device
    from avdf.cache.stream.order import class_share
    from avdf.model.protocols import check_protocol

    data, training = config.data, config.training
    return [
        _attempt("training.device", training.device, lambda: choose_device(training.device)),
        _attempt(
            "data.batch_size",
            str(data.batch_size),
            lambda: class_share(data.batch_size, data.sampling),
        ),
        _attempt("data.protocol", data.protocol, lambda: check_protocol(data.protocol)),
        _attempt("model", "can be built", lambda: _build(config.model)),
    ]


def _attempt(name: str, state: str, work: Callable[[], object]) -> Finding:
    from avdf.cache.core.errors import AvdfError

    try:
        work()
    except AvdfError as error:
        return Finding(
            name, f"{state}: refused" if name != "model" else "cannot be built", str(error)
        )
    return Finding(name, state)


def _build(model: "DetectorConfig") -> None:
    """Build the detector; weights that are not on this machine are replaced by random ones, never downloaded."""
    import warnings

    from avdf.model.backbones import RandomWeightsWarning
    from avdf.model.backbones.available import find_weights
    from avdf.model.backbones.info import DEMO, RANDOM
    from avdf.model.detector import Detector

    absent = {
        weights.setting.removeprefix("model."): RANDOM
        for weights in find_weights(model)
        if weights.value not in (DEMO, RANDOM) and not weights.file
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        Detector(replace(model, **absent))  # type: ignore[arg-type]  # the names of weights alone


def _space(folder: Path) -> Finding:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    remedy = f"free some: FakeAVCeleb takes about 85 GB of shards, a small set 1 GB ({_LEAST_FREE_GB:.0f} GB at least)"
    return Finding(
        "free space", f"{free:.0f} GB at {place}", "" if free >= _LEAST_FREE_GB else remedy
    )
