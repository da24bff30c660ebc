"""The page of a case in a real browser: it runs nothing, fits a phone, and prints on A4."""

import re
from pathlib import Path

import pytest

from tests.helpers.browser import BROWSER, browse

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")

A4 = (594.96, 841.92)  # points


def test_the_page_fits_a_phone_and_runs_nothing(made: Path, tmp_path: Path) -> None:
    text = (made / "case" / "report.html").read_text(encoding="utf-8")
    # The same page with one script of ours, which tells how wide it is.
    probe = tmp_path / "probe.html"
    statement = "document.title = 'width ' + document.documentElement.scrollWidth"
    open_policy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    probe.write_text(
        open_policy.replace("</body>", f"<script>{statement}</script></body>"),
        encoding="utf-8",
    )
    seen = browse(probe, tmp_path / "profile", "--dump-dom", "--window-size=500,900")
    width = re.search(r"<title>width (\d+)</title>", seen.stdout)
    assert width and int(width[1]) <= 500
    assert "CONSOLE" not in seen.stderr, seen.stderr[-500:]


def test_the_page_prints_on_a4(made: Path, tmp_path: Path) -> None:
    printed = tmp_path / "page.pdf"
    page = made / "case" / "report.html"
    browse(page, tmp_path / "profile", f"--print-to-pdf={printed}")
    boxes = re.findall(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed.read_bytes())
    assert 4 <= len(boxes) <= 12
    for width, height in boxes:
        assert float(width) == pytest.approx(A4[0], abs=1)
        assert float(height) == pytest.approx(A4[1], abs=1)
