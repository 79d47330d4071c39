"""The cure for the slow worldwide case: patterns are compiled once per process."""

import re
from types import ModuleType, SimpleNamespace

import phonenumbers
import pytest

from enrichcore.phone import read_number
from enrichcore.phone.pattern_cache import RememberingRe, keep_patterns


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every pattern that is asked of `re.compile` while the test runs."""
    asked: list[object] = []
    real = re.compile

    def compile_and_tell(pattern: str, flags: int = 0) -> re.Pattern[str]:
        asked.append(pattern)
        return real(pattern, flags)

    monkeypatch.setattr(re, "compile", compile_and_tell)
    return asked


def _world() -> list[str]:
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                found.append(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return found


def test_a_second_trip_round_the_world_compiles_nothing(compiled: list[object]) -> None:
    """More patterns than `re` remembers, and none of them is asked for again."""
    numbers = _world()
    for number in numbers:
        read_number(number)
    compiled.clear()
    for number in numbers:
        read_number(number)
    assert compiled == []


def test_the_world_needs_more_patterns_than_re_remembers() -> None:
    """The reason for all this: without it, this many patterns push each other out of the 512 places."""
    patterns = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        assert plan is not None
        for kind in (plan.general_desc, plan.fixed_line, plan.mobile):
            if kind is not None:
                patterns.add(kind.national_number_pattern)
    assert len(patterns) > 512


def test_the_stand_in_compiles_a_pattern_once(compiled: list[object]) -> None:
    """The same object every time; other flags are another pattern; a wrong pattern raises as ever."""
    remembering = RememberingRe()
    first = remembering.compile("a+b")
    assert remembering.compile("a+b") is first
    assert remembering.compile("a+b", re.IGNORECASE) is not first
    assert len(compiled) == 2
    with pytest.raises(re.error):
        remembering.compile("(")


def test_the_stand_in_is_re_in_everything_else() -> None:
    """The library calls more of `re` than compile."""
    remembering = RememberingRe()
    assert remembering.sub("a", "b", "aa") == "bb"
    assert remembering.IGNORECASE is re.IGNORECASE
    with pytest.raises(AttributeError):
        _ = remembering.no_such_thing


def test_a_library_that_can_keep_patterns_is_asked_to() -> None:
    """Since 9.0.43 the library has a switch; its insides are then left alone."""
    calls = []
    library = ModuleType("library")
    library.enable_pattern_cache = lambda: calls.append(1)  # type: ignore[attr-defined]
    library.phonenumberutil = SimpleNamespace(re=re)  # type: ignore[attr-defined]
    keep_patterns(library)
    assert calls == [1]
    assert library.phonenumberutil.re is re


def test_an_older_library_gets_the_stand_in_once() -> None:
    """Where there is no switch, the library's `re` is replaced; a second call keeps what was remembered."""
    library = ModuleType("library")
    library.phonenumberutil = SimpleNamespace(re=re)  # type: ignore[attr-defined]
    keep_patterns(library)
    stand_in = library.phonenumberutil.re
    assert isinstance(stand_in, RememberingRe)
    keep_patterns(library)
    assert library.phonenumberutil.re is stand_in
