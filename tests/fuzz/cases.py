"""A case: a file that avdf reads is damaged, and the command that reads it is run here."""

import csv
import io
import json
import math
import resource
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.shards.schema import shard_name
from avdf.cache.stream.index import list_shard_videos
from avdf.cli.exits import DONE, SOME_FAILED, WRONG_USE
from avdf.cli.exits import run as guarded
from avdf.cli.main import app
from avdf.model.runs.checkpoint import tensors_sha256
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.training.start import train
from tests.fuzz.damage import damage_bytes, damage_json, damage_shard, damage_table
from tests.helpers.tiny_run import TINY_SETTINGS

_WIDTHS = ("model.audio_prompt_dim=4", "model.fused_dim=4", "model.head_dim=4")
TINY = (*TINY_SETTINGS, *_WIDTHS)
_SETTINGS = """[model]
clip = "demo"
seed = 3
fused_dim = 4
[data]
batch_size = 4
ahead = 1
[training]
learning_rate = 1e-3
epochs = 1
alpha = 2.0
device = "cpu"
"""
ALLOWED = {DONE, WRONG_USE, SOME_FAILED}
MOST_SECONDS = 60  # a case that takes longer hangs
MOST_MEMORY = 1 << 30  # bytes that all cases together may add to the process


@dataclass(frozen=True)
class Outcome:
    """What one case came to; `fault` is '' where it held."""

    kind: str
    number: int
    code: int
    fault: str


@dataclass
class Counts:
    """Cases by kind and exit code, and those that did not hold."""

    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.codes[outcome.kind, outcome.code] += 1
        if outcome.fault:
            self.faults.append(outcome)

    def table(self) -> str:
        """A line for each kind, as Markdown."""
        lines = [
            "| damaged | cases | exit 0 | exit 2 | exit 3 | faults |",
            "|---|---|---|---|---|---|",
        ]
        for kind in sorted({kind for kind, _ in self.codes}):
            codes = [self.codes[kind, code] for code in (DONE, WRONG_USE, SOME_FAILED)]
            whole = sum(
                count for (name, _), count in self.codes.items() if name == kind
            )
            faults = sum(outcome.kind == kind for outcome in self.faults)
            lines.append(
                f"| {kind} | {whole} | {codes[0]} | {codes[1]} | {codes[2]} | {faults} |"
            )
        return "\n".join(lines)


class Workshop:
    """Whole files to damage: shards of noise, a run on them, and tables of every kind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write_noise_shards(root / "shards", videos=10, rows=32)
        train(root / "shards", root / "run", load_config(None, TINY))
        ids = [video.info.id for video in list_shard_videos(root / "shards")]
        self.scores = "id,score,label,split\n" + "".join(
            f"{name},0.{number + 1},{number % 2},{'val' if number < 4 else 'test'}\n"
            for number, name in enumerate(ids)
        )
        self.manifest = "path,label,label_visual,label_audio,split,method\n" + "".join(
            f"{name}.mp4,{number % 2},,,train,m\n" for number, name in enumerate(ids)
        )
        self.protocol = "id,split\n" + "".join(
            f"{name},{('train', 'val', 'test')[n % 3]}\n" for n, name in enumerate(ids)
        )
        statuses = dict.fromkeys(ids, "ok") | {"lost-1": "no_face", "lost-2": "corrupt"}
        self.inputs = (
            "id,path,label,label_visual,label_audio,split,status,reason\n"
            + "".join(
                f"{name},{name},0,0,0,train,{status},\n"
                for name, status in statuses.items()
            )
        )
        self.settings = _SETTINGS

    def copy(self, name: str, place: Path) -> Path:
        return Path(shutil.copytree(self.root / name, place / name))


class _Hangs(BaseException):
    """A case took too long. No ordinary error, so that nobody takes it for one."""


def _ring(*_: object) -> NoReturn:
    raise _Hangs


@contextmanager
def _limited() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _ring)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def call(*words: object) -> tuple[int, str]:
    """Run a command here. Its exit code and all that it printed."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return 1, f"Traceback: {result.exception!r}\n{result.output}"
    return result.exit_code, result.output


