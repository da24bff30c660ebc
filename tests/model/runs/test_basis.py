"""What a verdict is based on: a run on synthetic videos says nothing about recordings."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.video import VideoInfo
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL
from avdf.model.inference.timeline import Timeline
from avdf.model.runs.basis import only_synthetic, rests_on
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.rows import ScoredVideos, scored_row
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.synthetic_marker import MARK_FILE, mark_as_synthetic
from avdf.pipeline.synthetic import generate_fakeavceleb, generate_kodf, generate_lavdf
from avdf.result_text import files_text
from tests.helpers.checkpoints import copy_run
from tests.helpers.command import call, call_json
from tests.helpers.tables import read_table


def test_generated_datasets_are_listed_as_synthetic_whatever_their_layout(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for generate in (generate_fakeavceleb, generate_kodf, generate_lavdf):
        root = tmp_path / generate.__name__
        with (
            monkeypatch.context() as patch
        ):  # the mark stands before the first clip is made
            patch.setattr("avdf.pipeline.synthetic.generate.process_pool", _no_pool)
            with pytest.raises(InterruptedError):
                generate(root, 1)
        assert (root / MARK_FILE).is_file()


def _no_pool(*_: object, **__: object) -> None:
    raise InterruptedError


def test_the_mark_holds_for_every_way_to_name_a_file(tmp_path: Path) -> None:
    for name in ("demo/real/a.mp4", "demo/fake/deep/er/b.mp4", "own/c.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    mark_as_synthetic(tmp_path / "demo")
    table = tmp_path / "own" / "manifest.csv"
    table.write_text("path,label\nc.mp4,0\n../demo/real/a.mp4,0\n", encoding="utf-8")
    ways = {
        "a generated root": ([tmp_path / "demo"], {True: 2}),
        "a part of it": ([tmp_path / "demo" / "fake" / "deep"], {True: 1}),
        "one file": ([tmp_path / "demo" / "real" / "a.mp4"], {True: 1}),
        "a table elsewhere": ([table], {True: 1, False: 1}),
        "both": ([tmp_path / "demo", tmp_path / "own" / "c.mp4"], {True: 2, False: 1}),
    }
    for way, (sources, wanted) in ways.items():
        assert (
            Counter(video.synthetic for video in list_videos(sources).videos) == wanted
        ), way
    shutil.copy(tmp_path / "demo" / "real" / "a.mp4", tmp_path / "own" / "copy.mp4")
    assert not list_videos([tmp_path / "own" / "copy.mp4"]).videos[0].synthetic


def _claim_synthetic(header: dict[str, Any]) -> None:
    header["data"]["synthetic"] = dict(header["data"]["datasets"])


@pytest.fixture(scope="module")
def synthetic_run(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run, as if all of its training videos had been synthetic."""
    return copy_run(run, tmp_path_factory.mktemp("basis") / "run", _claim_synthetic)


def test_a_run_on_synthetic_videos_gives_no_verdict_on_a_recording(
    synthetic_run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    # Given as a file, the video lacks the mark: it counts as recorded.
    clip = synthetic_manifest.parent / "p4_real.mp4"
    code, text = call("score", synthetic_run, clip, "--out", tmp_path / "out")
    assert (
        code == 3
        and len(
            re.findall(
                r"not judged +P\(fake\) 0\.\d{3} \(fake from [01]\.\d{3}(?:, default)?\)",
                text,
            )
        )
        == 3
    )
    assert "above its threshold" not in text
    assert (
        "it cannot judge recorded videos" in text
        and "Rests on 9 synthetic videos (layout of manifest)" in text
    )
    (row,) = read_table(tmp_path / "out" / "videos.csv")
    assert (
        row["verdict"] == row["verdict_visual"] == row["verdict_audio"] == ""
        and 0 <= float(row["p_video"]) <= 1
    )
    assert (
        row["status"] == "ok"
        and "synthetic videos alone" in row["reason"]
        and "9 synthetic" in row["rests_on"]
    )
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())[
        "rests_on"
    ].startswith("Rests on 9 synthetic")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (
        "No verdict was given for 1 of 1 video." in page
        and "Rests on 9 synthetic videos" in page
        and "not judged" in page
    )
    found = call_json("score", synthetic_run, clip)
    assert (
        found["rests_on"].startswith("Rests on 9 synthetic videos")
        and found["intervals"] == []
    )
    assert found["videos"][0]["verdict"] == ""


