"""P(fake) of each verdict, and the values of a row that has no scores."""

from avdf.model.verdicts import PerVerdict

Probabilities = PerVerdict[float | None]  # P(fake) in [0, 1]; None: not scored

NOT_SCORED: Probabilities = PerVerdict(None, None, None)
NO_VERDICTS = PerVerdict("", "", "")
