"""A baseline of a few measures and a logistic regression, fitted on the training videos."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.logistic import sigmoid
from avdf.model.peers.footage import PeerExample, PeerFootage
from avdf.model.peers.protocol import PeerDescription, Takes
from avdf.model.scoring.probabilities import NOT_SCORED, Probabilities
from avdf.model.verdicts import PerVerdict, Verdict

Array = npt.NDArray[np.float64]

_PENALTY = 1.0  # scikit-learn's C: the inverse of the strength of the L2 penalty
_STEPS = 1000


class LogisticBaseline(ABC):
    """Measures of each window, standardised, and a logistic regression with an L2 penalty.

    Both classes have the same weight, however many windows each has. The verdict on the video is
    that on the part which is looked at, as for a run with one branch.

    name     for tables
    version  changes when the same windows would give other scores
    takes    `picture` or `sound`
    verdict  whose labels are learned
    """

    name: ClassVar[str]
    version: ClassVar[str]
    takes: ClassVar[Takes]
    verdict: ClassVar[Verdict]

    def __init__(self) -> None:
        self._mean: Array | None = None
        self._scale: Array | None = None
        self._weights: Array | None = None
        self._intercept = 0.0
        self._fitted_on = ""

    @abstractmethod
    def measures(self, footage: PeerFootage) -> Array:
        """(k,) finite measures of a window that has what the baseline takes."""

    def describe(self) -> PeerDescription:
        """Its name and what it judges; once it is fitted, on how many windows."""
        return PeerDescription(
            name=self.name,
            version=self.version,
            judges=(self.verdict, "video"),
            takes=self.takes,
            notes=(self._fitted_on,) if self._fitted_on else (),
        )

    def fit(self, examples: Iterable[PeerExample]) -> None:
        """Learn from windows whose label of this verdict is known.

        Raises:
            ValueError: real or fake windows are missing.
        """
        from sklearn.linear_model import LogisticRegression

        rows, labels = [], []
        for example in examples:
            label = example.labels[self.verdict]
            if label in (REAL, FAKE) and self._sees(example.footage):
                rows.append(self.measures(example.footage))
                labels.append(label)
        real, fake = labels.count(REAL), labels.count(FAKE)
        if not real or not fake:
            raise ValueError(
                f"{self.name} needs real and fake training windows of the {self.verdict} "
                f"verdict; there are {real} real and {fake} fake"
            )
        table = np.stack(rows)
        mean, scale = table.mean(axis=0), table.std(axis=0)
        # A measure that is the same everywhere says nothing; it is not blown up by its rounding.
        scale[scale < 1e-9] = np.inf
        model = LogisticRegression(
            C=_PENALTY, class_weight="balanced", max_iter=_STEPS
        ).fit((table - mean) / scale, labels)
        self._mean, self._scale = mean, scale
        self._weights = np.asarray(model.coef_[0], np.float64)
        self._intercept = float(model.intercept_[0])
        self._fitted_on = (
            f"a logistic regression of {table.shape[1]} measures of a window, fitted on {real} "
            f"real and {fake} fake training windows"
        )

    def score(self, footage: Sequence[PeerFootage]) -> list[Probabilities]:
        """P(fake) of each window.

        Raises:
            ValueError: the baseline was not fitted.
        """
        if self._weights is None or self._mean is None or self._scale is None:
            raise ValueError(f"{self.name} was not fitted")
        answers = []
        for one in footage:
            if not self._sees(one):
                answers.append(NOT_SCORED)
                continue
            standard = (self.measures(one) - self._mean) / self._scale
            logit = np.array(standard @ self._weights + self._intercept)
            answers.append(self._answer(float(sigmoid(logit))))
        return answers

    def _answer(self, p: float) -> Probabilities:
        given = (self.verdict, "video")
        return PerVerdict.of(lambda name: p if name in given else None)

    def _sees(self, footage: PeerFootage) -> bool:
        return footage.has_picture if self.takes == "picture" else footage.has_sound
