"""The command line as the tests call it, in this process."""

import json
from typing import Any

from typer.testing import CliRunner

from avdf.cli.main import app

_DEMO_SETTINGS = (
    "model.clip=demo",
    "model.clip_weights=demo",
    "model.whisper=demo",
    "model.whisper_weights=demo",
    "data.batch_size=4",
    "training.epochs=1",
)
DEMO_MODEL = [word for setting in _DEMO_SETTINGS for word in ("--set", setting)]
"""Options of a command that builds the demo's detector."""


def call(*words: object) -> tuple[int, str]:
    """Exit code and output of `avdf WORDS`.

    An error that the command line does not turn into an exit code fails the test.
    """
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), (
        result.exception
    )
    return result.exit_code, result.output


def call_json(*words: object) -> Any:
    """The document on stdout of `avdf WORDS --json`; progress on stderr is no part of it."""
    result = CliRunner().invoke(app, [*(str(word) for word in words), "--json"])
    assert result.exit_code in (0, 3), result.output
    return json.loads(result.stdout)
