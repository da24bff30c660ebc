"""Scoring as `avdf score` does it: score, evaluate, and write what is asked for."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from avdf.cache.core.file_facts import FileFacts
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.shards.inputs_table import Unprepared
from avdf.events import OnEvent, Progress
from avdf.file_progress import FileProgress
from avdf.load_options import LoadOptions
from avdf.model.evaluation.evaluate import Evaluation, evaluate
from avdf.model.evaluation.robustness import PerturbationLevel, robustness
from avdf.model.inference.decision import Judgement
from avdf.model.report.evidence import Evidence, evidence_in, prepared_evidence
from avdf.model.report.material import ReportMaterial
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.on_ray import RayScoring
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.pipeline.ahead import Attempt, preparing
from avdf.pipeline.media.description import describe_file
from avdf.results import ScoreResult
from avdf.score_request import ScoreRequest


@dataclass(frozen=True)
class ScoringJob:
    """What is needed to score the videos of one request, as they are or under a perturbation.

    progress  of files
    prepared  the files, prepared while the run was loaded; None: they are prepared when needed
    evidence  what is seen in each file as it is, by id; filled while the files are scored
    facts     codecs, length and hash of each file that can be read, in the same way
    """

    request: ScoreRequest
    run: LoadedRun
    load: LoadOptions
    judgement: Judgement
    on_event: OnEvent
    progress: FileProgress
    prepared: Iterator[Attempt] | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    facts: dict[str, FileFacts] = field(default_factory=dict)


def score_request(
    request: ScoreRequest,
    run: LoadedRun,
    load: LoadOptions,
    on_event: OnEvent,
    prepared: Iterator[Attempt] | None = None,
    progress: FileProgress | None = None,
) -> ScoreResult:
    """Score, evaluate, and write what is asked for.

    Args:
        load: how the run was loaded: the workers of a cluster load it in the same way.
        prepared: the files, whose preparation has begun already.
        progress: that is told how far it is.
    """
    options = request.options
    judgement = run.judgement(
        options.aggregate,
        options.calibrate,
        options.abstain,
        options.lr,
    )
    progress = progress or FileProgress(on_event, "score", len(request.files))
    job = ScoringJob(request, run, load, judgement, on_event, progress, prepared)
    scores = _score(job, None)
    if request.out is None:
        evaluation = evaluate(scores, judgement.thresholds)
    else:
        evaluation = _write(job, scores, request.out)
    return ScoreResult(
        scores=scores,
        evaluation=evaluation,
        judgement=judgement,
        evidence=job.evidence,
        command=request.command,
        facts=job.facts,
        of_files=request.listing is not None,
    )


def _score(job: ScoringJob, perturb: PerturbationLevel | None) -> ScoredVideos:
    """The scores of the videos as they are (None), or under one perturbation."""
    options, shards = job.request.options, job.request.sources.shards
    # Files are few and looked at one by one, so they always get a timeline. Perturbed videos are
    # only compared by their scores.
    timeline = not perturb and (options.timeline or shards is None)
    scoring = ScorerSettings(
        protocol=options.protocol,
        judgement=job.judgement,
        trim_silence=options.trim_silence,
        stride=options.stride if timeline else 0,
        perturb=perturb,
    )
    task = f"score {perturb.name}" if perturb else "score"
    if shards is None:
        files = len(job.request.files)
        progress = FileProgress(job.on_event, task, files) if perturb else job.progress
        with closing(_prepared(job, perturb, progress)) as videos:
            return score_prepared(job.run, videos, scoring, progress.judging)
    unit = "videos" if scoring.whole_tracks else "segments"
    return score_shards(
        job.run,
        shards,
        # All videos, whatever split they are in.
        "" if options.split == "all" else options.split,
        scoring,
        on_progress=lambda done, total: job.on_event(Progress(task, done, total, unit)),
        score=_ray_scoring(job) if options.on_ray else None,
    )


def _prepared(
    job: ScoringJob, perturb: PerturbationLevel | None, progress: FileProgress
) -> Generator[Attempt]:
    """The files, prepared in memory while others are scored, with their progress."""
    if perturb is None and job.prepared is not None:
        begun: AbstractContextManager[Iterator[Attempt]] = nullcontext(job.prepared)
    else:
        options = job.request.options
        begun = preparing(
            job.request.files,
            options.preparation(),
            options.quick,
            on_wait=progress.reader(options.quick),
        )
    with begun as videos:
        progress.finished(0)
        for done, video in enumerate(videos, start=1):
            # The report shows files as they are, not as they were perturbed.
            if perturb is None:
                _keep_what_is_shown(job, video)
            yield video
            # The next file is asked for when this one is scored.
            progress.finished(done)


def _keep_what_is_shown(job: ScoringJob, video: Attempt) -> None:
    """The facts of a file and, where it was prepared, its crops and log-mel."""
    info, sha256 = video.info, ""
    if not isinstance(video, Unprepared):
        job.evidence[info.id] = prepared_evidence(video)
        sha256 = video.sha256
    # Now, not when somebody asks: a file may be changed or removed after it was scored, and its
    # scores must never stand beside the hash of other content. The limits are those of preparation.
    limits = job.request.options.preparation().limits
    facts = describe_file(info, limits, sha256)
    if facts is not None:
        job.facts[info.id] = facts


def _ray_scoring(job: ScoringJob) -> RayScoring:
    """A cluster whose workers load the run as it was loaded here, each on its own device."""
    options, load = job.request.options, job.load
    # With `auto` the cluster decides: a worker gets a GPU where there are some.
    gpus = {"cpu": 0.0, "cuda": 1.0}.get(load.device)
    cluster = ClusterSettings(options.address, options.workers, gpus)
    return RayScoring(job.run, cluster, load.checkpoint, load.weights, load.device)


def _write(job: ScoringJob, scores: ScoredVideos, out: Path) -> Evaluation:
    """Evaluate scores and write them, with those under each perturbation that is asked for."""
    # The report and its plots take a second to import: only those who want it wait for it.
    from avdf.model.report.score_folder import write_scores

    options, shards = job.request.options, job.request.sources.shards
    perturbed = robustness(
        scores,
        options.perturbations,
        lambda perturb: _score(job, perturb),
        job.judgement.thresholds,
    )
    material = ReportMaterial(
        title=f"avdf: scores of {job.request.sources.title}",
        command=job.request.command,
        evidence_of=evidence_in(shards) if shards else job.evidence.get,
        facts=job.facts,
    )
    return write_scores(
        out,
        scores,
        job.run,
        material,
        job.judgement,
        robustness=tuple(perturbed) if options.perturb else (),
        exports=options.exports,
    )
