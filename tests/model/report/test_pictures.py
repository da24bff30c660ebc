"""Small pictures of the report: elements of SVG, strips of cells, one video over time."""

import base64
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.report import svg
from avdf.model.report.evidence import Evidence, TrackSpan, choose_crops
from avdf.model.report.score_strip import heat, strip
from avdf.model.report.style import COLOURS, SYNC_COLOUR
from avdf.model.report.timeline_figure import (
    NO_CURVE,
    Curve,
    VideoTimeline,
    draw_timeline,
    legend,
)
from avdf.model.scoring.rows import SegmentRow
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict

RED, BLUE, PALE, WHITE = [187, 62, 3], [42, 111, 151], [240, 236, 228], [255, 255, 255]


def test_a_png_keeps_its_colours() -> None:
    image = np.array([[RED, BLUE]], np.uint8)
    data = base64.b64decode(svg.png(image).partition(",")[2])
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.asarray(decoded)[..., ::-1].tolist() == image.tolist()


def test_a_jpeg_is_a_data_uri() -> None:
    assert svg.jpeg(np.zeros((8, 8, 3), np.uint8)).startswith(
        "data:image/jpeg;base64,/9j/"
    )


def test_a_box_can_be_seen_however_short() -> None:
    assert 'width="1.0"' in svg.box(0, 0, 0.01, 4, "red")


def test_words_are_escaped() -> None:
    assert "&lt;b&gt;" in svg.text(0, 0, "<b>", "end")


def test_a_polyline_goes_through_its_points() -> None:
    assert 'points="0.0,1.0 2.5,3.0"' in svg.polyline([(0, 1), (2.5, 3)], "red")


@pytest.mark.parametrize(
    ("probability", "colour"),
    [
        (1.0, RED),
        (0.0, BLUE),
        (0.5, PALE),
        (float("nan"), WHITE),
    ],
)
def test_heat_goes_from_blue_over_pale_to_red(
    probability: float,
    colour: list[int],
) -> None:
    assert heat(np.array([probability]))[0].tolist() == colour


def rows(count: int) -> list[SegmentRow]:
    return [
        SegmentRow("a", n, n + 1, PerVerdict(0.5, None, 1.0), None)
        for n in range(count)
    ]


def test_a_strip_has_a_cell_for_each_segment() -> None:
    assert 'width="18" height="21"' in strip(rows(3))


def test_the_strip_of_a_long_video_has_sixty_cells() -> None:
    assert 'width="360" height="21"' in strip(rows(1000))


def test_a_strip_says_what_it_shows() -> None:
    assert "P(fake) of 3 segments: visual, audio, video" in strip(rows(3))


TIMES = np.arange(50) / 25
HIGH = Curve(TIMES, np.full(50, 0.9))
EMPTY = Curve(TIMES, np.full(50, np.nan))
EVIDENCE = Evidence(
    start=0.0,
    end=2.0,
    times=(0.0, 1.0),
    crops=np.zeros((2, 8, 8, 3), np.uint8),
    mel=np.random.default_rng(0).random((80, 200), np.float32),
    faces=(),
)
CONTENT = VideoTimeline(
    evidence=EVIDENCE,
    probability=PerVerdict.same(HIGH),
    distance=HIGH,
    sync=NO_CURVE,
    thresholds=Thresholds(),
    suspect=PerVerdict[tuple[TimeInterval, ...]].same(()),
    known=(),
)


def test_every_judged_verdict_and_the_distance_are_lines() -> None:
    assert draw_timeline(CONTENT).count("<polyline") == 4


def test_a_verdict_that_was_not_judged_has_no_line_and_no_threshold() -> None:
    probability = PerVerdict(visual=HIGH, audio=EMPTY, video=HIGH)
    figure = draw_timeline(replace(CONTENT, probability=probability))
    assert figure.count("<polyline") == 3
    assert figure.count("stroke-dasharray") == 2
    assert COLOURS.audio not in figure


def test_without_a_distance_its_label_is_left_out() -> None:
    assert ">distance<" in draw_timeline(CONTENT)
    assert ">distance<" not in draw_timeline(replace(CONTENT, distance=EMPTY))


def test_a_line_is_broken_where_there_is_no_value() -> None:
    values = HIGH.values.copy()
    values[20:25] = np.nan
    figure = draw_timeline(replace(CONTENT, distance=Curve(TIMES, values)))
    assert figure.count("<polyline") == 5


def test_a_suspect_interval_is_a_bar_at_its_time() -> None:
    suspect = PerVerdict[tuple[TimeInterval, ...]](
        visual=(),
        audio=(),
        video=(TimeInterval(0.5, 1.0, 0.9),),
    )
    figure = draw_timeline(replace(CONTENT, suspect=suspect))
    (bar,) = re.findall(
        rf'<rect x="([0-9.]+)"[^>]*width="([0-9.]+)".*?{COLOURS.video}', figure
    )
    assert bar == ("246.0", "180.0")


