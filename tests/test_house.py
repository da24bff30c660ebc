"""The house: imports go one way between rooms, none in a circle, and functions stay short."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up. A room imports from itself and from the rooms before it, never from one after.
# A single file that stands between rooms is named like a room.
FLOORS = (
    "cache.core",
    "cache.files",
    "cache.machine",
    "cache.shards",
    "cache.stream",
    "cache",
    "pipeline.settings",
    "pipeline.media",
    "pipeline.statement",
    "pipeline.faces",
    "pipeline.sources",
    "pipeline.unchanged_file",
    "pipeline.decoded_video",
    "pipeline.decoded_sound",
    "pipeline.silence",
    "pipeline.preparation_notes",
    "pipeline.face_choice",
    "pipeline.sound_alone",
    "pipeline.stretch",
    "pipeline.sample",
    "pipeline.prepare",
    "pipeline.ahead",
    "pipeline.job",
    "pipeline.synthetic",
    "pipeline.perturbations",
    "pipeline.bench",
    "pipeline",
    "model.whisper_sizes",
    "model.config",
    "model.verdicts",
    "model.backbones",
    "model.branch",
    "model.mouth_pooling",
    "model.visual",
    "model.audio",
    "model.contrast",
    "model.output",
    "model.head_inputs",
    "model.pooling",
    "model.detector",
    "model.matching",
    "model.hypersphere",
    "model.losses",
    "model.metrics",
    "model.bootstrap",
    "model.delong",
    "model.logistic",
    "model.likelihood",
    "model.thresholds",
    "model.synchrony",
    "model.speaking",
    "model.inference",
    "model.protocols",
    "model.runs",
    "model.scoring",
    "model.peers",
    "model.evaluation",
    "model.report",
    "model.imaging",
    "model.waveform",
    "model.forging",
    "model.augment",
    "model.training",
    "model.bench",
    "model.reproduce",
    "model",
    "cli.api",
    "cli.ending",
    "cli.page",
    "cli",
)
# `pipeline` and `model` know nothing of each other: only the package `avdf` joins them.
STRANGERS = ("pipeline", "model")

MOST_LINES = 60  # of a function
MOST_PARAMETERS = 8  # of a function


def sources() -> dict[str, Path]:
    """Every file of the package by its dotted name below `avdf`."""
    found = {}
    for top in ("cache", "pipeline", "model", "cli"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


SOURCES = sources()


def imported(name: str) -> set[str]:
    """The files that a file imports, also inside functions and for types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(SOURCES[name].read_text())):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        for module in modules:
            below = module.removeprefix("avdf.")
            if not module.startswith("avdf."):
                continue
            # `from avdf.cache import Shard` names a package, `from avdf.cache.core import clock` a
            # file; what lies in no other folder belongs to the package `avdf` itself: `cli/api`.
            places = (
                below,
                below.rpartition(".")[0],
                f"cli.api.{below}".rpartition(".")[0],
            )
            found.update([place for place in places if place in SOURCES][:1])
    return (found & set(SOURCES)) - {name}


def floor(name: str) -> int:
    """The index of the most precise room that holds a file."""
    rooms = [room for room in FLOORS if name == room or name.startswith(f"{room}.")]
    return FLOORS.index(max(rooms, key=len))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_imports_go_down(name: str) -> None:
    for other in imported(name):
        assert floor(other) <= floor(name), (
            f"{name} imports {other}, which stands above it"
        )
        tops = {name.partition(".")[0], other.partition(".")[0]}
        assert tops != set(STRANGERS), f"{name} imports {other}"


def test_no_file_imports_in_a_circle() -> None:
    graph = {name: imported(name) for name in SOURCES}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def functions(name: str) -> list[ast.FunctionDef]:
    tree = ast.parse(SOURCES[name].read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_function_is_long(name: str) -> None:
    for function in functions(name):
        lines = (function.end_lineno or 0) - function.lineno + 1
        # A command's own options are as many lines as it has options.
        options = function.body[0].lineno - function.lineno if is_command(name) else 0
        assert lines - options <= MOST_LINES, (
            f"{name}.{function.name} has {lines} lines"
        )


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_function_has_many_parameters(name: str) -> None:
    for function in functions(name):
        taken = function.args
        count = len(taken.posonlyargs + taken.args + taken.kwonlyargs)
        assert count <= MOST_PARAMETERS or is_command(name), (
            f"{name}.{function.name} has {count}"
        )


def is_command(name: str) -> bool:
    """Whether a file holds a command, whose parameters are the options of the command line."""
    return name.startswith("cli.") and not name.startswith(("cli.api", "cli.page"))
