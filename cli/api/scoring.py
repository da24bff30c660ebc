"""What scoring takes and does: check what is asked for, score, then evaluate and write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.files.ownership import check_folder
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.shards.inputs_table import Unprepared
from avdf.events import Note, OnEvent, Progress
from avdf.loading import LoadOptions
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.robustness import PerturbationLevel, robustness
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import window_starts
from avdf.model.report.evidence import Evidence, evidence_in, prepared_evidence
from avdf.model.report.material import ReportMaterial
from avdf.model.report.score_folder import write_scores
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.on_ray import RayScoring
from avdf.model.scoring.options import ScoringOptions
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.description import describe_file
from avdf.pipeline.perturbations import Perturbed, parse_perturbations
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings
from avdf.pipeline.sources import Listing, list_videos
from avdf.results import ScoreResult
from avdf.sources import NEEDS_OUT, Place, Sources, open_sources

_RAY_NEEDS_SHARDS = (
    "--executor ray scores shards; prepare the files first: avdf prep --executor ray"
)
_RAY_SCORES_SEGMENTS = (
    "--executor ray scores segments alone; leave out --timeline and --perturb, or --executor"
)


@dataclass(frozen=True)
class ScoreOptions:
    """How videos are scored.

    split          of shards: train, val, test or all
    protocol       assigns the videos of shards to splits; '': the one the run was trained with
    aggregate      a video's score from its segments: mean, logit, top (highest quarter) or lse
    calibrate      bring probabilities to scale with the validation videos
    abstain        answer `unsure` within this distance of the threshold
    trim_silence   leave out leading silence, from frames and audio
    timeline       also score shards frame by frame (always done for files)
    stride         frames between the windows of a timeline: 1, 2, 4, 8 or 16
    perturb        perturbations to score too: NAME (five levels), NAME:LEVEL, or all
    exports        files for other programs: av-deepfake1m, deepfakebench
    smallest_face  of files: pixels; 0: an eighth of the long side of the frame, and a sixteenth
                   where no face is that large
    max_seconds    longer files are not scored (status `too_long`)
    executor       `local`, or `ray`: the segments of shards on a Ray cluster
    address        of the Ray cluster; '': one is started on this machine
    workers        of the Ray cluster; 0: one for each processor

    Raises:
        SettingsError: a value that cannot be used, or two that exclude each other.
    """

    split: str = "test"
    protocol: str = ""
    aggregate: str = "mean"
    calibrate: bool = False
    abstain: float = 0.0
    trim_silence: bool = False
    timeline: bool = False
    stride: int = 4
    perturb: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    smallest_face: int = 0
    max_seconds: float = 21600.0
    executor: str = "local"
    address: str = ""
    workers: int = 0
    perturbations: tuple[Perturbed, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "perturbations", parse_perturbations(self.perturb))
        window_starts(0, self.stride)
        self.preparation()
        if self.executor not in ("local", "ray"):
            raise SettingsError(f"--executor {self.executor!r} is unknown; use local or ray")

    @property
    def on_ray(self) -> bool:
        """Whether a Ray cluster scores."""
        return self.executor == "ray"

    def preparation(self) -> PrepSettings:
        """How files are prepared before they are scored."""
        face = FaceSettings(smallest=self.smallest_face)
        return PrepSettings(limits=Limits(seconds=self.max_seconds), face=face)


@dataclass(frozen=True)
class ScoreRequest:
    """What is scored and where the results go, checked before the model is loaded.

    listing  the files; None: shards are scored
    out      folder for the tables and the report; None: nothing is written
    command  the command line, for the report; '' from Python
    """

    sources: Sources
    listing: Listing | None
    options: ScoreOptions
    out: Path | None = None
    command: str = ""

    @property
    def files(self) -> tuple[VideoInfo, ...]:
        """The files that are scored; of shards none."""
        return self.listing.videos if self.listing else ()

    def describe(self) -> dict[str, FileFacts]:
        """Codecs, length and hash of each file that can be read, by id."""
        limits = self.options.preparation().limits
        found = {info.id: describe_file(info, limits) for info in self.files}
        return {name: facts for name, facts in found.items() if facts is not None}


def make_request(
    places: Sequence[Place],
    options: ScoreOptions,
    out: Place | None,
    command: str,
    on_event: OnEvent,
) -> ScoreRequest:
    """Check what is asked for, and list the files: loading the model takes seconds.

    Raises:
        SettingsError: options that do not go with these sources, or `out` holds something else.
        SourceError, ShardError: a source cannot be read.
    """
    folder = None if out is None else Path(out)
    sources = open_sources(places)
    if options.on_ray and sources.shards is None:
        raise SettingsError(_RAY_NEEDS_SHARDS)
    if options.on_ray and (options.timeline or options.perturb):
        raise SettingsError(_RAY_SCORES_SEGMENTS)
    if folder is None and (options.perturb or options.exports):
        raise SettingsError(NEEDS_OUT)
    if sources.shards is not None:
        return ScoreRequest(sources, None, options, folder, command)
    listing = list_videos(sources.paths)
    for note in listing.notes:
        on_event(Note(note))
    return ScoreRequest(sources, listing, options, folder, command)


def check_output(out: Place | None, inputs: Sequence[Place]) -> None:
    """Refuse a folder that holds something else, or that is also read."""
    if out is not None:
        check_folder(Path(out), "scores", inputs)


def carry_out(
    request: ScoreRequest, run: LoadedRun, load: LoadOptions, on_event: OnEvent
) -> ScoreResult:
    """Score, evaluate, and write what is asked for.

    `load` says how the run was loaded: the workers of a cluster load it in the same way.
    """
    options = request.options
    judgement = run.judgement(options.aggregate, options.calibrate, options.abstain)  # type: ignore[arg-type]  # it checks
    evidence: dict[str, Evidence] = {}
    score = partial(_score, request, run, load, judgement, evidence, on_event)
    scores = score(None)
    facts = request.describe() if request.out is not None else None
    if request.out is None:
        evaluation = evaluate(scores, judgement.thresholds)
    else:
        shards = request.sources.shards
        material = ReportMaterial(
            title=f"avdf: scores of {request.sources.title}",
            command=request.command,
            evidence_of=evidence_in(shards) if shards else evidence.get,
            facts=facts or {},
        )
        rows = robustness(scores, options.perturbations, score, judgement.thresholds)
        evaluation = write_scores(
            request.out,
            scores,
            run,
            material,
            judgement,
            robustness=tuple(rows) if options.perturb else (),
            exports=options.exports,
        )
    describe = (lambda: facts) if facts is not None else request.describe
    return ScoreResult(
        scores=scores,
        evaluation=evaluation,
        judgement=judgement,
        evidence=evidence,
        command=request.command,
        describe=describe if request.listing else None,
    )


def _score(
    request: ScoreRequest,
    run: LoadedRun,
    load: LoadOptions,
    judgement: Judgement,
    evidence: dict[str, Evidence],
    on_event: OnEvent,
    perturb: PerturbationLevel | None,
) -> ScoredVideos:
    """The scores of the videos as they are (None), or under one perturbation.

    `evidence` is filled with what is seen in each file, as it is without perturbation.
    """
    options, shards = request.options, request.sources.shards
    timeline = not perturb and (options.timeline or shards is None)
    scoring = ScoringOptions(
        protocol=options.protocol,
        judgement=judgement,
        trim_silence=options.trim_silence,
        stride=options.stride if timeline else 0,
        perturb=perturb,
    )
    if shards is None:
        return score_prepared(run, _prepared(request, None if perturb else evidence), scoring)
    task = f"score {perturb.name}" if perturb else "score"
    unit = "videos" if scoring.whole_tracks else "segments"
    return score_shards(
        run,
        shards,
        "" if options.split == "all" else options.split,
        scoring,
        on_progress=lambda done, total: on_event(Progress(task, done, total, unit)),
        score=_ray_scoring(run, options, load) if options.on_ray else None,
    )


def _ray_scoring(run: LoadedRun, options: ScoreOptions, load: LoadOptions) -> RayScoring:
    """A cluster whose workers load the run as it was loaded here; `device` is that of the workers."""
    gpus = {"cpu": 0.0, "cuda": 1.0}.get(load.device)
    cluster = ClusterSettings(options.address, options.workers, gpus)
    return RayScoring(run, cluster, load.checkpoint, load.weights, load.device)


def _prepared(
    request: ScoreRequest, evidence: dict[str, Evidence] | None
) -> Iterator[PreparedVideo | Unprepared]:
    """The files, prepared in memory one at a time; what is seen in each goes into `evidence`."""
    settings = request.options.preparation()
    detector = FaceDetector(settings.face)
    for info in request.files:
        video = attempt_video(info, settings, detector)
        if evidence is not None and not isinstance(video, Unprepared):
            evidence[info.id] = prepared_evidence(video)
        yield video
