"""Lists on the pages are those of the code: columns, statuses, protocols, perturbations, ..."""

import re

import pytest

from avdf.cache.shards.schema import COLUMNS, PERIOD_COLUMNS, VIDEO_TEXTS
from avdf.model.evaluation.exports import EXPORTS
from avdf.model.forging.catalogue import FORGERS, forger_names
from avdf.model.protocols.registry import PROTOCOLS
from avdf.model.scoring import rows
from avdf.pipeline.job import video_row
from avdf.pipeline.perturbations.catalogue import PERTURBATIONS
from avdf.pipeline.perturbations.perturbation import LEVELS
from avdf.pipeline.sources.registry import ADAPTERS
from tests.helpers.names import source_files
from tests.helpers.pages import cells, read_page

_CODE = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STATUS = re.compile(r'(?:MediaError\(\s*|Unprepared\(\w+, |failed\(\w+, )"(\w+)"')


def first_cells(page: str, header: str) -> list[str]:
    """What stands in backticks in the first column of the table with a header, in order."""
    _, _, table = read_page(page).prose.partition(f"\n{header}\n")
    found: list[str] = []
    for line in table.split("\n\n")[0].splitlines()[1:]:
        for code in _CODE.findall(cells(line)[0]):
            found += re.split(r",? ", code)
    return found


def test_scoring_lists_the_columns_of_the_scores() -> None:
    listed = first_cells("docs/scoring.md", "| columns | meaning |")
    described = re.search(r"so do `([^`]+)`", read_page("docs/scoring.md").text)
    assert described
    assert {*listed, *described[1].split(", ")} == set(rows.VIDEO_COLUMNS)


def test_scoring_lists_the_columns_of_segments() -> None:
    assert f"`{', '.join(rows.SEGMENT_COLUMNS)}`" in read_page("docs/scoring.md").text


def test_preparation_lists_the_columns_of_its_table() -> None:
    listed = first_cells("docs/prep.md", "| columns | meaning |")
    assert set(listed) == set(video_row.VIDEO_COLUMNS)


def test_preparation_lists_every_status() -> None:
    listed = first_cells("docs/prep.md", "| status | meaning |")
    in_code = {"ok"}
    for path in source_files():
        in_code.update(_STATUS.findall(path.read_text(encoding="utf-8")))
    assert set(listed) == in_code


@pytest.mark.parametrize("column", [*VIDEO_TEXTS, *COLUMNS, *PERIOD_COLUMNS])
def test_shards_lists_every_column(column: str) -> None:
    table, _, name = column.rpartition("/")
    lines = read_page("docs/shards.md").prose.splitlines()
    (row,) = [line for line in lines if line.startswith(f"| `/{table or 'videos'}` |")]
    listed = " ".join(_CODE.findall(row)).split()
    assert name in listed


def test_evaluation_lists_every_protocol() -> None:
    listed = first_cells("docs/evaluation.md", "| name | how videos are assigned |")
    names = {name.partition("/")[0] for name in listed}
    assert set(PROTOCOLS) <= names


def test_evaluation_lists_the_values_of_every_perturbation() -> None:
    lines = read_page("docs/evaluation.md").prose.splitlines()
    for name, perturbation in PERTURBATIONS.items():
        (row,) = [line for line in lines if line.startswith(f"| `{name}` |")]
        listed = [float(number) for number in _NUMBER.findall(row)]
        values = [float(value) for value in perturbation.values]
        # Other numbers of the row, as in `4:2:0`, may come before or after the five levels.
        runs = [listed[start : start + LEVELS] for start in range(len(listed))]
        assert values in runs, name


def test_evaluation_lists_every_export() -> None:
    assert first_cells("docs/evaluation.md", "| `--export` | files |") == list(EXPORTS)


def test_datasets_lists_every_adapter() -> None:
    listed = first_cells("docs/datasets.md", "| name | recognised by | labels |")
    assert set(ADAPTERS) == set(listed) - {".csv"}


def test_generalisation_lists_every_forger_with_its_labels() -> None:
    page = read_page("docs/generalisation.md").prose
    for forger in FORGERS:
        (line,) = (
            row for row in page.splitlines() if row.startswith(f"| `{forger.name}` |")
        )
        fake = cells(line)[2].split(", ")
        labels = {name: int(name in fake) for name in ("visual", "audio", "video")}
        assert labels == dict(forger.labels.items()), forger.name
    listed = first_cells(
        "docs/generalisation.md", "| name | what is changed | labelled fake |"
    )
    assert tuple(listed) == forger_names()
