"""The report in a real browser: it loads nothing, runs nothing, and fits a phone."""

import re
import shutil
from pathlib import Path

import pytest

from tests.helpers.browser import BROWSER, browse
from tests.helpers.command import call


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_the_report_in_chromium(run: Path, shards: Path, tmp_path: Path) -> None:
    assert (
        call(
            "score",
            run,
            shards,
            "--split",
            "all",
            "--out",
            tmp_path,
            "--timeline",
            "--perturb",
            "blur:3",
        )[0]
        == 0
    )
    page = tmp_path / "report.html"
    text = page.read_text(encoding="utf-8")
    assert len(text) < 3_000_000 and not re.search(
        r"""(?:src|href)=["']https?:""", text
    )
    seen = browse(page, tmp_path / "profile", "--dump-dom")
    assert seen.returncode == 0 and "CONSOLE" not in seen.stderr, seen.stderr[-500:]
    for part in (
        "All figures",
        "Under perturbations",
        "Every video",
        "What this rests on",
    ):
        assert f"<h2>{part}</h2>" in seen.stdout
    # the same page with one script of ours, which tells how wide it is on a phone
    probe = tmp_path / "probe.html"
    statement = "document.title = 'width ' + document.documentElement.scrollWidth"
    script = f"<script>{statement}</script></body>"
    open_policy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    probe.write_text(open_policy.replace("</body>", script), encoding="utf-8")
    told = browse(
        probe, tmp_path / "profile", "--dump-dom", "--window-size=500,900"
    ).stdout
    width = re.search(r"<title>width (\d+)</title>", told)
    assert width and int(width[1]) <= 500
    assert (
        browse(
            page, tmp_path / "profile", f"--print-to-pdf={tmp_path / 'r.pdf'}"
        ).returncode
        == 0
    )
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_a_script_in_a_name_does_not_run(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    evil = tmp_path / "<img src=x onerror=document.title='gotcha'>.mp4"
    shutil.copy(synthetic_manifest.parent / "p4_real.mp4", evil)
    assert call("score", run, evil, "--out", tmp_path / "out")[0] == 0
    seen = browse(tmp_path / "out" / "report.html", tmp_path / "profile", "--dump-dom")
    assert "<title>avdf" in seen.stdout and "gotcha</title>" not in seen.stdout
