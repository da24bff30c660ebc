"""Scoring shards with a detector of others, as `avdf score module:Class SHARDS` does it."""

from collections.abc import Sequence
from pathlib import Path

from avdf.arguments import as_path, as_sources, check_listener, check_options
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.ownership import check_folder
from avdf.events import OnEvent, Progress
from avdf.load_options import LoadOptions
from avdf.model.evaluation.evaluate import Evaluation, evaluate
from avdf.model.evaluation.robustness import PerturbationLevel, robustness
from avdf.model.peers.loading import load_peer
from avdf.model.peers.scoring import PeerJob, peer_job, score_job
from avdf.model.report.evidence import evidence_in
from avdf.model.report.material import ReportMaterial
from avdf.model.scoring.rows import ScoredVideos
from avdf.results import ScoreResult
from avdf.score_options import ScoreOptions
from avdf.sources import NEEDS_OUT, AnyPath, Sources, open_sources

# Options of a run of avdf, and why a detector of others cannot have them.
_OF_RUNS = {
    "calibrate": "calibration rests on validation scores, which only a run keeps",
    "lr": "score all splits (split all), then give `avdf evaluate` the table and lr",
    "timeline": "timelines are made by runs of avdf alone",
    "on_ray": "the workers of a cluster load runs of avdf alone",
    "quick": "quick takes excerpts of video files, and a detector scores shards",
}


def score_peer(
    spec: str,
    sources: AnyPath | Sequence[AnyPath],
    options: ScoreOptions = ScoreOptions(),
    load_options: LoadOptions = LoadOptions(),
    *,
    out: AnyPath | None = None,
    command: str = "",
    on_event: OnEvent,
) -> ScoreResult:
    """Score shards with a detector of others; it is imported, which runs its code.

    Args:
        spec: `package.module:Name`.

    Raises:
        SettingsError: options that only runs have, files instead of shards, a detector that cannot
            be loaded or does not keep the protocol.
        ShardError: the shards cannot be read.
    """
    opened, folder = _checked(spec, sources, options, load_options, out, on_event)
    assert opened.shards is not None
    # Only now: nothing of the detector runs for options that cannot be used.
    peer = load_peer(spec)
    if peer.description.unit == "video" and options.aggregate != "mean":
        raise SettingsError(
            f"{spec} judges whole videos: there are no segments to aggregate "
            f"(aggregate {options.aggregate})"
        )
    job = peer_job(
        peer,
        opened.shards,
        "" if options.split == "all" else options.split,
        options.protocol,
        options.aggregate,
        options.abstain,
        options.trim_silence,
    )
    scores = _score(job, on_event)
    evaluation = (
        evaluate(scores, job.judgement.thresholds)
        if folder is None
        else _write(job, scores, options, opened, folder, command, on_event)
    )
    return ScoreResult(scores, evaluation, job.judgement, command=command)


def _checked(
    spec: str,
    sources: AnyPath | Sequence[AnyPath],
    options: ScoreOptions,
    load_options: LoadOptions,
    out: AnyPath | None,
    on_event: OnEvent,
) -> tuple[Sources, Path | None]:
    """The shards and the output folder, checked before anything is imported."""
    check_options(options, ScoreOptions)
    check_listener(on_event)
    for name, why in _OF_RUNS.items():
        if getattr(options, name):
            raise SettingsError(f"{spec} is no run of avdf: {why}")
    if load_options != LoadOptions():
        raise SettingsError(
            f"{spec} is no run of avdf: checkpoint, device, precision and weights are those of a "
            "run; a detector chooses its own"
        )
    given = as_sources(sources, "sources")
    folder = None if out is None else as_path(out, "out")
    if folder is not None:
        check_folder(folder, "scores", given)
    opened = open_sources(given)
    if opened.shards is None:
        raise SettingsError(
            f"a detector such as {spec} scores shards; prepare the files first, with "
            "`avdf prep FILES --out SHARDS`"
        )
    if folder is None and (options.perturb or options.exports):
        raise SettingsError(NEEDS_OUT)
    return opened, folder


def _score(
    job: PeerJob, on_event: OnEvent, perturb: PerturbationLevel | None = None
) -> ScoredVideos:
    task = f"score {perturb.name}" if perturb else "score"
    return score_job(
        job,
        perturb,
        lambda done, total: on_event(Progress(task, done, total, "videos")),
    )


def _write(
    job: PeerJob,
    scores: ScoredVideos,
    options: ScoreOptions,
    sources: Sources,
    out: Path,
    command: str,
    on_event: OnEvent,
) -> Evaluation:
    """Evaluate scores and write them, with those under each perturbation that is asked for."""
    # The report and its plots take a second to import: only those who want it wait for it.
    from avdf.model.report.score_folder import write_peer_scores

    assert sources.shards is not None
    perturbed = robustness(
        scores,
        options.perturbations,
        lambda level: _score(job, on_event, level),
        job.judgement.thresholds,
    )
    material = ReportMaterial(
        title=f"avdf: scores of {sources.title}",
        command=command,
        evidence_of=evidence_in(sources.shards),
    )
    return write_peer_scores(
        out,
        scores,
        job.peer,
        material,
        job.judgement,
        robustness=tuple(perturbed) if options.perturb else (),
        exports=options.exports,
    )
