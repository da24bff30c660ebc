"""Score shards with a detector of others: every listed video gets a row, as a run gives it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.index import index_folder
from avdf.model.inference.aggregate import Aggregate, aggregate
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import SegmentScores, or_none
from avdf.model.peers.cutting import is_too_long, pieces
from avdf.model.peers.fitting import TRAIN, fitted
from avdf.model.peers.loading import LoadedPeer
from avdf.model.peers.measuring import FAILED, PeerScores, measure
from avdf.model.protocols import Assignment, assign
from avdf.model.scoring.choice import Choice, check_split, choose_from
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore, scored_row
from avdf.model.scoring.settings import Perturb
from avdf.model.scoring.subjects import Subject
from avdf.model.scoring.tables import JudgedParts, Listed, rows_of, segment_rows
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict, Verdict

DETECTOR = "detector"  # the origin of thresholds that the detector itself gives

Array = npt.NDArray[np.float64]
OnProgress = Callable[[int, int], None]  # videos done, videos in all


@dataclass(frozen=True)
class PeerJob:
    """A detector, and the videos that it scores.

    peer       the detector, fitted if it can be
    choice     the videos
    judgement  how its scores become verdicts
    trim       whether leading silence is left out
    """

    peer: LoadedPeer
    choice: Choice
    judgement: Judgement
    trim: bool = False


def peer_job(
    peer: LoadedPeer,
    shards: Path,
    split: str = "test",
    protocol: str = "",
    how: Aggregate = "mean",
    abstain: float = 0.0,
    trim: bool = False,
) -> PeerJob:
    """Choose the videos, and fit the detector if it learns from training videos.

    Args:
        split: '' for every video.
        protocol: assigns videos to splits; '': `dataset`.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: an unknown protocol, an unknown or empty split, or `fit` fails.
    """
    check_split(split)
    listed = index_folder(shards)
    assignment = assign(protocol or "dataset", listed.infos)
    choice = choose_from(shards, listed, split, assignment)
    peer = fitted(peer, listed.videos, assignment)
    if peer.fitted_on is not None:
        learned = [assignment.of(video.info.id) == TRAIN for video in choice.videos]
        choice = replace(choice, trained_on=sum(learned))
    judgement = Judgement(
        how,
        _thresholds(peer),
        abstain=abstain,
        rests_on=_rests_on(peer, assignment),
    )
    return PeerJob(peer, choice, judgement, trim)


def score_job(
    job: PeerJob,
    perturb: Perturb | None = None,
    on_progress: OnProgress = lambda _done, _all: None,
) -> ScoredVideos:
    """Score the videos as they are, or under a perturbation."""
    choice, peer = job.choice, job.peer
    failed: dict[int, tuple[str, str]] = {}
    if peer.description.unit == "video":
        for number, video in enumerate(choice.videos):
            if is_too_long(video):
                failed[number] = ("too_long", _too_long(peer))

    def leave_out(number: int, error: SegmentError) -> None:
        failed[number] = ("damaged", str(error))

    skip = [subject.silent_rows if job.trim else 0 for subject in choice.subjects]
    given = pieces(choice.videos, peer.description.unit, skip, leave_out, perturb)
    total = len(choice.videos)
    found = measure(peer, given, lambda number: on_progress(number, total))
    on_progress(total, total)
    for number, why in found.failed.items():
        failed.setdefault(number, (FAILED, why))
    return _scored(job, _readable(_heard_and_seen(job, found), failed), failed)


def _scored(
    job: PeerJob, found: PeerScores, failed: dict[int, tuple[str, str]]
) -> ScoredVideos:
    """The tables of what a detector said."""
    choice, judgement = job.choice, job.judgement
    total = len(choice.subjects)
    is_window = job.peer.description.unit == "window"
    counts = np.bincount(found.video, minlength=total)
    fake = video_scores(found, total, judgement.aggregate)

    def scored(index: int, subject: Subject) -> VideoScore:
        probability = fake.map(lambda p: or_none(float(p[index])))
        segments = int(counts[index]) if is_window else 0
        note = found.notes.get(index, "")
        return _row(subject, probability, judgement, segments, note)

    listed = choice.listed
    return ScoredVideos(
        videos=rows_of(listed, failed, _parts(job.peer), counts.tolist(), scored),
        segments=_rows_of_windows(listed, found, judgement) if is_window else (),
        split=choice.split,
        assignment=choice.assignment,
        trimmed=job.trim,
        periods={
            item.info.id: item.info.periods for item in listed if item.info.periods
        },
        trained_on=choice.trained_on,
        notes=(*choice.notes, *job.peer.description.notes),
    )


def _rows_of_windows(
    listed: Listed, found: PeerScores, judgement: Judgement
) -> tuple[SegmentRow, ...]:
    """The lines of `segments.csv`: windows of which at least one verdict was examined."""
    return segment_rows(listed, _measured(found).judged(), judgement)


def _row(
    subject: Subject,
    probability: Probabilities,
    judgement: Judgement,
    segments: int,
    note: str,
) -> VideoScore:
    # No curve of offsets was asked for, so that nothing is said on synchrony.
    row = scored_row(
        subject.info, probability, judgement, segments=segments, sync=Synchrony()
    )
    return replace(row, reason="; ".join(part for part in (row.reason, note) if part))


def video_scores(found: PeerScores, videos: int, how: Aggregate) -> PerVerdict[Array]:
    """(videos,) for each verdict: P(fake) from the windows in which it was examined; else NaN."""
    scores = _segments(found)

    # Each verdict has windows of its own: a detector may judge only where somebody speaks.
    def of_verdict(name: Verdict) -> Array:
        examined = np.isfinite(found.fake[name])
        return aggregate(scores.chosen(examined), videos, how)[name]

    return PerVerdict.of(of_verdict)


def _segments(found: PeerScores) -> SegmentScores:
    """Scores of segments as runs give them, without distances."""
    unknown = np.full((len(found.video), SEGMENT_FRAMES), np.nan)
    return SegmentScores(found.video, found.fake, unknown)


def _measured(found: PeerScores) -> Measured:
    return Measured(_segments(found), tuple(found.start.tolist()))


def _heard_and_seen(job: PeerJob, found: PeerScores) -> PeerScores:
    """Without the verdicts on what a video does not have, as for runs."""
    description, subjects = job.peer.description, job.choice.subjects
    measured = _measured(found)
    # A detector of the picture alone never took the sound, and its verdicts rest on the picture.
    if description.takes_sound:
        silent = [n for n, subject in enumerate(subjects) if not subject.has_audio]
        measured = measured.without_audio(silent)
    if description.takes_picture:
        unseen = [n for n, subject in enumerate(subjects) if not subject.has_picture]
        measured = measured.without_picture(unseen)
    return replace(found, fake=measured.segments.fake)


def _readable(found: PeerScores, failed: dict[int, tuple[str, str]]) -> PeerScores:
    """Without the videos that failed, of which some windows may have been scored."""
    kept = ~np.isin(found.video, list(failed))
    return replace(
        found,
        video=found.video[kept],
        start=found.start[kept],
        fake=found.fake.map(lambda p: p[kept]),
    )


def _parts(peer: LoadedPeer) -> JudgedParts:
    description = peer.description
    return JudgedParts(
        description.takes_picture,
        description.takes_sound,
        f"{description.name} examined nothing of it",
    )


def _thresholds(peer: LoadedPeer) -> Thresholds:
    """The detector's own thresholds; else 0.5, which is said to be the default."""
    own = peer.description.thresholds
    if own is None:
        return Thresholds()
    return Thresholds(
        visual=float(own.visual),
        audio=float(own.audio),
        video=float(own.video),
        origin=DETECTOR,
        defaults=(),
    )


def _rests_on(peer: LoadedPeer, assignment: Assignment) -> str:
    if peer.fitted_on is None:
        return f"Rests on {peer.title}: what it was trained on is not known here"
    return (
        f"Rests on {peer.title}, fitted on {peer.fitted_on} videos of the split {TRAIN} "
        f"(protocol {assignment.name}, sha256 {assignment.sha256[:16]})"
    )


def _too_long(peer: LoadedPeer) -> str:
    return (
        f"{peer.description.name} takes whole videos, and this one is longer than 3 minutes; "
        "a detector of windows has no such limit"
    )
