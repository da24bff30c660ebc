"""Which of the periods that a dataset lists a verdict should find."""

from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import Period
from avdf.model.evaluation.true_intervals import true_intervals, unexplained
from avdf.model.verdicts import Verdict

WHOLE, PART, APART = Period(1.0, 3.0), Period(1.5, 2.0, FAKE, REAL), Period(5.0, 6.0)

labels = st.sampled_from([REAL, FAKE, UNKNOWN])
periods = st.lists(
    st.builds(
        lambda start, length, visual, audio: Period(
            start, start + length, visual, audio
        ),
        st.integers(0, 8),
        st.integers(0, 5),
        labels,
        labels,
    ),
    max_size=8,
)


def spans(found: list[Period], verdict: Verdict) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in true_intervals(found, verdict)]


def test_a_modality_finds_the_periods_in_which_it_is_fake() -> None:
    assert spans([PART], "visual") == [(1.5, 2.0)]
    assert spans([PART], "audio") == []


def test_the_video_finds_every_period() -> None:
    assert spans([PART, APART], "video") == [(1.5, 2.0), (5.0, 6.0)]


def test_the_video_finds_the_whole_and_not_its_parts() -> None:
    assert spans([WHOLE, PART], "video") == [(1.0, 3.0)]


def test_equal_periods_count_once() -> None:
    assert spans(
        [Period(1.0, 2.0, FAKE, REAL), Period(1.0, 2.0, REAL, FAKE)], "video"
    ) == [(1.0, 2.0)]


def test_an_empty_period_is_not_to_be_found() -> None:
    assert spans([Period(1.0, 1.0, FAKE, FAKE)], "video") == []


def test_a_true_interval_is_certain() -> None:
    (found,) = true_intervals([PART], "visual")
    assert found.score == 1.0


def test_a_whole_beside_its_parts_leaves_nothing_unknown() -> None:
    assert unexplained((WHOLE, PART), "visual") == ()
    assert unexplained((WHOLE, PART), "audio") == ()


def test_a_whole_without_parts_leaves_its_modalities_unknown() -> None:
    assert unexplained((WHOLE, PART, APART), "audio") == (APART,)


def test_a_known_modality_leaves_nothing_unknown() -> None:
    assert unexplained((Period(1.0, 2.0, FAKE, UNKNOWN),), "visual") == ()


def test_every_period_says_that_the_video_is_manipulated() -> None:
    assert unexplained((WHOLE, APART), "video") == ()


@given(periods)
def test_unexplained_periods_meet_no_known_one(found: list[Period]) -> None:
    known = [one for one in found if one.visual != UNKNOWN]
    expected = [
        one
        for one in found
        if one.visual == UNKNOWN
        and not any(other.start < one.end and other.end > one.start for other in known)
    ]
    assert list(unexplained(found, "visual")) == expected


@given(periods)
def test_the_video_leaves_out_what_lies_within_a_whole(found: list[Period]) -> None:
    found = [one for one in found if one.end > one.start]
    wholes = [one for one in found if FAKE not in (one.visual, one.audio)]
    wanted = [
        one
        for one in found
        if one in wholes
        or not any(
            whole.start <= one.start and one.end <= whole.end for whole in wholes
        )
    ]
    assert set(spans(found, "video")) == {(one.start, one.end) for one in wanted}
