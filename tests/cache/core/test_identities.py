"""Who is in a video, and the order in which identities are drawn."""

from avdf.cache import VideoInfo
from avdf.cache.core.identities import identity_of, in_hash_order, persons_of


def test_a_video_without_an_identity_is_a_person_of_its_own() -> None:
    assert identity_of(VideoInfo("a", "a")) == "a"
    assert identity_of(VideoInfo("a", "a", identity="p1")) == "p1"


def test_targets_count_as_persons_of_a_video() -> None:
    video = VideoInfo("a", "a", identity="p1", targets="p2 p3")
    assert persons_of(video) == {"p1", "p2", "p3"}


def test_the_hash_order_does_not_depend_on_the_order_of_the_input() -> None:
    names = [f"p{number}" for number in range(20)]
    assert in_hash_order(names, "0") == in_hash_order(reversed(names), "0")


def test_two_names_keep_their_order_when_others_are_added() -> None:
    few = in_hash_order(["a", "b", "c"], "0")
    many = in_hash_order(["a", "b", "c", "d", "e", "f"], "0")
    assert [name for name in many if name in few] == few


def test_another_salt_gives_another_order() -> None:
    names = [f"p{number}" for number in range(20)]
    assert in_hash_order(names, "0") != in_hash_order(names, "1")