def heights_of_sync(figure: str) -> list[float]:
    """Pixels from the top of the figure, of each point of synchrony over time."""
    (line,) = re.findall(rf'<polyline points="([^"]+)"[^>]*{SYNC_COLOUR}', figure)
    return [float(pair.split(",")[1]) for pair in line.split()]


# The row of synchrony, in pixels, below crops, log-mel, P(fake) with its bars, and the distance.
SYNC_TOP = (72 + 6) + (64 + 6) + (84 + 18) + (42 + 6)
SYNC_HEIGHT = 42


def test_synchrony_has_a_row_of_its_own() -> None:
    values = np.linspace(-0.4, 0.1, 50)
    figure = draw_timeline(replace(CONTENT, sync=Curve(TIMES, values)))
    heights = heights_of_sync(figure)
    # From -0.4 at the lower end of the row to 0.1 at the upper one.
    wanted = SYNC_TOP + SYNC_HEIGHT * (0.1 - values) / 0.5
    assert heights == pytest.approx(wanted.tolist(), abs=0.051)
    assert ">synchrony<" in figure and ">together<" in figure


def test_the_threshold_of_synchrony_is_a_dashed_line() -> None:
    sync = Curve(TIMES, np.linspace(-0.4, 0.1, 50))
    figure = draw_timeline(replace(CONTENT, sync=sync, sync_line=-0.15))
    (line,) = re.findall(rf'<line [^>]*y1="([0-9.]+)"[^>]*{SYNC_COLOUR}', figure)
    assert float(line) == pytest.approx(SYNC_TOP + SYNC_HEIGHT / 2, abs=0.051)


def test_a_threshold_outside_the_values_is_in_the_row() -> None:
    sync = Curve(TIMES, np.full(50, -0.1))
    figure = draw_timeline(replace(CONTENT, sync=sync, sync_line=-0.4))
    (line,) = re.findall(rf'<line [^>]*y1="([0-9.]+)"[^>]*{SYNC_COLOUR}', figure)
    assert float(line) == SYNC_TOP + SYNC_HEIGHT
    assert heights_of_sync(figure) == pytest.approx([SYNC_TOP + SYNC_HEIGHT / 4] * 50)


def test_without_synchrony_its_row_takes_no_place() -> None:
    unknown = Curve(TIMES, np.full(50, np.nan))
    known = Curve(TIMES, np.full(50, -0.2))
    heights = []
    for sync in (NO_CURVE, unknown, known):
        figure = draw_timeline(replace(CONTENT, sync=sync, sync_line=-0.1))
        assert (SYNC_COLOUR in figure) == (sync is known)
        (height,) = re.findall(r'viewBox="0 0 800 (\d+)"', figure)
        heights.append(int(height))
    assert heights == [312, 312, 360]


def test_known_periods_lie_behind_the_curves() -> None:
    figure = draw_timeline(replace(CONTENT, known=[TimeInterval(0.0, 2.0, 1.0)]))
    assert figure.index("<rect") < figure.index("<polyline")


@pytest.mark.parametrize(
    ("end", "ticks"),
    [
        (2.0, ["0", "0.5", "1", "1.5", "2"]),
        (0.4, ["0", "0.1", "0.2", "0.3", "0.4"]),
        (3600.0, ["0", "600", "1200", "1800", "2400", "3000", "3600"]),
    ],
)
def test_the_axis_is_marked_at_round_seconds(end: float, ticks: list[str]) -> None:
    figure = draw_timeline(replace(CONTENT, evidence=replace(EVIDENCE, end=end)))
    assert re.findall(r">([0-9.]+) s</text>", figure) == ticks


def test_the_legend_names_verdicts_and_the_distance() -> None:
    words = re.findall(r"</span> ([a-z ]+?)(?= <| \(|$)", legend())
    assert words == ["video", "visual", "audio", "cosine distance"]


def test_the_legend_explains_synchrony_where_it_is_shown() -> None:
    assert "synchrony" in legend(with_sync=True) and SYNC_COLOUR not in legend()


def test_ten_crops_are_spread_over_a_track() -> None:
    chosen = choose_crops([TrackSpan(0.0, 100)], 4.0)
    assert [place and place.row for place in chosen] == [
        5,
        15,
        25,
        35,
        45,
        55,
        65,
        75,
        85,
        95,
    ]


def test_no_crop_is_shown_where_no_face_was_followed() -> None:
    chosen = choose_crops([TrackSpan(0.0, 20), TrackSpan(3.0, 25)], 4.0)
    assert [place is None for place in chosen[2:7]] == [True] * 5
    assert chosen[0] and chosen[0].track == 0 and chosen[9] and chosen[9].track == 1


def test_a_short_track_is_shown_before_a_long_one_is_shown_again() -> None:
    chosen = choose_crops([TrackSpan(0.0, 100), TrackSpan(2.1, 3)], 4.0)
    assert 1 in {place.track for place in chosen if place}
