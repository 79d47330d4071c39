"""What every provider's tests should show: how it is found, what it answers, and what it refuses."""

import re
from importlib.metadata import entry_points
from typing import Any

import pytest
from enrichcore_echo import Echo
from enrichcore_echo_cases import CASES

from enrichcore import Acceptance, Engine
from enrichcore.errors import ConfigError
from enrichcore.model import Hit, Method, Miss, Number
from enrichcore.testing import check_provider, run

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("name", {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}),
    ("linkedin", {"linkedin_id": "ada-lovelace"}),
    ("email", {"email": "ada@engines.example"}),
]
ALWAYS = {"fill_rate": 1}


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith(f"{Echo.__module__}:")]
    assert entry.name == Echo.name
    assert entry.load() is Echo


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test echo`."""
    check_provider(Echo, CASES).assert_ok()


@pytest.mark.parametrize(("method", "fields"), QUESTIONS)
def test_it_invents_a_fictional_number_by_every_method(method: str, fields: dict[str, Any]) -> None:
    answer = run(Echo, method=method, settings=ALWAYS, **fields)
    assert isinstance(answer, Hit)
    assert re.fullmatch(r"\+1 \d{3} 555 01\d\d", answer.numbers[0].raw)


@pytest.mark.parametrize(("method", "fields"), QUESTIONS)
def test_the_same_question_gets_the_same_answer(method: str, fields: dict[str, Any]) -> None:
    shouted = {key: value.upper() if value else value for key, value in fields.items()}
    assert run(Echo, method=method, settings=ALWAYS, **fields) == run(Echo, method=method, settings=ALWAYS, **shouted)


def test_the_fill_rate_is_the_share_of_people_it_knows() -> None:
    def known(rate: float | None) -> int:
        settings = {} if rate is None else {"fill_rate": rate}
        answers = [run(Echo, email=f"person{n}@engines.example", settings=settings) for n in range(200)]
        return sum(isinstance(answer, Hit) for answer in answers)

    assert known(0) == 0
    assert known(1) == 200
    assert 130 <= known(None) <= 170


def test_answers_can_be_scripted() -> None:
    answers = {"ada@engines.example": "+44 7700 900123", "ada-lovelace": "", "Ada Lovelace": "+44 20 7946 0123"}
    settings = {"answers": answers, "fill_rate": 0}
    assert run(Echo, email="ada@engines.example", settings=settings) == Hit(Number("+44 7700 900123"))
    assert run(Echo, linkedin_id="ada-lovelace", settings=settings | ALWAYS) == Miss()
    by_name = run(Echo, first_name="Ada", last_name="Lovelace", domain="engines.example", settings=settings)
    assert by_name == Hit(Number("+44 20 7946 0123"))


@pytest.mark.parametrize(
    "settings", [{"fill_rate": 2}, {"fill_rate": "most"}, {"answers": "+1 202 555 0143"}, {"fill_rat": 1}]
)
def test_a_wrong_setting_is_named(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"[providers.{Echo.name}]")) as caught:
        run(Echo, email="ada@engines.example", settings=settings)
    assert next(iter(settings)) in str(caught.value)


def test_the_engine_finds_a_number_with_it() -> None:
    """By its name, through the entry point, with its settings, as a user would."""
    settings, acceptance = {Echo.name: ALWAYS}, Acceptance(allow_fictional=True)
    with Engine(providers=[Echo.name], settings=settings, acceptance=acceptance, store="memory", env={}) as engine:
        result = engine.enrich_phone({"email": "ada@engines.example"})
    assert result.found
    assert result.provider == Echo.name
    assert result.method is Method.EMAIL
    assert result.cost == 0
