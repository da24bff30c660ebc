"""Figures as the report prints them; a dash, or nothing, where there is none."""

Range = tuple[float, float]


def percent(value: float | None) -> str:
    """`93.5 %`."""
    return "–" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """`0.983`."""
    return "–" if value is None else f"{value:.3f}"


def told_apart(value: float, limit: float) -> tuple[str, str]:
    """Both in three digits; in more where different numbers would read alike: `0.4953, 0.4954`."""
    for digits in range(3, 17):
        texts = f"{value:.{digits}f}", f"{limit:.{digits}f}"
        if texts[0] != texts[1] or value == limit:
            break
    return texts


def p_value(value: float | None) -> str:
    """`0.034`, `2.1e-05`: small ones keep two digits."""
    if value is None:
        return "–"
    return f"{value:.3f}" if value >= 0.001 or value == 0 else f"{value:.1e}"


def percents(pair: Range | None) -> str:
    """`84.8 – 100.0 %`; '' where there is no confidence interval."""
    if pair is None:
        return ""
    low, high = pair
    return f"{100 * low:.1f} – {100 * high:.1f} %"


def interval(pair: Range | None) -> str:
    """`0.946 – 1.000`; '' where there is no confidence interval."""
    if pair is None:
        return ""
    low, high = pair
    return f"{low:.3f} – {high:.3f}"


def some_spans(
    spans: list[Range],
    most: int,
    dash: str = "–",
) -> str:
    """`0.00–0.80 s, 1.20–1.60 s and 2 more`.

    Args:
        dash: between start and end; a terminal may not have the one of print.
    """
    texts = [f"{start:.2f}{dash}{end:.2f} s" for start, end in spans[:most]]
    shown = ", ".join(texts)
    more = len(spans) - most
    return f"{shown} and {more} more" if more > 0 else shown
