"""What one examination found, and the files of a case that show it: `case.json` and the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.video import PreparedVideo
from avdf.cache.files.atomic_file import write_text
from avdf.case.manifest import MANIFEST, SIGNATURE, ExaminedFile, ExaminedRun
from avdf.case.options import CaseOptions
from avdf.case.step_log import StepLog, now
from avdf.model.evaluation.held_out import HeldOut
from avdf.model.evaluation.run_basis import RunBasis
from avdf.model.likelihood.ratio_words import PROPOSITIONS
from avdf.model.report.case_crops import write_crops
from avdf.model.report.case_findings import (
    DEFAULT_QUESTION,
    LIMITS,
    Finding,
    make_findings,
)
from avdf.model.report.case_not_examined import NotExamined, list_not_examined
from avdf.model.report.case_page import CaseContent, write_case_page
from avdf.model.report.curves import read_curves
from avdf.model.report.origin import Origin
from avdf.model.report.score_folder import write_score_tables
from avdf.pipeline.statement.file_statement import FileStatement
from avdf.pipeline.statement.statement_words import statement_words
from avdf.results import ScoreResult
from avdf.runs import Run

CASE_FILE, _PAGE, _LOG = "case.json", "report.html", "log.jsonl"


@dataclass(frozen=True)
class Examination:
    """What one examination found.

    file      that was examined
    run       that gave the scores
    source    digests of the run
    result    of scoring
    prepared  frames and sound as the detector was given them; None where there are none
    basis     what the verdicts rest on
    statement what the file says of itself, or the reason why that could not be read
    settings  how the run was loaded and the file was scored
    versions  of programs and libraries
    command   that was typed; '' from Python
    tested    how the run did on test videos; None where that is not stated
    """

    file: ExaminedFile
    run: Run
    source: ExaminedRun
    result: ScoreResult
    prepared: PreparedVideo | None
    basis: RunBasis
    statement: FileStatement | str
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    command: str
    tested: HeldOut | None = None

    @property
    def facts(self) -> FileFacts | None:
        """Codecs and length of the file; None where it could not be read."""
        return self.result.facts.get(self.result.id)

    def findings(self) -> tuple[Finding, ...]:
        """What was found, in sentences."""
        return make_findings(
            self.result.row,
            self.result.judgement,
            self.basis,
            self.result.intervals,
            self.result.scores.faces,
        )

    def not_examined(self) -> tuple[NotExamined, ...]:
        """What was not examined, and why."""
        evidence = self.result.evidence.get(self.result.id)
        result = self.result
        return list_not_examined(
            result.row, result.judgement, evidence, result.segments
        )


def write_content(
    folder: Path, found: Examination, options: CaseOptions, log: StepLog
) -> None:
    """Write every file of a case but the copy, the log and the closing files."""
    with log.step("write the tables of scores"):
        write_score_tables(folder, found.result.scores, found.result.judgement)
    if found.prepared is not None:
        with log.step("write the crops"):
            write_crops(folder, found.prepared, found.result.segments)
    with log.step("write case.json"):
        document = json.dumps(case_document(found, options), indent=1)
        write_text(folder / CASE_FILE, document)
    with log.step("write report.html"):
        files = _file_names(folder, signed=options.key is not None)
        write_case_page(folder / _PAGE, _page_content(found, options, log, files))
    log.write(folder / _LOG)


def _file_names(folder: Path, signed: bool) -> list[str]:
    """What the case will hold: what is there, and what is written last."""
    written = [f"{one.name}/" if one.is_dir() else one.name for one in folder.iterdir()]
    shown = [name for name in written if not name.startswith(".")]
    last = [_PAGE, _LOG, MANIFEST, *([SIGNATURE] if signed else [])]
    return sorted({*shown, *last})


def case_document(found: Examination, options: CaseOptions) -> dict[str, Any]:
    """The content of `case.json`."""
    facts = found.facts
    return {
        "format": "avdf-case",
        "format_version": 1,
        "written": now(),
        "question": options.ask or DEFAULT_QUESTION,
        "question_is_default": not options.ask,
        "examiner": options.examiner,
        "command": found.command,
        "file_name": _shown_name(found, options),
        "file": asdict(found.file),
        "file_facts": None if facts is None else asdict(facts),
        "findings": [asdict(one) for one in found.findings()],
        "not_examined": [asdict(one) for one in found.not_examined()],
        "limits": list(LIMITS),
        "likelihood_ratio": PROPOSITIONS,
        "rests_on": found.basis.as_dict(),
        "tested": None if found.tested is None else found.tested.as_dict(),
        "file_statement": _statement_document(found.statement),
        "run": asdict(found.source),
        "settings": dict(found.settings),
        "versions": dict(found.versions),
        "results": found.result.as_dict(),
    }


def _statement_document(statement: FileStatement | str) -> dict[str, Any]:
    """What the file says of itself; under `unread` the reason, where that could not be read."""
    if isinstance(statement, str):
        return {"unread": statement}
    return statement.as_dict()


def _statement_lines(statement: FileStatement | str) -> Mapping[str, Sequence[str]]:
    if isinstance(statement, str):
        return {"not read": [statement]}
    return statement_words(statement)


def read_results(folder: Path) -> dict[str, Any]:
    """The `results` of a case's `case.json`.

    Raises:
        SourceError: there are none. A case may come from a stranger.
    """
    path = folder / CASE_FILE
    try:
        results = json.loads(path.read_bytes())["results"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(
            f"{path}: its results cannot be read ({error!r}); make the case again"
        ) from None
    if not isinstance(results, dict):
        raise SourceError(f"{path} has no results; make the case again")
    return results


def _page_content(
    found: Examination,
    options: CaseOptions,
    log: StepLog,
    files: Sequence[str],
) -> CaseContent:
    result, judgement = found.result, found.result.judgement
    loaded = found.run.loaded
    return CaseContent(
        question=options.ask or DEFAULT_QUESTION,
        is_default=not options.ask,
        examiner=options.examiner,
        file=_shown_name(found, options),
        written=now()[:19].replace("T", " ") + " UTC",
        command=found.command,
        scores=result.scores,
        evaluation=result.evaluation,
        findings=found.findings(),
        not_examined=found.not_examined(),
        basis=found.basis,
        tested=found.tested,
        origin=Origin(loaded.info, read_curves(loaded.folder), judgement),
        evidence=result.evidence.get(result.id),
        facts=found.facts,
        identity=_identity(found),
        versions=tuple(found.versions.items()),
        statement=_statement_lines(found.statement),
        steps=[(step.began, step.seconds, step.step) for step in log.steps],
        files=files,
    )


def _shown_name(found: Examination, options: CaseOptions) -> str:
    return options.name or Path(found.file.path).name


def _identity(found: Examination) -> list[tuple[str, str]]:
    """Each digest with the name of what it belongs to."""
    source = found.source
    lines = [
        ("examined file", found.file.path),
        ("size", f"{found.file.size} bytes"),
        ("sha256", found.file.sha256),
        ("run", f"{source.folder}, checkpoint {source.checkpoint}"),
    ]
    lines += list(source.files.items())
    lines += [
        (f"weights of {name}", sha256) for name, sha256 in source.backbones.items()
    ]
    lines.append(("validation scores", source.reference or "none in this checkpoint"))
    return lines
