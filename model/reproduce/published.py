"""Tables 1 to 5 as the paper prints them (AAAI 2025), in per cent.

The rows of other methods are quoted; they are not run here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OURS = "Ours"
_ABSENT = "-"


@dataclass(frozen=True)
class PublishedTable:
    """One of the paper's tables.

    title    its number and subject
    columns  names of the columns, in order
    rows     method -> its metrics by column; a column that the paper leaves empty is missing
    run_of   for the rows of the paper's own method: the name of the run that makes them

    Raises:
        ValueError: a row has a column that the table has not.
    """

    title: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, float]]
    run_of: Mapping[str, str]

    def __post_init__(self) -> None:
        for method, metrics in self.rows.items():
            unknown = set(metrics) - set(self.columns)
            if unknown:
                raise ValueError(
                    f"{method} has metrics of no column: {sorted(unknown)}"
                )


def _parse_rows(columns: tuple[str, ...], text: str) -> dict[str, dict[str, float]]:
    """Lines `method | metric metric -`, with the metrics in the order of the columns."""
    rows = {}
    for line in text.strip().splitlines():
        method, _, metrics = line.partition("|")
        values = zip(columns, metrics.split(), strict=True)
        rows[method.strip()] = {
            column: float(value) for column, value in values if value != _ABSENT
        }
    return rows


_ACCURACY_AUC = ("Acc.", "AUC")
_AP_AUC = ("AP", "AUC")
_KODF = ("KoDF Acc.", "KoDF AUC")
_BRANCHES = ("Acc._v", "AUC_v", "Acc._a", "AUC_a")
_CATEGORIES = ("RVFA", "FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL", "AVG-FV")

_ONE = _ACCURACY_AUC
_TWO = tuple(f"{category} {metric}" for category in _CATEGORIES for metric in _AP_AUC)
_THREE = _AP_AUC
_FOUR = (*_ACCURACY_AUC, *_BRANCHES, *_KODF)
_FIVE = (*_ACCURACY_AUC, *_KODF)

TABLES = {
    "table1": PublishedTable(
        "Table 1: within FakeAVCeleb",
        _ONE,
        _parse_rows(
            _ONE,
            """
            MDS (from AVGraph's paper) | 96.97 51.93
            AV-DFD (from AVGraph's paper) | 96.97 52.04
            BA-TFD (from AVGraph's paper) | 96.96 54.31
            MMtrace | 92.90 -
            MRDF-CE | 94.05 92.43
            AVFF | 98.60 99.10
            AVGraph | 99.84 99.94
            Ours | 99.84 99.98
        """,
        ),
        {OURS: "full"},
    ),
    "table2": PublishedTable(
        "Table 2: FakeAVCeleb, one category held out",
        _TWO,
        _parse_rows(
            _TWO,
            """
            AV-DFD | 74.9 73.3 97.0 97.4 99.6 99.7 58.4 55.4 100 100 88.8 88.1
            AVAD (LRS2) | 62.4 71.6 93.6 93.7 95.3 95.8 94.1 94.3 93.8 94.1 94.2 94.5
            AVAD (LRS3) | 70.7 80.5 91.1 93.0 91.0 92.3 91.6 92.7 91.4 93.1 91.3 92.8
            AVFF | 93.3 92.4 94.8 98.2 100 100 99.9 100 99.4 99.8 98.5 99.5
            Ours | 97.1 95.5 99.9 99.9 100 100 100 100 100 100 99.9 99.9
        """,
        ),
        {OURS: "leave-one-out"},
    ),
    "table3": PublishedTable(
        "Table 3: trained on FakeAVCeleb, tested on a subset of KoDF",
        _THREE,
        _parse_rows(
            _THREE,
            """
            Xception (V) | 76.9 77.7
            LipForensics (V) | 89.5 86.6
            FTCN (V) | 66.8 68.1
            RealForensics (V) | 95.7 93.6
            AV-DFD (AV) | 79.6 82.1
            AVAD (AV) | 87.6 86.9
            AVFF (AV) | 93.1 95.5
            Ours | 96.6 94.5
        """,
        ),
        {OURS: "full"},
    ),
    "table4": PublishedTable(
        "Table 4: each branch, and L_CMFM",
        _FOUR,
        _parse_rows(
            _FOUR,
            """
            audio branch | 55.2 79.6 - - 99.4 99.9 - -
            visual branch | 97.6 98.5 99.8 99.9 - - 61.5 93.6
            both, w/o L_CMFM | 99.8 99.9 99.8 99.9 99.7 100 75.0 90.1
            Ours | 99.8 99.9 99.8 99.9 100 100 92.0 94.5
        """,
        ),
        {
            "audio branch": "audio-branch",
            "visual branch": "visual-branch",
            "both, w/o L_CMFM": "no-matching",
            OURS: "full",
        },
    ),
    "table5": PublishedTable(
        "Table 5: losses and how prompts are added",
        _FIVE,
        _parse_rows(
            _FIVE,
            """
            Ours | 99.8 99.9 92.0 94.5
            w/o L_a | 99.5 99.9 73.5 86.9
            w/o L_v | 99.8 99.9 77.5 90.3
            VPT-replacing | 99.8 99.9 86.5 90.2
            segment-level loss | 99.9 99.9 90.0 90.6
        """,
        ),
        {
            OURS: "full",
            "w/o L_a": "no-audio-loss",
            "w/o L_v": "no-visual-loss",
            "VPT-replacing": "replacing",
            "segment-level loss": "segment-level",
        },
    ),
}
