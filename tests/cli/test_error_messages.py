"""Messages that name the fault: scores in per cent, unknown ids, swapped arguments, settings."""

import re
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cli.meter import Meter
from avdf.events import Progress
from avdf.model.runs.config_sources import load_config
from tests.helpers.command import call


def test_scores_that_are_no_probabilities(tmp_path: Path) -> None:
    table = tmp_path / "s.csv"
    for text, told, not_told in (
        ("63.2", "divide by 100 if these are per cent", "nan"),
        ("-3.1", "are these logits?", "per cent"),
        ("nan", "the score is nan", "logits"),
    ):
        table.write_text(f"id,score,label\na,0.5,0\nb,{text},1\n", encoding="utf-8")
        code, words = call("evaluate", table, "--protocol", "all-test")
        assert (
            code == 2
            and told in words
            and "line 3" in words
            and not_told not in words.replace(text, "")
        )
    table.write_text("id,score,label\n", encoding="utf-8")
    assert "a header without rows" in call("evaluate", table)[1]


def test_ids_that_do_not_match_are_shown_from_both_sides(
    shards: Path,
    tmp_path: Path,
) -> None:
    table = tmp_path / "s.csv"
    table.write_text("id,score\nvideos/x9.avi,0.5\n", encoding="utf-8")
    code, words = call("evaluate", table, "--labels", shards)
    assert code == 2 and "videos/x9.avi" in words and re.search(r"p\d_\w+\.mp4", words)


def test_swapped_arguments_of_score(run: Path, shards: Path, tmp_path: Path) -> None:
    code, words = call("score", shards, run, "--out", tmp_path / "out")
    assert (
        code == 2
        and f"write the run first, `avdf score {run} {shards}`"
        in " ".join(words.split())
    )
    (tmp_path / "empty").mkdir()
    code, words = call("train", tmp_path / "empty", "--out", tmp_path / "r")
    assert (
        code == 2
        and "no shards here" in words
        and f"--out {tmp_path / 'empty'}" not in words
    )


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("training.epochs=many", "training.epochs: must be a whole number, got 'many'"),
        ("training.epochs=1.5", "training.epochs: must be a whole number, got 1.5"),
        (
            "training.learning_rate=high",
            "training.learning_rate: must be a number, got 'high'",
        ),
        ("training.visual_loss=perhaps", "training.visual_loss: must be true or false"),
        ("data.sampling=fair", "data.sampling: must be one of 'balanced'"),
    ],
)
def test_values_of_settings_are_refused_in_our_own_words(
    setting: str,
    told: str,
) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)) as caught:
        load_config(None, [setting])
    assert not re.search(r"Input|parse|valid |pydantic", str(caught.value))


def test_progress_ends_on_the_last_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("prep") as meter:
        for done, words in ((1, "0 failed"), (2, "0 failed"), (2, "1 failed")):
            meter.show(Progress("prep", done, 2, "videos", words))
    assert capsys.readouterr().err.splitlines() == ["prep: 2 of 2 videos, 1 failed"]
