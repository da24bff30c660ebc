"""`avdf score`: a run and shards, or a run and video files, to verdicts."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avdf.cli.exits import DONE, SOME_FAILED

if TYPE_CHECKING:
    from avdf.cache.core.file_facts import FileFacts
    from avdf.cache.core.video import PreparedVideo, VideoInfo
    from avdf.cache.shards.inputs_table import Unprepared
    from avdf.model.evaluation.robustness import Damage
    from avdf.model.inference.decision import Judgement
    from avdf.model.report.evidence import Evidence
    from avdf.model.report.material import ReportMaterial
    from avdf.model.scoring.rows import ScoredVideos
    from avdf.pipeline.sources import Listing


def score(  # noqa: PLR0915
    run: Annotated[Path, typer.Argument(help="Folder made by `avdf train`.")],
    sources: Annotated[
        list[str],
        typer.Argument(help="A folder of shards or its URL, or video files, folders, a manifest."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the tables and the report.")
    ] = None,
    smallest_face: Annotated[
        int,
        typer.Option(
            help="Of files: smallest face to look for, in pixels. 0: an eighth of the picture's long side, a 16th"
            " where no face is that large."
        ),
    ] = 0,
    split: Annotated[str, typer.Option(help="Of shards: train, val, test or all.")] = "test",
    protocol: Annotated[
        str,
        typer.Option(
            help="Protocol that assigns videos to splits (default: that of the training). `avdf protocol` lists them."
        ),
    ] = "",
    checkpoint: Annotated[
        str, typer.Option(help="best, last, or epoch-NN of a run that kept every epoch.")
    ] = "best",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            help="Of the frozen layers: auto, float32 or bfloat16 (default: that of the training)."
        ),
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="model.clip_weights=FILE, model.whisper_weights=FILE: where they are here.",
        ),
    ] = None,
    aggregate: Annotated[
        str,
        typer.Option(
            help="A video's score from its segments: mean, logit, top (highest quarter) or lse."
        ),
    ] = "mean",
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Temperatures from validation.")
    ] = False,
    abstain: Annotated[float, typer.Option(help="Verdict `unsure` so near the threshold.")] = 0.0,
    trim_silence: Annotated[
        bool,
        typer.Option("--trim-silence", help="Leave out leading silence, from picture and sound."),
    ] = False,
    timeline: Annotated[
        bool,
        typer.Option(
            "--timeline", help="Of shards: frame by frame too, and where. Files always are."
        ),
    ] = False,
    stride: Annotated[
        int, typer.Option(help="Frames between the windows of a timeline: 1, 2, 4, 8 or 16.")
    ] = 4,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            help="Score damaged videos too: NAME (five levels), NAME:LEVEL, or all; may be repeated."
        ),
    ] = None,
    exports: Annotated[
        list[str] | None,
        typer.Option("--export", help="Files for others' programs: av-deepfake1m, deepfakebench."),
    ] = None,
    max_seconds: Annotated[
        float,
        typer.Option(help="Files longer than this many seconds are not scored (status too_long)."),
    ] = 21600.0,
    executor: Annotated[
        str, typer.Option(help="Of shards: local, or ray: a Ray cluster.")
    ] = "local",
    address: Annotated[
        str, typer.Option(help="Of the Ray cluster; without, one is started on this machine.")
    ] = "",
    workers: Annotated[
        int, typer.Option(help="Of the Ray cluster; 0: one for each processor.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> int:
    """Score videos: three verdicts each, at the thresholds found in validation.

    Writes segments.csv, videos.csv, metrics.json and report.html to --out. Exit code 3: some videos have
    no scores, or some files no verdict.
    """
    from avdf.cache.files.ownership import check_folder
    from avdf.cache.machine.cluster import ClusterSettings
    from avdf.cache.shards.mirror import shard_folder
    from avdf.cli.progress import Meter
    from avdf.cli.verdicts import as_document, print_figures, print_files
    from avdf.model.evaluation.evaluate import evaluate
    from avdf.model.evaluation.robustness import robustness
    from avdf.model.inference.precision import read_precision
    from avdf.model.inference.timeline import window_starts
    from avdf.model.report.score_folder import write_scores
    from avdf.model.runs.loaded import load_run
    from avdf.model.scoring.on_ray import RayScoring
    from avdf.model.scoring.options import ScoringOptions
    from avdf.model.scoring.scorer import score_prepared, score_shards
    from avdf.pipeline.perturbations import parse_perturbations

    _check_order(run, sources)
    if out is not None:
        check_folder(out, "scores", [run, *sources])
    places = [shard_folder(source) for source in sources]
    shards = places[0] if len(places) == 1 and is_shards(places[0]) else None
    damages = parse_perturbations(perturb or ())
    window_starts(0, stride)
    _check(
        executor,
        bool(timeline or damages),
        shards is not None,
        out is not None,
        bool(damages or exports),
    )
    listing = (
        None if shards is not None else _listed(places, max_seconds)
    )  # before the model, which takes seconds
    weights = _weights(settings or ())
    # With Ray the workers compute, each on its own machine.
    loaded = load_run(
        run,
        checkpoint,
        "auto" if executor == "ray" else device,
        read_precision(precision),
        weights,
    )
    judgement = loaded.judgement(aggregate, calibrate, abstain)  # type: ignore[arg-type]  # checked when used
    seen: dict[str, Evidence] = {}

    def score_with(perturb: "Damage | None" = None) -> "ScoredVideos":
        if shards is None:
            videos = _prepare(
                listing.videos if listing else (),
                {} if perturb else seen,
                max_seconds,
                smallest_face,
            )
            return score_prepared(
                loaded,
                videos,
                ScoringOptions("", judgement, trim_silence, 0 if perturb else stride, perturb),
            )
        spread = None
        if executor == "ray":
            cluster = ClusterSettings(address, workers, {"cpu": 0.0, "cuda": 1.0}.get(device))
            spread = RayScoring(loaded, cluster, checkpoint, weights, device)
        with Meter(
            f"score {perturb.name if perturb else ''}".strip(),
            "videos" if timeline or perturb else "segments",
        ) as meter:
            return score_shards(
                loaded, shards, "" if split == "all" else split,
                ScoringOptions(protocol, judgement, trim_silence, stride if timeline and not perturb else 0, perturb),
                on_progress=meter.show, score=spread,
            )  # fmt: skip

    scores = score_with()
    facts = _facts(listing.videos, max_seconds) if listing and (out is not None or as_json) else {}
    if out is not None:
        harm = robustness(scores, damages, score_with, judgement.thresholds)
        material = _report_material(places, shards, seen, facts)
        evaluation = write_scores(
            out,
            scores,
            loaded,
            material,
            judgement,
            robustness=list(harm) if damages else (),
            exports=exports or (),
        )
    else:
        evaluation = evaluate(scores, judgement.thresholds)
    if as_json:
        typer.echo(as_document(scores, evaluation, judgement, seen, facts, _command()))
    elif shards is None:
        print_files(scores, judgement, seen)
    else:
        print_figures(scores, evaluation, judgement)
    return _exit_code(scores, judgement, shards is None)


def _report_material(
    places: Sequence[Path],
    shards: Path | None,
    seen: "dict[str, Evidence]",
    facts: "dict[str, FileFacts]",
) -> "ReportMaterial":
    """The title of the report, and what it shows of each video."""
    from avdf.model.report.evidence import evidence_in
    from avdf.model.report.material import ReportMaterial

    evidence_of = seen.get if shards is None else evidence_in(shards)
    return ReportMaterial(f"avdf: scores of {name_of(places)}", _command(), evidence_of, facts)


def _exit_code(scores: "ScoredVideos", judgement: "Judgement", files: bool) -> int:
    """Of shards the figures are asked for, of files the verdicts: one that is withheld is missing there."""
    withheld = files and any(judgement.withheld(video.info.synthetic) for video in scores.scored)
    return SOME_FAILED if withheld or len(scores.scored) < len(scores.videos) else DONE


def _command() -> str:
    """The command line as it was typed, for the report."""
    return shlex.join(["avdf", *sys.argv[1:]])


def _check_order(run: Path, sources: Sequence[str]) -> None:
    """Refuse a source in the place of the run."""
    from avdf.cache.core.errors import SettingsError
    from avdf.model.runs.folder import RunFolder

    swapped = next((name for name in sources if RunFolder(Path(name)).config.is_file()), None)
    if swapped is not None and not RunFolder(run).config.is_file():
        raise SettingsError(
            f"{swapped} is a run and {run} is not: write the run first, `avdf score {swapped} {run}`"
        )


def _check(executor: str, tracks: bool, shards: bool, out: bool, tables: bool) -> None:
    """Refuse what does not go together. `tracks`: whole tracks are asked for; `tables`: what only --out can hold."""
    from avdf.cache.core.errors import SettingsError

    if executor not in ("local", "ray"):
        raise SettingsError(f"--executor {executor!r} is unknown; use local or ray")
    if executor == "ray" and not shards:
        raise SettingsError(
            "--executor ray scores shards; prepare the files first: avdf prep --executor ray"
        )
    if executor == "ray" and tracks:
        raise SettingsError(
            "--executor ray scores segments alone; leave out --timeline and --perturb, or --executor"
        )
    if not out and (shards or tables):
        raise SettingsError("this writes tables and a report: give a folder with --out")


def _listed(places: Sequence[Path], max_seconds: float) -> "Listing":
    """The files, once the limit on their length is known to be one."""
    from avdf.pipeline.settings import Limits
    from avdf.pipeline.sources import list_videos

    Limits(seconds=max_seconds)
    listing = list_videos(places)
    for note in listing.notes:
        typer.echo(note, err=True)
    return listing


def _weights(settings: Sequence[str]) -> dict[str, str]:
    from avdf.cache.core.errors import SettingsError

    found = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in ("model.clip_weights", "model.whisper_weights") or not value:
            raise SettingsError(
                f"--set {setting}: scoring takes model.clip_weights=... and model.whisper_weights=..."
            )
        found[name.removeprefix("model.")] = value
    return found


def is_shards(source: Path) -> bool:
    from avdf.cache.shards.completeness import PLAN_FILE
    from avdf.cache.shards.mirror import MIRROR_FILE
    from avdf.cache.shards.schema import SHARD_GLOB

    marked = any((source / name).is_file() for name in (PLAN_FILE, MIRROR_FILE))
    return source.suffix == ".h5" or marked or next(source.glob(SHARD_GLOB), None) is not None


def name_of(places: "Sequence[Path]") -> str:
    """What was scored, for a title: one source by its name, several by their number and their folder."""
    if len(places) == 1:
        return places[0].resolve().name
    folders = {place.resolve().parent for place in places}
    return f"{len(places)} sources" + (f" in {folders.pop().name}" if len(folders) == 1 else "")


def _facts(videos: "Sequence[VideoInfo]", max_seconds: float) -> "dict[str, FileFacts]":
    from avdf.pipeline.media.description import describe_file
    from avdf.pipeline.settings import Limits

    limits = Limits(seconds=max_seconds)
    found = {info.id: describe_file(info, limits) for info in videos}
    return {name: one for name, one in found.items() if one is not None}


def _prepare(
    videos: "Sequence[VideoInfo]",
    seen: "dict[str, Evidence]",
    max_seconds: float,
    smallest_face: int,
) -> "Iterator[PreparedVideo | Unprepared]":
    """Prepare files in memory, one at a time; what was seen in each goes into `seen`."""
    from avdf.cache.shards.inputs_table import Unprepared
    from avdf.model.report.evidence import prepared_evidence
    from avdf.pipeline.faces.detect import FaceDetector
    from avdf.pipeline.prepare import attempt_video
    from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings

    settings = PrepSettings(
        limits=Limits(seconds=max_seconds), face=FaceSettings(smallest=smallest_face)
    )
    detector = FaceDetector(settings.face)

    for info in videos:
        video = attempt_video(info, settings, detector)
        if not isinstance(video, Unprepared):
            seen[info.id] = prepared_evidence(video)
        yield video
