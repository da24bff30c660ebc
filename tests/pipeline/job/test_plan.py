"""The plan of a job: pure, only ever extended, kept in one file."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.errors import SettingsError, SourceError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.pipeline.job.plan import PrepPlan, videos_per_shard
from avdf.pipeline.job.plan_file import load_plan, planned_paths, save_plan
from avdf.pipeline.job.settings_changes import settings_changes
from avdf.pipeline.settings import PrepSettings


def videos(names: Iterable[str]) -> list[VideoInfo]:
    return [VideoInfo(id=name, path=f"/in/{name}") for name in names]


def plan_of(names: str, size: int = 2) -> PrepPlan:
    """A plan of videos with names of one letter."""
    return PrepPlan({"videos_per_shard": size}).extend(videos(names))


@pytest.mark.parametrize(
    ("count", "size"),
    [
        (0, 1),
        (1, 1),
        (8, 1),
        (22, 3),
        (300, 32),
        (20_000, 32),
    ],
)
def test_shards_are_small_enough_for_eight_and_hold_at_most_32(
    count: int,
    size: int,
) -> None:
    assert videos_per_shard(count) == size


def test_shards_are_as_large_as_is_wanted() -> None:
    assert videos_per_shard(300, 7) == 7


def test_videos_are_planned_in_their_order() -> None:
    assert plan_of("cab").tasks == (("c", "a"), ("b",))


def test_new_videos_get_new_tasks() -> None:
    plan = plan_of("ab").extend(videos("c"))
    assert plan.tasks == (("a", "b"), ("c",))


def test_a_video_that_is_planned_again_moves_to_the_new_task() -> None:
    plan = plan_of("ab").extend(videos("b"))
    assert plan.tasks == (("a",), ("b",))


def test_a_task_that_loses_all_videos_keeps_its_index() -> None:
    plan = plan_of("ab").extend(videos("ab"))
    assert plan.tasks == ((), ("a", "b"))


def test_the_order_of_planning_is_kept() -> None:
    assert list(plan_of("ba").extend(videos("ac")).videos) == ["b", "a", "c"]


def test_other_descriptions_change_no_task() -> None:
    plan = plan_of("ab")
    moved = plan.redescribe([VideoInfo(id="a", path="/moved/a")])
    assert moved.tasks == plan.tasks
    assert moved.videos["a"].path == "/moved/a"
    assert moved.videos["b"] == plan.videos["b"]


def test_a_video_in_two_tasks_is_refused() -> None:
    with pytest.raises(ValueError, match="two tasks"):
        PrepPlan({}, (("a",), ("a",)))


# The file


@pytest.fixture
def settings() -> PrepSettings:
    return PrepSettings()


def change(folder: Path, **values: Any) -> None:
    """Change the saved plan."""
    path = folder / PLAN_FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | values), encoding="utf-8")


@pytest.fixture
def saved(settings: PrepSettings, tmp_path: Path) -> Path:
    """A folder with a plan of `a` and `b`."""
    save_plan(tmp_path, load_plan(tmp_path, settings).extend(videos("ab")))
    return tmp_path


def test_a_folder_without_a_plan_has_an_empty_one(
    settings: PrepSettings,
    tmp_path: Path,
) -> None:
    plan = load_plan(tmp_path, settings)
    assert plan.tasks == ()
    assert not plan.videos


def test_a_plan_is_read_as_it_was_saved(settings: PrepSettings, tmp_path: Path) -> None:
    periods = (Period(0.5, 1.0, 1, 0),)
    video = VideoInfo(id="a", path="/in/a", label=1, label_visual=1, periods=periods)
    plan = load_plan(tmp_path, settings).extend([video])
    save_plan(tmp_path, plan)
    assert load_plan(tmp_path, settings) == plan


def test_what_is_at_its_default_is_not_saved(saved: Path) -> None:
    content = json.loads((saved / PLAN_FILE).read_text(encoding="utf-8"))
    assert content["videos"]["a"] == {"path": "/in/a"}


def test_other_settings_are_refused_with_the_difference(saved: Path) -> None:
    with pytest.raises(SettingsError, match="videos_per_shard 0, now 3"):
        load_plan(saved, PrepSettings(videos_per_shard=3))


def test_an_older_plan_keeps_a_video_in_its_last_task(
    saved: Path,
    settings: PrepSettings,
) -> None:
    change(saved, tasks=[["a", "b"], ["b"]])
    assert load_plan(saved, settings).tasks == (("a",), ("b",))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"settings": {}, "tasks": 3}', "\xff"]
)
def test_a_file_that_is_no_plan_is_refused(
    text: str,
    settings: PrepSettings,
    tmp_path: Path,
) -> None:
    (tmp_path / PLAN_FILE).write_text(text, encoding="latin-1")
    with pytest.raises(SourceError, match="not a plan of `avdf prep`"):
        load_plan(tmp_path, settings)


def test_the_paths_of_a_plan_are_known_without_its_settings(saved: Path) -> None:
    assert planned_paths(saved) == {"a": "/in/a", "b": "/in/b"}


def test_a_folder_without_a_plan_has_no_planned_paths(tmp_path: Path) -> None:
    assert planned_paths(tmp_path) == {}


# Differences of settings


def test_equal_settings_have_no_changes() -> None:
    assert settings_changes({"a": {"b": 1}}, {"a": {"b": 1}}) == []


def test_a_change_names_the_setting_and_both_values() -> None:
    known, wanted = {"face": {"margin": 1.3}}, {"face": {"margin": 1.5}}
    assert settings_changes(known, wanted) == ["face.margin 1.3, now 1.5"]


def test_a_setting_that_is_missing_on_one_side_is_a_change() -> None:
    assert settings_changes({"a": 1}, {"b": 2}) == ["a 1, now None", "b None, now 2"]
