"""The command line as the tests call it, in this process."""

from typer.testing import CliRunner

from avdf.cli.main import app

DEMO_MODEL = [
    word
    for setting in (
        "model.clip=demo", "model.clip_weights=demo", "model.whisper=demo", "model.whisper_weights=demo",
        "data.batch_size=4", "training.epochs=1",
    )
    for word in ("--set", setting)
]  # fmt: skip


def call(*words: object) -> tuple[int, str]:
    """Exit code and output of `avdf WORDS`. An error that the command line lets through fails the test."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output
