"""Figures as the report prints them."""


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def percents(pair: tuple[float, float] | None) -> str:
    return "" if pair is None else f"{100 * pair[0]:.1f} – {100 * pair[1]:.1f} %"


def interval(pair: tuple[float, float] | None) -> str:
    return "" if pair is None else f"{pair[0]:.3f} – {pair[1]:.3f}"
