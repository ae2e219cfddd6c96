"""Which words were seen and typed past."""

from core.passed_over import PassedOver


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def typing(look: float = 1.0) -> tuple[PassedOver, Clock]:
    clock = Clock()
    return PassedOver(look, clock), clock


def test_a_word_that_was_seen_and_typed_past_is_known_by_what_is_left_of_it() -> None:
    passed, clock = typing()
    passed.offered(" the light")
    clock.now += 1
    passed.typed(" ")
    assert passed.words == ("the",)
    passed.typed("t")
    assert passed.words == ("he",)
    passed.typed("r")
    assert passed.words == ()


def test_who_types_along_without_a_look_keeps_the_ghost() -> None:
    passed, clock = typing()
    passed.offered("the light")
    for key in "th":
        clock.now += 0.6
        passed.typed(key)
    assert passed.words == ()
    clock.now += 1
    passed.typed("e")  # it ended with that: nothing is left to be offered
    assert passed.words == ()


def test_a_ghost_that_grows_has_been_there_since_its_first_word() -> None:
    passed, clock = typing()
    passed.offered("light")
    clock.now += 0.7
    passed.offered("light falls")
    clock.now += 0.7
    passed.typed("l")
    assert passed.words == ("ight",)
    passed.offered("oud")
    clock.now += 0.7
    passed.typed("o")
    assert passed.words == ()


def test_several_are_remembered_as_long_as_they_fit() -> None:
    passed, _ = typing(look=0)
    for ghost, key in (("there", "t"), ("hese", "h"), ("at", "e")):
        passed.offered(ghost)
        passed.typed(key)
    assert passed.words == ("re", "se")
    passed.forget()
    assert passed.words == ()
