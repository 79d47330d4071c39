"""Columns are found by what people call them."""

import pytest

from enrichcore.bulk.columns import is_usable, map_columns, neutral, result_names


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("First Name", "first_name"),
        ("LAST-NAME", "last_name"),
        ("Surname", "last_name"),
        ("Company Website", "domain"),
        ("LinkedIn URL", "linkedin_id"),
        ("Email Address", "email"),
        ("E-mail", "email"),
        ("Record ID", "record_id"),
        ("Organisation", "company"),
        ("country", "country"),
    ],
)
def test_usual_spellings_are_known(name: str, field: str) -> None:
    assert map_columns((name,)) == {field: 0}


def test_the_fields_own_name_wins_over_an_alias() -> None:
    assert map_columns(("Work Email", "email"))["email"] == 1


def test_a_companys_linkedin_page_is_not_the_persons() -> None:
    assert "linkedin_id" not in map_columns(("Company LinkedIn URL",))


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    assert map_columns(("email", "email")) == {"email": 0}


@pytest.mark.parametrize(
    ("fields", "usable"),
    [
        ({"email"}, True),
        ({"linkedin_id"}, True),
        ({"first_name", "last_name", "domain"}, True),
        ({"first_name", "last_name"}, False),
        ({"company", "country", "record_id"}, False),
        (set(), False),
    ],
)
def test_a_method_needs_its_columns(fields: set[str], *, usable: bool) -> None:
    assert is_usable(fields) is usable


def test_a_taken_name_gets_a_prefix_until_it_is_free() -> None:
    names = result_names(("status", "enrichcore_status", "phone"), with_record_id=False, prefix="")
    assert names["status"] == "enrichcore_enrichcore_status"
    assert names["phone"] == "enrichcore_phone"
    assert names["reason"] == "reason"


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2", "@cmd", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert neutral(text) == "'" + text


def test_other_text_stays_as_it_is() -> None:
    assert neutral("not_reached") == "not_reached"
    assert neutral(None) is None