def _score(run: Path, shards: Path) -> tuple[int, str]:
    """`avdf score` without its report, which takes longer than all the rest of it."""
    found: list[str] = []

    def command() -> int:
        scores = score_shards(load_run(run, device="cpu"), shards, "")
        for row in scores.scored:
            found.extend(
                f"{row.info.id}: scored with {value}"
                for value in row.probability
                if not _is_score(value)
            )
        return SOME_FAILED if len(scores.scored) < len(scores.videos) else DONE

    with redirect_stderr(io.StringIO()) as told:
        code = guarded(command)
    return code, told.getvalue() + "".join(f"fault: {one}\n" for one in found)


def _is_score(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and 0 <= value <= 1


def _read_scores(folder: Path) -> str:
    """What is wrong with the tables that `avdf score` wrote."""
    with (folder / "videos.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] == "ok" and not _is_score(float(row["p_video"] or "nan")):
                return f"fault: {row['id']} is ok with {row['p_video']!r}\n"
    return _strict_json((folder / "metrics.json").read_text(encoding="utf-8"))


def _strict_json(text: str) -> str:
    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError as error:
        return f"fault: JSON with {error}\n"
    return ""


def _with_shards(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
    shards: Path,
) -> tuple[int, str]:
    """One of the commands that read shards."""
    which = float(generator.random())
    if which < 0.5:
        return call("verify", shards)
    if which < 0.9:
        return _score(shop.root / "run", shards)
    if which < 0.97:
        return call("info", shards)
    code, text = call(
        "score", shop.root / "run", shards, "--split", "all", "--out", place / "out"
    )
    return code, text + (
        _read_scores(place / "out") if code in (DONE, SOME_FAILED) else ""
    )


def shard(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    shards = shop.copy("shards", place)
    damage_shard(shards / shard_name(0), generator)
    return _with_shards(shop, place, generator, shards)


def shard_bytes(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    shards = shop.copy("shards", place)
    path = shards / shard_name(0)
    path.write_bytes(damage_bytes(path.read_bytes(), generator))
    return _with_shards(shop, place, generator, shards)


def checkpoint(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    """Header or tensors changed, with a hash that fits in half of the cases."""
    run = shop.copy("run", place)
    path = run / "best.safetensors"
    with safe_open(path, framework="np") as file:
        metadata = dict(file.metadata())
    tensors = load_file(path)
    if generator.random() < 0.5:
        metadata["info"] = damage_json(metadata["info"], generator).decode(
            "utf-8", "replace"
        )
    else:
        _damage_tensors(tensors, generator)
        header: dict[str, Any] = json.loads(metadata["info"])
        if generator.random() < 0.5:
            header["tensors_sha256"] = tensors_sha256(tensors)
        metadata["info"] = json.dumps(header)
    save_file(tensors, path, metadata=metadata)
    return _score(run, shop.root / "shards")


def _damage_tensors(
    tensors: dict[str, torch.Tensor],
    generator: np.random.Generator,
) -> None:
    names = sorted(tensors)
    name = names[int(generator.integers(len(names)))]
    value = tensors[name]
    match int(generator.integers(5)):
        case 0:
            del tensors[name]
        case 1:
            tensors[name] = value.to(
                (torch.float16, torch.float64, torch.int64, torch.uint8)[
                    int(generator.integers(4))
                ]
            )
        case 2:
            tensors[name] = value.reshape(-1)[: max(1, value.numel() // 2)].clone()
        case 3:
            tensors[f"optimiser/{name}"] = value.clone()
        case _:
            flat = value.clone().reshape(-1)
            flat[int(generator.integers(len(flat)))] = (0, 3, -9, 1e30)[
                int(generator.integers(4))
            ]
            if value.is_floating_point() and generator.random() < 0.5:
                flat[0] = (float("nan"), float("inf"))[int(generator.integers(2))]
            tensors[name] = flat.reshape(value.shape)


def checkpoint_bytes(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    run = shop.copy("run", place)
    path = run / "best.safetensors"
    path.write_bytes(damage_bytes(path.read_bytes(), generator))
    return (
        call("info", run)
        if generator.random() < 0.3
        else _score(run, shop.root / "shards")
    )


def run_files(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    """What else lies in a run's folder: configuration and logs."""
    run = shop.copy("run", place)
    path = (
        run
        / ("config.json", "log.jsonl", "epochs.jsonl", "protocol.csv")[
            int(generator.integers(4))
        ]
    )
    text = path.read_text(encoding="utf-8")
    if path.name == "config.json":
        path.write_bytes(damage_json(text, generator))
    elif path.suffix == ".csv":
        path.write_bytes(damage_table(text, generator))
        return _score(run, shop.root / "shards")
    else:
        first, *rest = text.splitlines()
        path.write_bytes(
            damage_json(first, generator) + "\n".join(["", *rest, ""]).encode()
        )
    return call("train", shop.root / "shards", "--out", run, "--resume")


def settings(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    """A file of settings. Weights that are not there end the command before it trains."""
    lines = shop.settings.splitlines()
    at = int(generator.integers(len(lines)))
    name, equals, _ = lines[at].partition("=")
    values = (
        "-1",
        "nan",
        "inf",
        "1e999",
        "9" * 30,
        '"x"',
        "[]",
        "{}",
        "true",
        "[" * 9000,
        "1979-05-27",
        "''",
        "0",
        "",
    )
    lines[at] = (
        f"{name}= {values[int(generator.integers(len(values)))]}"
        if equals
        else f"[{name}"
    )
    content = "\n".join(lines).encode()
    path = place / "settings.toml"
    path.write_bytes(
        damage_bytes(content, generator) if generator.random() < 0.3 else content
    )
    missing = [
        "--set",
        f"model.clip_weights={place}/none.pt",
        "--set",
        f"model.whisper_weights={place}/none.pt",
    ]
    return call(
        "train",
        shop.root / "shards",
        "--out",
        place / "run",
        "--config",
        path,
        *missing,
    )


def scores(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    (place / "scores.csv").write_bytes(damage_table(shop.scores, generator))
    words: Sequence[object] = (
        ("--labels", shop.root / "shards") if generator.random() < 0.2 else ()
    )
    code, text = call("evaluate", place / "scores.csv", "--json", *words)
    return code, text + (_strict_json(text) if code in (DONE, SOME_FAILED) else "")


def manifest(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    (place / "manifest.csv").write_bytes(damage_table(shop.manifest, generator))
    return call("prep", place / "manifest.csv", "--out", place / "out", "--dry-run")


def protocol(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    (place / "protocol.csv").write_bytes(damage_table(shop.protocol, generator))
    return call("protocol", place / "protocol.csv", shop.root / "shards")


def inputs(
    shop: Workshop,
    place: Path,
    generator: np.random.Generator,
) -> tuple[int, str]:
    """The list of inputs beside the shards."""
    shards = shop.copy("shards", place)
    (shards / "videos.csv").write_bytes(damage_table(shop.inputs, generator))
    return call("protocol", "dataset", shards)


KINDS: dict[str, Callable[[Workshop, Path, np.random.Generator], tuple[int, str]]] = {
    "shard, columns": shard,
    "shard, bytes": shard_bytes,
    "checkpoint, values": checkpoint,
    "checkpoint, bytes": checkpoint_bytes,
    "files of a run": run_files,
    "settings": settings,
    "table of scores": scores,
    "manifest": manifest,
    "protocol table": protocol,
    "list of inputs": inputs,
}


def run_cases(root: Path, cases: int, seed: int, first: int = 0) -> Iterator[Outcome]:
    """Cases `first` to `first + cases`, each the same for the same seed whatever ran before it."""
    shop = Workshop(root)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number in range(first, first + cases):
        generator = np.random.default_rng([seed, number])
        kind = list(KINDS)[number % len(KINDS)]
        place = root / f"case-{number}"
        place.mkdir()
        try:
            with _limited():
                code, text = KINDS[kind](shop, place, generator)
        except _Hangs:
            code, text = 1, f"took longer than {MOST_SECONDS} s"
        shutil.rmtree(place)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - start
        yield Outcome(kind, number, code, _fault(code, text, grown))


def _fault(code: int, text: str, grown: int) -> str:
    if code not in ALLOWED or "Traceback" in text or "fault: " in text:
        return text or f"exit code {code}"
    if "\x1b" in text:
        return f"escape sequence printed: {text!r}"
    if grown > MOST_MEMORY:
        return f"memory grew by {grown / 1e9:.1f} GB"
    return ""
