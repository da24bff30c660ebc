"""The script of the checks, the hosted workflow and the README agree."""

import re
import subprocess

from tests.helpers.pages import ROOT, read_page

SCRIPT = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
STEPS = ("check", "test", "smoke")


def test_an_unknown_step_is_wrong_use() -> None:
    done = subprocess.run(
        [ROOT / ".ci" / "run", "everything"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "usage: .ci/run [check|test|smoke]\n"


def test_the_hosted_workflow_calls_every_step_of_the_script() -> None:
    (steps,) = re.findall(r"step: \[(.*)\]", WORKFLOW)
    assert tuple(steps.split(", ")) == STEPS
    assert ".ci/run ${{ matrix.step }}" in WORKFLOW


def test_the_contributing_page_names_every_step() -> None:
    page = read_page("docs/contributing.md").text
    assert all(f".ci/run {step} " in page for step in STEPS)


def test_the_script_runs_the_test_command_of_the_readme() -> None:
    install, test = read_page("README.md").blocks("sh")[1].text.strip().split(" && ")
    assert (
        install == "pip install '.[dev]'" and "pip install --quiet '.[dev]'\n" in SCRIPT
    )
    assert test == "pytest" and "run pytest\n" in SCRIPT


def test_smoke_runs_the_first_commands_of_the_readme() -> None:
    setup, demo = read_page("README.md").blocks("sh")[0].text.splitlines()
    make, enter, install = setup.split(" && ")
    assert (
        make.startswith("python3 -m venv ")
        and 'python3 -m venv "$scratch/venv"' in SCRIPT
    )
    assert enter.startswith(". ")
    assert install == "pip install ."
    assert "pip install --quiet .\n" in SCRIPT
    assert demo.startswith("avdf demo --out ") and "avdf demo --out " in SCRIPT