def test_it_judges_synthetic_videos_like_its_own(
    synthetic_run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    mark_as_synthetic(tmp_path)
    shutil.copy(synthetic_manifest.parent / "p4_real.mp4", tmp_path / "own.mp4")
    code, text = call("score", synthetic_run, tmp_path / "own.mp4")
    assert (
        code == 0
        and len(
            re.findall(
                r"(real|fake) +P\(fake\) 0\.\d{3} \(fake from [01]\.\d{3}(?:, default)?\)",
                text,
            )
        )
        == 3
    )
    assert "Rests on 9 synthetic videos" in text and "can say nothing" not in text


def test_a_run_on_recordings_says_so_too(
    run: Path,
    shards: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    _, text = call("score", run, synthetic_manifest.parent / "p4_real.mp4")
    assert re.search(
        r"Rests on 9 recorded videos of manifest; weights clip demo \(demo\), .*; checkpoint of",
        text,
    )
    assert "thresholds from 3 validation videos" in text and "not judged" not in text
    _, text = call("score", run, shards, "--out", tmp_path)
    assert "Rests on 9 recorded videos" in text and re.search(
        r"at threshold 0\.\d+, \d+\.\d % at 0\.5", text
    )


def test_an_old_checkpoint_does_not_claim_recordings() -> None:
    data = {"datasets": {"kodf": 4}, "val": 0}
    assert not only_synthetic(data)
    text = _basis_of(data)
    assert "does not say whether" in text
    assert "no validation videos" in text
    mixed = {"datasets": {"a": 4, "b": 2}, "synthetic": {"a": 4}}
    assert not only_synthetic(mixed)
    assert "4 synthetic videos (layout of a) and 2 recorded videos of b" in _basis_of(
        mixed
    )


def _basis_of(data: Mapping[str, object]) -> str:
    info: Any = SimpleNamespace(data=data, epoch=3, backbones={}, trained=("video",))
    return rests_on(info, Thresholds())


def test_the_report_of_a_file_says_which_file(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    clips = [synthetic_manifest.parent / f"p4_{name}.mp4" for name in ("real", "rtvc")]
    assert call("score", run, *clips, "--out", tmp_path)[0] == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for clip in clips:
        assert (
            hashlib.sha256(clip.read_bytes()).hexdigest() in page and str(clip) in page
        )
    for part in (
        "h264, 256 x 256 pixels, stream 0",
        "aac, 1 channels at 16000 Hz",
        "written",
        "command",
    ):
        assert part in page, part
    assert (
        f"<title>avdf: scores of 2 sources in {synthetic_manifest.parent.name}</title>"
        in page
    )
    assert page.count("(threshold ") >= 6  # video, picture and sound of each


def test_spans_under_a_real_verdict_are_explained(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    judgement = load_run(run, device="cpu").judgement()
    thresholds = replace(judgement.thresholds, video=0.5, visual=0.5, audio=0.5)
    info = VideoInfo(id="a", path="a")
    curve = np.where(np.arange(100) < 20, 0.9, 0.1)
    timeline = Timeline(0.0, PerVerdict.same(curve), curve, curve)
    judgement = replace(judgement, thresholds=thresholds)
    scores = ScoredVideos(
        (scored_row(info, PerVerdict(0.2, 0.2, 0.2), judgement, 0.1, 6),),
        (),
        timelines={"a": (timeline,)},
    )
    lines = files_text(scores, judgement, {}).splitlines()
    spans = [
        number
        for number, line in enumerate(lines)
        if "above its threshold at 0.00-0.80 s" in line
    ]
    assert len(spans) == 3 and all(
        SPANS_UNDER_REAL in lines[number + 1] for number in spans
    )


def test_thresholds_that_stayed_at_their_default_say_so(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    """Nothing is said to be found on validation videos that could give no threshold."""
    note = (
        "the validation AUC of the video verdict is 0.400: its threshold stays at 0.5"
    )
    thresholds = {"video": 0.5, "visual": 0.7, "audio": 0.5, "origin": "default"}
    changes = {"thresholds": thresholds, "notes": [note]}
    weak = copy_run(
        run, tmp_path / "run", lambda header: header.update(changes), ("best",)
    )
    code, text = call(
        "score",
        weak,
        synthetic_manifest.parent / "p4_real.mp4",
        "--out",
        tmp_path / "out",
    )
    assert code == 0 and f"note on the run: {note}" in text.splitlines()
    for line, default in (("video", True), ("visual", False), ("audio", True)):
        (told,) = re.findall(rf"^  {line} +\w+ +P\(fake\) .*", text, re.MULTILINE)
        assert told.endswith(", default)") == default, told
    assert (
        "thresholds from 3 validation videos, except for video and audio: the default, 0.5"
        in text
    )
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (
        "video 0.500 (default:" in page
        and "visual 0.700 (found on validation videos" in page
    )
    assert "(threshold 0.500, default)" in page
    document = call_json("score", weak, synthetic_manifest.parent / "p4_real.mp4")
    assert document["thresholds"]["defaults"] == ["video", "audio"] and document[
        "run_notes"
    ] == [note]
