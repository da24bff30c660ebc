"""The file `prep.json` that keeps the plan of a folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError, SourceError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.pipeline.job.plan import Ids, PrepPlan
from avdf.pipeline.job.settings_changes import settings_changes
from avdf.pipeline.settings import PrepSettings

_FORMAT = "avdf-prep"
_DEFAULTS = {field.name: field.default for field in fields(VideoInfo)}
_NOT_A_PLAN = (OSError, ValueError, KeyError, TypeError, AttributeError)


def save_plan(folder: Path, plan: PrepPlan) -> None:
    """Write the plan, as a whole or not at all."""
    videos = {name: _describe(video) for name, video in plan.videos.items()}
    content = {
        "format": _FORMAT,
        "settings": plan.settings,
        "tasks": plan.tasks,
        "videos": videos,
    }
    write_text(folder / PLAN_FILE, json.dumps(content))


def load_plan(folder: Path, settings: PrepSettings) -> PrepPlan:
    """The folder's plan, or an empty one.

    Raises:
        SettingsError: the folder was prepared with other settings.
        SourceError: the plan cannot be read.
    """
    # As JSON gives them back, so that they compare with those of the file.
    wanted = json.loads(json.dumps(settings.as_dict()))
    path = folder / PLAN_FILE
    if not path.exists():
        return PrepPlan(wanted)
    try:
        plan = _read(path)
    except _NOT_A_PLAN as error:
        raise SourceError(
            f"{path}: not a plan of `avdf prep` ({error}); prepare into another folder"
        ) from None
    changes = settings_changes(plan.settings, wanted)
    if changes:
        raise SettingsError(
            f"{folder} was prepared with other settings: {'; '.join(changes)}. "
            "Use those, or another output folder"
        )
    return plan


def planned_paths(folder: Path) -> dict[str, str]:
    """Id -> the path of the planned video, as it really is; empty where no plan can be read."""
    try:
        text = (folder / PLAN_FILE).read_text(encoding="utf-8")
        videos = json.loads(text)["videos"]
        return {str(name): str(known["path"]) for name, known in videos.items()}
    except _NOT_A_PLAN:
        return {}


def _read(path: Path) -> PrepPlan:
    content = json.loads(path.read_text(encoding="utf-8"))
    described = content.get("videos", {})
    settings = dict(content["settings"])
    tasks = _once_each(content["tasks"])
    videos = {str(name): _video(name, known) for name, known in described.items()}
    return PrepPlan(settings, tasks, videos)


def _once_each(tasks: Sequence[Sequence[str]]) -> tuple[Ids, ...]:
    """Each id in the last task that names it.

    Older versions kept a video that was tried again in both tasks.
    """
    last: dict[str, int] = {}
    for index, task in enumerate(tasks):
        for name in task:
            last[str(name)] = index
    found: list[Ids] = []
    for index, task in enumerate(tasks):
        names = dict.fromkeys(task)
        found.append(tuple(name for name in names if last[name] == index))
    return tuple(found)


def _describe(video: VideoInfo) -> dict[str, Any]:
    """What is known of a video beside its id; what is at its default is left out."""
    known = {name: getattr(video, name) for name in _DEFAULTS if name != "id"}
    known["periods"] = tuple(asdict(period) for period in video.periods)
    # A plan can list a million videos: what goes without saying would make up most of the file.
    return {name: value for name, value in known.items() if value != _DEFAULTS[name]}


def _video(name: str, known: Mapping[str, Any]) -> VideoInfo:
    described = known.get("periods", ())
    periods = tuple(Period(**period) for period in described)
    return VideoInfo(**{**known, "id": name, "periods": periods})
