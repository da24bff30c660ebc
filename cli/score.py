"""`avdf score`: a run and shards, or a run and video files, to verdicts."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED

if TYPE_CHECKING:
    from avdf.cache.cluster import ClusterSettings
    from avdf.cache.stream import Window
    from avdf.cache.video import PreparedVideo, VideoInfo
    from avdf.model.evaluate import Evaluation
    from avdf.model.predict import SegmentScores
    from avdf.model.run import LoadedRun
    from avdf.model.score import Scores, Unscored, VideoScore
    from avdf.model.verdict import Judgement


def score(
    run: Annotated[Path, typer.Argument(help="Folder made by `avdf train`.")],
    sources: Annotated[
        list[str], typer.Argument(help="A folder of shards or its URL, or video files, folders, a manifest.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables and the report.")] = None,
    split: Annotated[str, typer.Option(help="Of shards: train, val, test or all.")] = "test",
    checkpoint: Annotated[str, typer.Option(help="best or last.")] = "best",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="model.clip_weights=FILE, model.whisper_weights=FILE: where they are here."),
    ] = None,
    aggregate: Annotated[
        str, typer.Option(help="A video's score from its segments: mean, logit, top (highest quarter) or lse.")
    ] = "mean",
    calibrate: Annotated[bool, typer.Option("--calibrate", help="Temperatures from validation.")] = False,
    abstain: Annotated[float, typer.Option(help="Verdict `unsure` so near the threshold.")] = 0.0,
    trim_silence: Annotated[
        bool, typer.Option("--trim-silence", help="Leave out leading silence, from picture and sound.")
    ] = False,
    executor: Annotated[str, typer.Option(help="Of shards: local, or ray: a Ray cluster.")] = "local",
    address: Annotated[str, typer.Option(help="Of the Ray cluster; without, one is started on this machine.")] = "",
    workers: Annotated[int, typer.Option(help="Of the Ray cluster; 0: one for each processor.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> int:
    """Score videos: three verdicts each, at the thresholds found in validation.

    Writes segments.csv, videos.csv, metrics.json and report.html to --out. Exit code 3: some videos have no verdict.
    """
    from functools import partial

    from avdf.cache.cluster import ClusterSettings
    from avdf.cache.errors import SettingsError
    from avdf.cache.mirror import shard_folder
    from avdf.model.run import load_run
    from avdf.model.score import score_prepared, score_shards
    from avdf.pipeline.sources import list_videos

    places = [shard_folder(source) for source in sources]
    shards = places[0] if len(places) == 1 and _is_shards(places[0]) else None
    if executor not in ("local", "ray"):
        raise SettingsError(f"--executor {executor!r} is unknown; use local or ray")
    if executor == "ray" and shards is None:
        raise SettingsError("--executor ray scores shards; prepare the files first: avdf prep --executor ray")
    if shards is not None and out is None:
        raise SettingsError("scoring shards writes tables and a report: give a folder with --out")
    listing = None if shards is not None else list_videos(places)  # before the model is loaded, which takes seconds
    weights = _weights(settings or ())
    loaded = load_run(run, checkpoint, device, weights=weights)
    judgement = loaded.judgement(aggregate, calibrate, abstain)  # type: ignore[arg-type]  # checked when used
    if shards is not None:
        from avdf.cli.progress import Meter

        spread = None
        if executor == "ray":
            cluster = ClusterSettings(address, workers, float(loaded.device.type == "cuda"))
            spread = partial(_spread, loaded, cluster, checkpoint, weights)
        with Meter("score", "segments") as meter:
            scores = score_shards(
                loaded, shards, "" if split == "all" else split, _unprepared(shards), meter.show, spread, judgement,
                trim_silence,
            )  # fmt: skip
    else:
        scores = score_prepared(loaded, _prepare(listing.videos if listing else ()), judgement, trim_silence)
    evaluation = write_scores(out, scores, loaded, f"avdf: scores of {Path(sources[0]).name}", judgement)
    _print(scores, evaluation, as_json, files=shards is None)
    return SOME_FAILED if len(scores.scored) < len(scores.videos) else DONE


def _spread(
    run: "LoadedRun",
    cluster: "ClusterSettings",
    checkpoint: str,
    weights: dict[str, str],
    windows: "Sequence[Window]",
    tell: Callable[[int], None],
) -> "SegmentScores":
    from avdf.model.spread import spread_segments

    return spread_segments(run, windows, cluster, checkpoint, weights, tell)


def _weights(settings: Sequence[str]) -> dict[str, str]:
    from avdf.cache.errors import SettingsError

    found = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in ("model.clip_weights", "model.whisper_weights") or not value:
            raise SettingsError(f"--set {setting}: scoring takes model.clip_weights=... and model.whisper_weights=...")
        found[name.removeprefix("model.")] = value
    return found


def write_scores(
    out: Path | None, scores: "Scores", run: "LoadedRun", title: str, judgement: "Judgement | None" = None
) -> "Evaluation":
    """Evaluate scores and write everything about them into a folder, if there is one."""
    from avdf.cache.durable import write_text
    from avdf.cache.tables import write_rows
    from avdf.model.curves import read_curves
    from avdf.model.evaluate import evaluate, metrics_document
    from avdf.model.report import write_report
    from avdf.model.score import SegmentRow, VideoScore

    judgement = judgement or run.judgement()
    evaluation = evaluate(scores, judgement.thresholds)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_rows(out / "segments.csv", SegmentRow, scores.segments)
        write_rows(out / "videos.csv", VideoScore, scores.videos)
        write_text(
            out / "metrics.json", json.dumps(metrics_document(scores, evaluation, run.info, judgement), indent=1)
        )
        write_report(out / "report.html", title, scores, evaluation, run.info, read_curves(run.folder), judgement)
    return evaluation


def _is_shards(source: Path) -> bool:
    from avdf.cache.mirror import MARK
    from avdf.cache.schema import SHARD_GLOB
    from avdf.pipeline.plan import PLAN_FILE

    marked = any((source / name).is_file() for name in (PLAN_FILE, MARK))
    return source.suffix == ".h5" or marked or next(source.glob(SHARD_GLOB), None) is not None


def _unprepared(shards: Path) -> "list[Unscored]":
    """What preparation could not do: listed beside the shards."""
    from avdf.cache.video import VideoInfo
    from avdf.model.score import Unscored
    from avdf.pipeline.job import VIDEOS_FILE

    table = shards / VIDEOS_FILE
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] != "ok"]
    names = VideoInfo.__dataclass_fields__
    return [
        Unscored(
            VideoInfo(**{k: int(v) if k.startswith("label") else v for k, v in row.items() if k in names}),  # type: ignore[arg-type]
            row["status"],
            row["reason"],
        )
        for row in rows
    ]


def _prepare(videos: "Sequence[VideoInfo]") -> "Iterator[PreparedVideo | Unscored]":
    """Prepare files in memory, one at a time."""
    from avdf.cache.errors import MediaError
    from avdf.model.score import Unscored
    from avdf.pipeline.detect import FaceDetector
    from avdf.pipeline.prepare import prepare_video
    from avdf.pipeline.settings import PrepSettings

    settings = PrepSettings()
    detector = FaceDetector(settings.face)

    def one(info: "VideoInfo") -> "PreparedVideo | Unscored":
        try:
            return prepare_video(info, settings, detector)
        except MediaError as error:
            return Unscored(info, error.status, str(error))

    yield from (one(info) for info in videos)


def _print(scores: "Scores", evaluation: "Evaluation", as_json: bool, files: bool) -> None:
    from dataclasses import asdict

    if as_json:
        videos = [asdict(video) for video in scores.videos]
        segments = [asdict(segment) for segment in scores.segments]
        typer.echo(json.dumps({"videos": videos, "segments": segments, "metrics": evaluation.as_dict()}, indent=1))
        return
    if files:
        for video in scores.videos:
            _print_video(video)
        return
    coverage = evaluation.coverage
    typer.echo(f"{coverage.get('ok', 0)} of {coverage['listed']} videos scored, {len(scores.segments)} segments")
    for name, metrics in evaluation.verdicts.items():
        area = "unknown" if metrics.auc is None else f"{metrics.auc:.3f}"
        accuracy = "unknown" if metrics.accuracy is None else f"{100 * metrics.accuracy:.1f} %"
        baseline = "" if metrics.all_fake_accuracy is None else f"{100 * metrics.all_fake_accuracy:.1f} %"
        unsure = evaluation.decided[name].unsure
        left = f"   ({unsure} unsure)" if unsure else ""
        typer.echo(f"  {name:7} AUC {area}   accuracy {accuracy}   (calling all fake: {baseline}){left}")
    if evaluation.silence.auc_video is not None:
        typer.echo(f"  leading silence alone: AUC {evaluation.silence.auc_video:.3f} (a shortcut where far from 0.5)")


def _print_video(video: "VideoScore") -> None:
    typer.echo(video.path)
    if video.status != "ok":
        typer.echo(f"  no verdict ({video.status}): {video.reason}")
        return
    for name, verdict, probability in (
        ("video", video.verdict, video.p_video),
        ("visual", video.verdict_visual, video.p_visual),
        ("audio", video.verdict_audio, video.p_audio),
    ):
        if probability is None:
            typer.echo(f"  {name:7} not judged: this run was not trained for it")
        else:
            typer.echo(f"  {name:7} {verdict:6} P(fake) {probability:.3f}")
    apart = "" if video.distance is None else f", mean cosine distance {video.distance:.3f}"
    typer.echo(f"  {video.segments} segments of 0.64 s{apart}")
