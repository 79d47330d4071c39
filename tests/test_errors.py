"""The errors: one tree, whose fault each is, and no person in any message."""

import inspect
from pathlib import Path

import pytest

from enrichcore import errors
from enrichcore.errors import PROVIDER_ERRORS, EnrichcoreError, Fault, InvalidContact, ProviderError, ResultErrors
from enrichcore.model import Attempt, Method, Outcome

ALL = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, Exception)]
FAULTS = {
    "unsent": Fault.NETWORK,
    "maybe_sent": Fault.NETWORK,
    "rate_limited": Fault.VENDOR,
    "out_of_credits": Fault.ACCOUNT,
    "key_refused": Fault.ACCOUNT,
    "server_error": Fault.VENDOR,
    "request_refused": Fault.QUESTION,
    "unreadable": Fault.VENDOR,
    "job_failed": Fault.VENDOR,
    "plugin_fault": Fault.PLUGIN,
}


def test_every_error_has_one_root() -> None:
    assert all(issubclass(error, EnrichcoreError) for error in ALL)
    assert issubclass(InvalidContact, ValueError)


def test_the_tree_is_drawn_where_it_is_defined() -> None:
    """Each class is in the drawing, and the drawing has no other."""
    drawn = [line.split("─ ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "─ " in line]
    assert sorted([*drawn, "EnrichcoreError"]) == sorted(error.__name__ for error in ALL)


def test_the_drawing_shows_who_is_whose_child() -> None:
    last: dict[int, type[BaseException]] = {0: EnrichcoreError}
    for line in (errors.__doc__ or "").splitlines():
        if "─ " in line:
            before, _, after = line.partition("─ ")
            depth = len(before) // 4 + 1
            last[depth] = error = getattr(errors, after.split()[0])
            assert error.__mro__[1] is last[depth - 1], error


def test_what_a_provider_may_raise_is_a_closed_list_with_a_word_and_a_fault_each() -> None:
    assert {error.code: error.fault for error in PROVIDER_ERRORS} == FAULTS
    assert set(PROVIDER_ERRORS) == {error for error in ALL if issubclass(error, ProviderError)} - {ProviderError}


@pytest.mark.parametrize("error", PROVIDER_ERRORS)
def test_an_error_without_a_message_says_what_it_means(error: type[ProviderError]) -> None:
    assert str(error()) == error.__doc__
    assert str(error("the account is empty")) == "the account is empty"
    assert error("x", status=503).status == 503
    assert error().status is None


def test_what_the_vendor_said_comes_along() -> None:
    assert errors.RateLimited().retry_after is None
    assert errors.RateLimited("x", retry_after=2.5, status=429).retry_after == 2.5
    assert errors.JobFailed().billed is None
    assert errors.JobFailed("x", billed=True).billed is True


def test_an_invalid_contact_is_told_without_what_was_sent() -> None:
    error = InvalidContact("email", "text or None", "a value of type int")
    assert str(error) == "email: expected text or None, got a value of type int"
    assert (error.field, error.expected, error.got) == ("email", "text or None", "a value of type int")


def test_failed_attempts_are_told_without_the_person() -> None:
    failed = [
        Attempt(provider=name, method=Method.EMAIL, outcome=Outcome.ERROR, reason="unsent", phone="+12025550143")
        for name in ("acme", "bee")
    ]
    error = ResultErrors(tuple(failed))
    assert str(error) == "acme/email: unsent; bee/email: unsent"
    assert error.attempts == tuple(failed)


def test_the_names_that_people_import_are_the_same_classes() -> None:
    import enrichcore

    for error in ALL:
        if hasattr(enrichcore, error.__name__):
            assert getattr(enrichcore, error.__name__) is error


def test_every_error_code_is_one_word_for_machines() -> None:
    for error in PROVIDER_ERRORS:
        assert error.code.isidentifier()
        assert error.code == error.code.lower()
    assert Path(errors.__file__).name == "errors.py"
