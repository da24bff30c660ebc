"""The plan of a prep job: which video goes into which shard. Pure, kept in `prep.json`, only ever extended."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError, SourceError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.pipeline.settings import PrepSettings

_MOST_VIDEOS_PER_SHARD = 32
_LEAST_SHARDS = 8
_DEFAULTS = {item.name: item.default for item in fields(VideoInfo)}


@dataclass(frozen=True)
class Plan:
    """Settings, what is known of each video, and the ids of each task (= shard).

    An id is in one task only, so that no video can be in two shards. The plan knows enough of each
    video to finish the job without the source that listed it. `videos` keeps the order of planning.
    """

    settings: dict[str, Any]
    tasks: tuple[tuple[str, ...], ...] = ()
    videos: Mapping[str, VideoInfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [name for task in self.tasks for name in task]
        if len(names) != len(set(names)):
            raise ValueError("a plan has a video in two tasks")

    def extend(self, videos: Iterable[VideoInfo]) -> "Plan":
        """The plan with new shards for the videos, in their order; those planned before move there."""
        added = {video.id: video for video in videos}
        ids = tuple(added)
        size = videos_per_shard(len(ids), int(self.settings.get("videos_per_shard", 0)))
        left = [tuple(name for name in task if name not in added) for task in self.tasks]
        new = [ids[at : at + size] for at in range(0, len(ids), size)]
        return replace(self, tasks=(*left, *new), videos={**self.videos, **added})

    def redescribe(self, videos: Iterable[VideoInfo]) -> "Plan":
        """The plan with other descriptions of videos that it has, as when their files were moved."""
        return replace(self, videos={**self.videos, **{video.id: video for video in videos}})

    @property
    def ids(self) -> set[str]:
        """Every id that has a place."""
        return {name for task in self.tasks for name in task}

    def save(self, folder: Path) -> None:
        content = {
            "format": "avdf-prep",
            "settings": self.settings,
            "tasks": self.tasks,
            "videos": {name: _compact(video) for name, video in self.videos.items()},
        }
        write_text(folder / PLAN_FILE, json.dumps(content))


def videos_per_shard(videos: int, wanted: int = 0) -> int:
    """How many videos a shard holds: as wanted, else so many that there are at least 8 shards, at most 32."""
    return wanted or max(1, min(_MOST_VIDEOS_PER_SHARD, -(-videos // _LEAST_SHARDS)))


def load_plan(folder: Path, settings: PrepSettings) -> Plan:
    """The folder's plan, or an empty one.

    Raises:
        SettingsError: the folder was prepared with other settings.
        SourceError: the plan cannot be read.
    """
    wanted = json.loads(json.dumps(settings.as_dict()))
    path = folder / PLAN_FILE
    if not path.exists():
        return Plan(wanted)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = dict(content["settings"])
        tasks = _last_places(content["tasks"])
        described = {
            str(name): _expand(name, given) for name, given in content.get("videos", {}).items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{path}: not a plan of `avdf prep` ({error}); prepare into another folder"
        ) from None
    changed = differences(known, wanted)
    if changed:
        raise SettingsError(
            f"{folder} was prepared with other settings: {'; '.join(changed)}. Use those, or another --out folder"
        )
    return Plan(known, tasks, described)


def planned_paths(folder: Path) -> dict[str, str]:
    """The path of each planned video as it really is, by id; nothing where there is no plan to be read."""
    try:
        content = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
        return {str(name): str(given["path"]) for name, given in content["videos"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _last_places(tasks: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Each id in the last task that names it: older plans kept a video that was tried again in both."""
    last = {str(name): index for index, task in enumerate(tasks) for name in task}
    places: list[tuple[str, ...]] = []
    for index, task in enumerate(tasks):
        places.append(tuple(name for name in dict.fromkeys(task) if last[name] == index))
    return tuple(places)


def _compact(video: VideoInfo) -> dict[str, Any]:
    """What is known of a video beside its id; what is at its default is left out."""
    given = {name: getattr(video, name) for name in _DEFAULTS if name != "id"}
    given["periods"] = tuple(asdict(period) for period in video.periods)
    return {name: value for name, value in given.items() if value != _DEFAULTS[name]}


def _expand(name: str, given: Mapping[str, Any]) -> VideoInfo:
    periods = tuple(Period(**period) for period in given.get("periods", ()))
    return VideoInfo(**{**given, "id": name, "periods": periods})


def differences(known: Any, wanted: Any, name: str = "") -> list[str]:
    """What differs between two settings, one phrase each: `face.margin 1.3, now 1.5`."""
    if isinstance(known, dict) and isinstance(wanted, dict):
        names: Sequence[str] = sorted({*known, *wanted})
        return [
            phrase
            for key in names
            for phrase in differences(
                known.get(key), wanted.get(key), f"{name}.{key}" if name else key
            )
        ]
    return [] if known == wanted else [f"{name} {known}, now {wanted}"]
