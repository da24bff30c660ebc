"""A Ray cluster on this machine: the same content as the local pool's, also when workers die."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.ray_jobs import run_on_cluster
from avdf.pipeline.job import on_ray
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing, list_videos

# Ray warns of its own. One cluster at a time: each starts a dozen processes.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("cluster")]

_TWO_NODES = """
import json, sys, threading, time
from pathlib import Path
import ray
from ray.cluster_utils import Cluster
from avdf.cache.machine.ray_jobs import ClusterSettings
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
second = cluster.add_node(num_cpus=1)
out = Path(sys.argv[2])

def kill_when_at_work():
    while len(list(out.glob("tasks/*.json"))) < 2:
        time.sleep(0.02)
    cluster.remove_node(second, allow_graceful=False)
    print("killed", flush=True)

threading.Thread(target=kill_when_at_work, daemon=True).start()
settings = PrepSettings(videos_per_shard=1)
listing, two_workers = list_videos([Path(sys.argv[1])]), ClusterSettings(cluster.address, 2)
result = run_prep(listing, out, settings, cluster=two_workers)
print(json.dumps(result.statuses))
"""


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_ray_makes_the_same_bytes_and_scores_as_the_local_pool(
    synthetic_manifest: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    words = ("--videos-per-shard", "4")
    on_ray = ("--executor", "ray", "--workers", "2")
    avdf("prep", synthetic_manifest, "--out", tmp_path / "local", *words)
    avdf("prep", synthetic_manifest, "--out", tmp_path / "ray", *words, *on_ray)
    assert files(tmp_path / "ray") == files(tmp_path / "local")
    score = ("score", run, tmp_path / "local", "--split", "all", "--out")
    avdf(*score, tmp_path / "scores-local")
    avdf(*score, tmp_path / "scores-ray", *on_ray)
    local, other = (
        rows_of(tmp_path / f"scores-{name}" / "segments.csv")
        for name in ("local", "ray")
    )
    assert [(row["id"], row["start"]) for row in local] == [
        (row["id"], row["start"]) for row in other
    ]
    for one, two in zip(local, other, strict=True):
        # Not equal to the last bit: batches are cut elsewhere.
        expected = pytest.approx(float(two["p_video"]), abs=0.02)
        assert float(one["p_video"]) == expected


def avdf(*words: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "avdf.cli.main", *(str(word) for word in words)],
        check=True,
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_node_that_is_killed_loses_nothing_and_does_nothing_twice(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    command = [
        sys.executable,
        "-c",
        _TWO_NODES,
        str(synthetic_manifest),
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "killed" in done.stdout and done.stdout.strip().endswith('{"ok": 18}')
    ids = Counter(row["id"] for row in rows_of(tmp_path / "out" / "videos.csv"))
    assert len(ids) == 18 and set(ids.values()) == {1}
    run_prep(
        list_videos([synthetic_manifest]),
        tmp_path / "local",
        PrepSettings(videos_per_shard=1),
        workers=2,
    )
    assert files(tmp_path / "out") == files(tmp_path / "local")


def deadly() -> "object":
    """Work whose worker dies at job 2; a job is (number, file that counts deaths, most deaths)."""

    def work(job: tuple[int, str, int], note: "object") -> int:
        number, counter, most = job
        note(f"at {number}")  # type: ignore[operator]
        time.sleep(0.2)  # so that the word is out
        path = Path(counter)
        deaths = len(path.read_text(encoding="ascii")) if path.exists() else 0
        if number == 2 and deaths < most:
            path.write_text("x" * (deaths + 1), encoding="ascii")
            os.kill(os.getpid(), signal.SIGKILL)
        return number * 10

    return work


def test_a_job_is_tried_again_and_its_deaths_are_reported(tmp_path: Path) -> None:
    told: list[tuple[int, str, int]] = []
    notes: list[str] = []

    def after_death(
        job: tuple[int, str, int],
        word: str,
        deaths: int,
    ) -> tuple[int, str, int]:
        told.append((job[0], word, deaths))
        return job if deaths < 3 else (5, job[1], 0)

    jobs = [(number, str(tmp_path / "deaths"), 9) for number in range(4)]
    make_work: Any = deadly
    found: dict[tuple[int, str, int], int] = dict(
        run_on_cluster(
            jobs, make_work, ClusterSettings(workers=2), after_death, notes.append
        )
    )
    assert {job[0]: result for job, result in found.items()} == {
        0: 0,
        1: 10,
        3: 30,
        5: 50,
    }
    assert told == [(2, "at 2", 1), (2, "at 2", 2), (2, "at 2", 3)]
    assert {"at 0", "at 1", "at 2", "at 3"} <= set(notes)


def test_a_poisoned_file_does_not_sink_its_shard(
    synthetic_manifest: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = list_videos([synthetic_manifest]).videos[:3]
    poison = VideoInfo(id="poison.mp4", path=str(tmp_path / "poison.mp4"))
    poison.file.write_bytes(good[0].file.read_bytes())
    monkeypatch.setattr(on_ray, "_preparer", poisoned)
    listing = Listing("x", (good[0], poison, *good[1:]))
    result = run_prep(
        listing,
        tmp_path / "out",
        PrepSettings(videos_per_shard=4),
        cluster=ClusterSettings(workers=1),
    )
    assert [row.status for row in result.rows] == ["ok", "crashed", "ok", "ok"]
    assert "2 times" in result.rows[1].reason


def poisoned() -> "object":
    from avdf.pipeline.job.worker import Preparer

    attempt = Preparer().attempt

    def work(task: "object", note: "object") -> "object":
        def tell(video: str) -> None:
            note(video)  # type: ignore[operator]
            if video == "poison.mp4":
                time.sleep(0.5)
                os.kill(os.getpid(), signal.SIGKILL)

        return attempt(task, tell)  # type: ignore[arg-type]

    return work


def test_without_ray_the_user_is_told_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.cache.machine.ray_jobs.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'avdf\[ray\]'"):
        list(run_on_cluster([1], lambda: str, ClusterSettings(), lambda job, *_: job))  # type: ignore[arg-type,return-value]
