"""`avdf.make_case`: examine one file, and write all of it into a folder that others can check."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

from avdf.arguments import as_path, as_source, check_listener, check_options
from avdf.cache.core.errors import MediaError, RunError, SourceError
from avdf.cache.core.video import PreparedVideo
from avdf.cache.files.digest import file_sha256
from avdf.cache.files.folder_digests import digest_folder
from avdf.cache.files.signature import SigningKey
from avdf.case.content import Examination, write_content
from avdf.case.identity import identify_file, identify_run
from avdf.case.manifest import (
    CaseManifest,
    ExaminedFile,
    ExaminedRun,
    write_manifest,
)
from avdf.case.options import CaseOptions
from avdf.case.results import Case
from avdf.case.step_log import StepLog, now
from avdf.case.tool_versions import tool_versions
from avdf.case.whole_folder import whole_folder
from avdf.events import OnEvent, ignore
from avdf.load_options import LoadOptions
from avdf.model.evaluation.held_out import read_held_out
from avdf.model.evaluation.run_basis import run_basis
from avdf.pipeline.ahead import Attempt, preparing
from avdf.pipeline.statement.file_statement import FileStatement
from avdf.pipeline.statement.reading import read_statement
from avdf.results import ScoreResult
from avdf.runs import Run, load
from avdf.score_options import ScoreOptions
from avdf.score_request import ScoreRequest, make_request
from avdf.scoring import score_request
from avdf.sources import AnyPath

_COPY = "examined"  # name of the copy in the case, with the suffix of the file
_LONGEST_SUFFIX = 8


def make_case(
    file: AnyPath,
    run: AnyPath | Run,
    out: AnyPath,
    options: CaseOptions = CaseOptions(),
    load_options: LoadOptions = LoadOptions(),
    *,
    command: str = "",
    on_event: OnEvent = ignore,
) -> Case:
    """Examine one file with a run, and write a case: results, report, crops, log and digests.

    The file is only read. The folder of the case appears when all of it is written.

    Args:
        file: one video or sound file.
        run: a run that `load` gave, or its folder.
        out: a new or empty folder for the case.
        load_options: how the run is loaded; not used for a run that is loaded already.
        command: the command line, for the report.

    Raises:
        SourceError: the file cannot be read, or was changed while it was examined.
        SettingsError: `out` holds something, or cannot be written to; the key cannot be used.
        RunError, WeightsError: the run cannot be loaded, or was changed meanwhile.
    """
    check_options(options, CaseOptions)
    check_options(load_options, LoadOptions, "load_options")
    check_listener(on_event)
    path, final = as_path(file, "file"), as_path(out, "out")
    folder = run.folder if isinstance(run, Run) else Path(as_source(run, "run"))
    _check_file(path)
    # A key that cannot be used must not be noticed after minutes of work.
    key = None if options.key is None else SigningKey(as_path(options.key, "key"))
    tested = None
    inputs = [path, folder]
    if options.tested is not None:
        inputs.append(as_path(options.tested, "tested"))
        tested = read_held_out(inputs[-1])
    log = StepLog(on_event)
    with whole_folder(final, inputs) as partial:
        with log.step("take the digest of the file"):
            before = identify_file(path)
        loaded = _loaded(run, load_options, log)
        if tested is not None:
            tested.check_run(loaded.info)
        found = _examine(before, loaded, options, command, log, on_event)
        found = replace(found, tested=tested)
        if options.copy:
            with log.step("copy the file"):
                _copy(path, partial, before)
        write_content(partial, found, options, log)
        _check_unchanged(path, before, loaded, found.source)
        sha256 = _close(partial, found, key)
    return Case(final, found.result, sha256, key is not None)


def _check_file(path: Path) -> None:
    """A case is about one file."""
    if path.is_dir() or path.suffix.lower() == ".csv":
        raise SourceError(f"{path}: a case examines one file; name it")
    if not path.is_file():
        raise SourceError(f"{path}: not a file; name one video or sound file")


def _loaded(run: AnyPath | Run, options: LoadOptions, log: StepLog) -> Run:
    if isinstance(run, Run):
        return run
    with log.step("load the run"):
        return load(run, options)


def _examine(
    file: ExaminedFile,
    run: Run,
    options: CaseOptions,
    command: str,
    log: StepLog,
    on_event: OnEvent,
) -> Examination:
    """Score the file, and gather what the case states beside the scores."""
    with log.step("take the digests of the run"):
        source = identify_run(run)
    scoring = options.scoring(ratios=run.loaded.validation is not None)
    request = _request(file, run, scoring, command, on_event)
    with log.step("decode the file and follow its faces"):
        attempt = _prepare(request)
    with log.step("compute the scores"):
        result = score_request(
            request, run.loaded, run.options, on_event, iter([attempt])
        )
    _check_same_content(file, result)
    with log.step("read what the file says of itself"):
        statement = _read_statement(Path(file.path), request)
    with log.step("gather what the verdicts rest on"):
        basis = run_basis(run.loaded, result.judgement)
        versions = tool_versions(run.loaded.computed)
    return Examination(
        file=file,
        run=run,
        source=source,
        result=result,
        prepared=attempt if isinstance(attempt, PreparedVideo) else None,
        basis=basis,
        statement=statement,
        settings={"scoring": asdict(scoring), "loading": asdict(run.options)},
        versions=versions,
        command=command,
    )


def _request(
    file: ExaminedFile,
    run: Run,
    scoring: ScoreOptions,
    command: str,
    on_event: OnEvent,
) -> ScoreRequest:
    request = make_request(run.folder, file.path, scoring, None, command, on_event)
    if len(request.files) != 1:
        raise SourceError(f"{file.path}: a case examines one file; name it")
    return request


def _prepare(request: ScoreRequest) -> Attempt:
    with preparing(
        request.files, request.options.preparation(), request.options.quick
    ) as videos:
        return next(videos)


def _read_statement(path: Path, request: ScoreRequest) -> FileStatement | str:
    """What the file says of itself, or why that cannot be read: no reason to end the case."""
    try:
        return read_statement(path, request.options.preparation().limits)
    except MediaError as error:
        return f"{error} (status {error.status})"


def _check_same_content(file: ExaminedFile, result: ScoreResult) -> None:
    facts = result.facts.get(result.id)
    if facts is not None and facts.sha256 != file.sha256:
        raise _changed(file.path)


def _check_unchanged(
    path: Path, before: ExaminedFile, run: Run, source: ExaminedRun
) -> None:
    """Whether file and run are still what was examined.

    Raises:
        SourceError, RunError: one of them was changed.
    """
    if identify_file(path) != before:
        raise _changed(path)
    if identify_run(run) != source:
        raise RunError(
            f"{run.folder} was changed while the file was examined; "
            "make the case again when nobody trains there"
        )


def _changed(path: Path | str) -> SourceError:
    return SourceError(
        f"{path} was changed while it was examined; examine a copy that nobody writes to"
    )


def _copy(path: Path, folder: Path, before: ExaminedFile) -> None:
    """Copy the file under a name that is safe everywhere; its own name is in `case.json`."""
    suffix = path.suffix.lower()
    is_plain = suffix[1:].isascii() and suffix[1:].isalnum()
    if not is_plain or len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    copy = folder / f"{_COPY}{suffix}"
    shutil.copyfile(path, copy)
    if file_sha256(copy) != before.sha256:
        raise _changed(path)


def _close(folder: Path, found: Examination, key: SigningKey | None) -> str:
    """Write the manifest, which closes the case; returns its sha256."""
    manifest = CaseManifest(
        written=now(),
        examined=found.file,
        run=found.source,
        settings=found.settings,
        versions=found.versions,
        tested="" if found.tested is None else found.tested.sha256,
        public_key="" if key is None else key.public_hex,
    )
    manifest = replace(manifest, files=digest_folder(folder))
    return write_manifest(folder, manifest, key)
