"""`avdf.diagnose`: what a run needs, and whether it is there."""

import platform
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from avdf.arguments import as_path, check_options
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import AvdfError
from avdf.cache.machine.device import choose_device
from avdf.cache.stream.order import class_share
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.backbones.available import find_weights
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from avdf.model.protocols import check_protocol
from avdf.model.runs.config import RunConfig
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.ffmpeg_builds import program_for
from avdf.sources import AnyPath
from avdf.training import TrainOptions

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
    """What was looked at, how it is, and what to do where it is not well."""

    name: str
    state: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy

    def __str__(self) -> str:
        line = f"{'ok' if self.well else '!!'}  {self.name:22} {self.state}"
        return line if self.well else f"{line}\n    {'':22} -> {self.remedy}"


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All findings, one line each."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether everything is there."""
        return all(finding.well for finding in self.findings)

    def __repr__(self) -> str:
        missing = [finding for finding in self.findings if not finding.well]
        return (
            f"{counted(len(self.findings), 'finding')}, {len(missing)} of them missing"
        )

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


def diagnose(
    folder: AnyPath = ".", training: TrainOptions = TrainOptions()
) -> Diagnosis:
    """Look at ffmpeg, PyTorch, weights and space, and whether `train` can work with these options.

    Args:
        folder: where shards will go: its free space is looked at.
        training: the options that `train` will get.
    """
    check_options(training, TrainOptions, "training")
    # All parts are looked at, whatever one of them finds: one call names everything that is
    # missing.
    config = training.run_config()
    return Diagnosis(
        (
            *_tools(),
            *_packages(),
            *_devices(),
            *_weights(config.model),
            *_training(config),
            _space(as_path(folder, "folder")),
        )
    )


def _tools() -> list[Finding]:
    findings = []
    for name in ("ffmpeg", "ffprobe"):
        try:
            tool = find_tool(name)
            findings.append(
                Finding(name, f"{tool.version()} from {tool.origin}: {tool.path}")
            )
        except (AvdfError, OSError) as error:
            findings.append(Finding(name, "missing or broken", str(error)))
    # Many builds of ffmpeg lack AV1, which only some datasets need: it is told, not refused.
    if all(finding.well for finding in findings):
        program = program_for("av1")
        decoded = (
            f"decoded by {program}"
            if program
            else "cannot be decoded: status `unsupported`"
        )
        findings.append(Finding("AV1 video", decoded))
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
    # Processors differ in the types that they compute fast: this one's choice is shown.
    kind = str(choose_precision("auto", torch.device("cpu"))).removeprefix("torch.")
    threads = torch.get_num_threads()
    cpu = Finding("cpu", f"{counted(threads, 'thread')}, frozen weights in {kind}")
    gpus = []
    for index in range(torch.cuda.device_count()):
        memory = torch.cuda.get_device_properties(index).total_memory / 1e9
        name = torch.cuda.get_device_name(index)
        gpus.append(Finding(f"cuda:{index}", f"{name}, {memory:.0f} GB"))
    return [cpu, *(gpus or [Finding("cuda", "none: training on the CPU is slow")])]


def _weights(model: DetectorConfig) -> list[Finding]:
    findings = []
    for weights in find_weights(model):
        state, remedy = f"{weights.value}: {weights.file}", ""
        if weights.value in (DEMO, RANDOM):
            state = weights.value
        elif not weights.file and weights.url:
            state = f"{weights.value}: not on this machine"
            remedy = (
                f"downloaded at the first run, or fetch {weights.url} "
                f"and set {weights.setting}=FILE"
            )
        elif not weights.file:
            state, remedy = f"{weights.value}: not a file", "give an existing file"
        findings.append(Finding(weights.setting, state, remedy))
    return findings


def _training(config: RunConfig) -> list[Finding]:
    """Whether training would take these settings: what it would refuse before it reads a shard."""
    data, training = config.data, config.training
    return [
        _attempt(
            "training.device", training.device, lambda: choose_device(training.device)
        ),
        _attempt(
            "data.batch_size",
            str(data.batch_size),
            lambda: class_share(data.batch_size, data.sampling),
        ),
        _attempt("data.protocol", data.protocol, lambda: check_protocol(data.protocol)),
        _attempt("model", "can be built", lambda: _build(config.model)),
    ]


def _attempt(name: str, state: str, work: Callable[[], object]) -> Finding:
    try:
        work()
    except AvdfError as error:
        refused = "cannot be built" if name == "model" else f"{state}: refused"
        return Finding(name, refused, str(error))
    return Finding(name, state)


def _build(model: DetectorConfig) -> None:
    """Build the detector. Weights that are not here become random ones: nothing is downloaded."""
    # Whether an architecture fits its settings does not depend on the values of its weights.
    absent = {
        weights.setting.removeprefix("model."): RANDOM
        for weights in find_weights(model)
        if weights.value not in (DEMO, RANDOM) and not weights.file
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        Detector(replace(model, **absent))  # type: ignore[arg-type]  # names of weights alone


def _space(folder: Path) -> Finding:
    # The folder need not exist yet: the nearest one above it is on the same disk.
    existing = folder.resolve()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free / 1e9
    remedy = (
        "free some: FakeAVCeleb takes about 85 GB of shards, a small set 1 GB "
        f"({_LEAST_FREE_GB:.0f} GB at least)"
    )
    return Finding(
        "free space",
        f"{free:.0f} GB at {existing}",
        "" if free >= _LEAST_FREE_GB else remedy,
    )
