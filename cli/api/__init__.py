"""avdf: an audio-visual deepfake detector.

    import avdf
    run = avdf.load("run")
    print(run.score("clip.mp4"))

Every command of `avdf` calls one function of this package: `avdf prep` calls `prepare`, and so on
(docs/api.md). Nothing heavy is imported before it is used.

Below it: `avdf.pipeline` turns videos into aligned face crops and audio, `avdf.cache` keeps them in
HDF5 shards, `avdf.model` trains and scores the detector, `avdf.cli` is the `avdf` command.
"""

from typing import TYPE_CHECKING, Any

from avdf.cache.core.public_names import import_name

# A name that is added here is added in `_HOMES` and in `__all__` too.
if TYPE_CHECKING:
    from avdf.benchmarks import (
        BenchInputOptions,
        BenchOptions,
        BenchPrepOptions,
        BenchResult,
        bench_input,
        bench_prep,
        bench_score,
        bench_train,
    )
    from avdf.cache.core.errors import (
        AvdfError,
        JobError,
        RunError,
        SettingsError,
        ShardError,
        SourceError,
        WeightsError,
    )
    from avdf.case.making import make_case
    from avdf.case.options import CaseOptions
    from avdf.case.results import Case, CaseCheck
    from avdf.case.verifying import verify_case
    from avdf.demo import DemoOptions, run_demo
    from avdf.demo_result import DemoResult
    from avdf.describing import RunDescription, ShardsDescription, describe
    from avdf.describing_file import FileDescription, describe_file
    from avdf.diagnosis import Diagnosis, Finding, diagnose
    from avdf.evaluating import EvaluateOptions, EvaluateResult, evaluate
    from avdf.events import Note, Progress, Stage
    from avdf.face_result import FaceResult
    from avdf.forging import ForgeOptions, ForgeResult, forge
    from avdf.load_options import LoadOptions
    from avdf.preparing import (
        ExamineResult,
        PrepareOptions,
        PrepareResult,
        examine,
        prepare,
    )
    from avdf.protocols import ProtocolList, SplitResult, list_protocols, split_videos
    from avdf.reproducing import ReproduceOptions, ReproduceResult, reproduce
    from avdf.results import ScoreResult, VideoResult
    from avdf.runs import Run, load, score
    from avdf.score_options import ScoreOptions
    from avdf.start_benchmark import BenchStartOptions, bench_start
    from avdf.training import TrainingResult, TrainOptions, train
    from avdf.verdict_result import VerdictResult
    from avdf.verifying import VerifyResult, verify

    __version__: str

# Each public name, and the module of this package that defines it.
# __getattr__ below imports them when they are used: torch alone takes seconds, and `avdf --help`
# and `import avdf` must not wait for it. Type checkers read the imports above instead.
_HOMES = {
    "AvdfError": "cache.core.errors",
    "BenchInputOptions": "benchmarks",
    "BenchOptions": "benchmarks",
    "BenchPrepOptions": "benchmarks",
    "BenchResult": "benchmarks",
    "BenchStartOptions": "start_benchmark",
    "Case": "case.results",
    "CaseCheck": "case.results",
    "CaseOptions": "case.options",
    "DemoOptions": "demo",
    "DemoResult": "demo_result",
    "Diagnosis": "diagnosis",
    "EvaluateOptions": "evaluating",
    "EvaluateResult": "evaluating",
    "ExamineResult": "preparing",
    "FaceResult": "face_result",
    "FileDescription": "describing_file",
    "Finding": "diagnosis",
    "ForgeOptions": "forging",
    "ForgeResult": "forging",
    "JobError": "cache.core.errors",
    "LoadOptions": "load_options",
    "Note": "events",
    "PrepareOptions": "preparing",
    "PrepareResult": "preparing",
    "Progress": "events",
    "ProtocolList": "protocols",
    "ReproduceOptions": "reproducing",
    "ReproduceResult": "reproducing",
    "Run": "runs",
    "RunDescription": "describing",
    "RunError": "cache.core.errors",
    "ScoreOptions": "score_options",
    "ScoreResult": "results",
    "SettingsError": "cache.core.errors",
    "ShardError": "cache.core.errors",
    "ShardsDescription": "describing",
    "SourceError": "cache.core.errors",
    "SplitResult": "protocols",
    "Stage": "events",
    "TrainOptions": "training",
    "TrainingResult": "training",
    "VerdictResult": "verdict_result",
    "VerifyResult": "verifying",
    "VideoResult": "results",
    "WeightsError": "cache.core.errors",
    "bench_input": "benchmarks",
    "bench_prep": "benchmarks",
    "bench_score": "benchmarks",
    "bench_start": "start_benchmark",
    "bench_train": "benchmarks",
    "describe": "describing",
    "describe_file": "describing_file",
    "diagnose": "diagnosis",
    "evaluate": "evaluating",
    "examine": "preparing",
    "forge": "forging",
    "list_protocols": "protocols",
    "load": "runs",
    "make_case": "case.making",
    "prepare": "preparing",
    "reproduce": "reproducing",
    "run_demo": "demo",
    "score": "runs",
    "split_videos": "protocols",
    "train": "training",
    "verify": "verifying",
    "verify_case": "case.verifying",
}

__all__ = [
    "AvdfError",
    "BenchInputOptions",
    "BenchOptions",
    "BenchPrepOptions",
    "BenchResult",
    "BenchStartOptions",
    "Case",
    "CaseCheck",
    "CaseOptions",
    "DemoOptions",
    "DemoResult",
    "Diagnosis",
    "EvaluateOptions",
    "EvaluateResult",
    "ExamineResult",
    "FaceResult",
    "FileDescription",
    "Finding",
    "ForgeOptions",
    "ForgeResult",
    "JobError",
    "LoadOptions",
    "Note",
    "PrepareOptions",
    "PrepareResult",
    "Progress",
    "ProtocolList",
    "ReproduceOptions",
    "ReproduceResult",
    "Run",
    "RunDescription",
    "RunError",
    "ScoreOptions",
    "ScoreResult",
    "SettingsError",
    "ShardError",
    "ShardsDescription",
    "SourceError",
    "SplitResult",
    "Stage",
    "TrainOptions",
    "TrainingResult",
    "VerdictResult",
    "VerifyResult",
    "VideoResult",
    "WeightsError",
    "__version__",
    "bench_input",
    "bench_prep",
    "bench_score",
    "bench_start",
    "bench_train",
    "describe",
    "describe_file",
    "diagnose",
    "evaluate",
    "examine",
    "forge",
    "list_protocols",
    "load",
    "make_case",
    "prepare",
    "reproduce",
    "run_demo",
    "score",
    "split_videos",
    "train",
    "verify",
    "verify_case",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("avdf")
    return import_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
