"""`report.html` of a case: first for a reader who knows nothing of the method, then in detail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.safe_text import printable
from avdf.cache.files.atomic_file import write_text
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.held_out import HeldOut
from avdf.model.evaluation.run_basis import RunBasis
from avdf.model.likelihood.ratio_words import PROPOSITIONS
from avdf.model.report.case_findings import LIMITS, Finding
from avdf.model.report.case_not_examined import NotExamined
from avdf.model.report.case_words import SUBJECTS
from avdf.model.report.details import DetailSource, make_details
from avdf.model.report.evidence import Evidence
from avdf.model.report.html import page_environment
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin, how_judged
from avdf.model.report.timeline_figure import legend
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.verdicts import REPORT_ORDER, Verdict

Table = Sequence[tuple[str, str]]  # a name and a value on each line


@dataclass(frozen=True)
class CaseContent:
    """What the page of a case shows.

    question      that was asked
    is_default    whether nobody asked one, so that it is the general one
    examiner      '' where not stated
    file          name of the examined file, without its folder
    written       when, in UTC
    command       that was typed; '' from Python
    scores        of the one file
    findings      what was found, in sentences
    not_examined  what was not, and why
    basis         what the verdicts rest on
    tested        how the run did on test videos; None where that is not stated
    origin        the run, and how it judged
    evidence      crops and sound; None where the file could not be prepared
    facts         about the file; None where it could not be read
    identity      digests of file, run and weights
    versions      of programs and libraries
    statement     what the file says of itself: name -> lines
    steps         what was done: time, seconds and words of each step
    files         names of the files and folders of the case
    """

    question: str
    is_default: bool
    examiner: str
    file: str
    written: str
    command: str
    scores: ScoredVideos
    evaluation: Evaluation
    findings: Sequence[Finding]
    not_examined: Sequence[NotExamined]
    basis: RunBasis
    tested: HeldOut | None
    origin: Origin
    evidence: Evidence | None
    facts: FileFacts | None
    identity: Table
    versions: Table
    statement: Mapping[str, Sequence[str]]
    steps: Sequence[tuple[str, float, str]]
    files: Sequence[str]


def write_case_page(path: Path, content: CaseContent) -> None:
    """Write the page: one file without scripts that loads nothing, and prints on A4."""
    template = page_environment().get_template("case.html.j2")
    page = template.render(
        case=content,
        file=printable(content.file),
        # Control characters in a question must not reach the page; its line ends stay.
        question=printable(content.question, keep="\n"),
        examiner=printable(content.examiner),
        command=printable(content.command),
        # Tags can hold anything, also marks that turn the reading direction.
        statement={
            printable(name): [printable(line) for line in lines]
            for name, lines in content.statement.items()
        },
        limits=LIMITS,
        propositions=PROPOSITIONS,
        titles=SUBJECTS,
        order=REPORT_ORDER,
        judged_verdicts=_judged_verdicts(content),
        judged=how_judged(content.origin.judgement, content.evaluation),
        details=_details(content),
        legend=legend(with_sync=any(one.name == "sync" for one in content.findings)),
        thresholds=content.evaluation.thresholds,
        origin=content.origin,
        ratio_models=content.origin.judgement.ratios,
        version=version("avdf"),
    )
    write_text(path, page)


def _judged_verdicts(content: CaseContent) -> Sequence[Verdict]:
    """The verdicts whose record says how sure the findings are; all where there is no finding."""
    (video,) = content.scores.videos
    judged = [name for name in REPORT_ORDER if video.probability[name] is not None]
    return judged or REPORT_ORDER


def _details(content: CaseContent) -> Sequence[object]:
    """The figures of the existing report: crops, sound, curves and offsets over time."""
    (video,) = content.scores.videos
    name = video.info.id
    material = ReportMaterial(
        title="",
        evidence_of={name: content.evidence}.get,
        facts={} if content.facts is None else {name: content.facts},
    )
    segments = {name: list(content.scores.segments)}
    source = DetailSource(
        content.scores, content.evaluation, segments, material, content.origin
    )
    return make_details(source)
