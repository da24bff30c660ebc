"""Which experiments are finished: what is neither trained nor scored again."""

import hashlib
import json

from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.digest import file_sha256
from avdf.model.reproduce.comparison import holds_comparison
from avdf.model.reproduce.experiments import RunSpec, ScoreSpec
from avdf.model.reproduce.workspace import DISTANCES_FILE, DONE_FILE, Workspace
from avdf.model.runs.checkpoint_reader import read_checkpoint_info


def is_trained(spec: RunSpec, workspace: Workspace) -> bool:
    """Whether a run has been trained and validated to its last epoch.

    Raises:
        RunError: its checkpoint cannot be read.
    """
    folder = workspace.run_folder(spec.name)
    if not (folder.has(folder.last) and folder.has(folder.best)):
        return False
    # `last` and not `best`: the best epoch may be an early one of a run that is not finished.
    info = read_checkpoint_info(folder.last)
    # A checkpoint within the last epoch has its number too, but no validation yet.
    return info.epoch == info.config.training.epochs and bool(info.validation)


def is_scored(spec: ScoreSpec, workspace: Workspace) -> bool:
    """Whether complete scores are there, of this checkpoint and these shards."""
    folder = workspace.run_folder(spec.run)
    scores = workspace.score_folder(spec)
    done = scores / DONE_FILE
    if not (folder.has(folder.best) and done.is_file()):
        return False
    # Scores of an older avdf lack `sync`. Scoring again is short beside training.
    if not holds_comparison(scores / DISTANCES_FILE):
        return False
    kept = json.loads(done.read_text(encoding="utf-8"))
    # New shards or a run that was trained on give other scores under the same names.
    return bool(kept == _origin(spec, workspace))


def mark_as_scored(spec: ScoreSpec, workspace: Workspace) -> None:
    """Note which checkpoint and shards the scores come from. To be called last."""
    done = workspace.score_folder(spec) / DONE_FILE
    write_text(done, json.dumps(_origin(spec, workspace)))


def _origin(spec: ScoreSpec, workspace: Workspace) -> dict[str, str]:
    """What scores depend on: the protocol, the checkpoint and the shards."""
    checkpoint = workspace.run_folder(spec.run).best.with_suffix(".safetensors")
    # Shards can take terabytes: name, size and time of change stand for their content.
    shards = sorted(workspace.shards[spec.data].glob("*.h5"))
    stats = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in shards
    ]
    return {
        "protocol": spec.protocol,
        "checkpoint": file_sha256(checkpoint),
        "shards": hashlib.sha256(repr(stats).encode()).hexdigest(),
    }
