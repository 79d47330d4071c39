"""Which column means what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from enrichcore_directory import Directory
from enrichcore_directory.columns import map_columns

from enrichcore.errors import ConfigError
from enrichcore.model import Hit, Miss
from enrichcore.testing import run

Ask = Callable[..., Hit | Miss]
Write = Callable[..., Path]
Opened = Callable[..., Directory]


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("First Name,Last Name,Account Name,E-mail Address,Mobile Phone,Business Phone",
         "first_name last_name company email mobile phone"),
        ("Prénom,Nom,Société,Courriel,Portable,Ligne directe", "first_name last_name company email mobile direct"),
        ("Vorname;Name;Firma;E-Mail;Handy;Durchwahl;Zentrale",
         "first_name last_name company email mobile direct company_phone"),
        ("Full Name|Organisation|Website|Phone Number", "name company domain phone"),
        ("givenname\tsurname\tLinkedIn URL\tTelephone\tCountry", "first_name last_name linkedin_id phone country"),
    ],
)  # fmt: skip
def test_names_of_columns_are_known_in_several_languages(header: str, roles: str) -> None:
    delimiter = next(mark for mark in ",;\t|" if mark in header)
    assert set(map_columns(header.split(delimiter), {}).places) == set(roles.split())


def test_numbered_columns_are_all_used() -> None:
    """As address books write them: `Phone 1 - Value`, `E-mail 2 - Value`."""
    names = ["Name", "E-mail 1 - Value", "E-mail 2 - Value", "Phone 1 - Value", "Phone 2 - Value", "Phone 1 - Type"]
    assert map_columns(names, {}).places == {"name": (0,), "email": (1, 2), "phone": (3, 4)}


def test_a_fax_is_no_phone() -> None:
    assert "phone" not in map_columns(["Email", "Fax", "Business Fax", "Fax Number"], {}).places


def test_other_columns_are_named_in_the_settings(write: Write, ask: Ask) -> None:
    path = write(
        "Kontakt,Betrieb,Post,Rufnummer 1,Rufnummer 2\nAda Lovelace,Engines,a@e.example,+447700900123,202 555 0143\n"
    )
    columns = {"name": "Kontakt", "company": "betrieb", "email": ["Post"], "mobile": ["Rufnummer 1", "Rufnummer 2"]}
    answer = ask(path, {"columns": columns}, first_name="Ada", last_name="Lovelace", company="Engines")
    assert isinstance(answer, Hit)
    assert [(n.raw, n.type) for n in answer.numbers] == [("+447700900123", "mobile"), ("202 555 0143", "mobile")]
    assert ask(path, {"columns": columns}, email="a@e.example") == answer


def test_a_named_column_is_not_also_what_its_name_says(write: Write, ask: Ask) -> None:
    path = write("email,phone,tel\na@e.example,+447700900123,+447700900124\n")
    answer = ask(path, {"columns": {"phone": "tel"}}, email="a@e.example")
    assert isinstance(answer, Hit)
    assert [n.raw for n in answer.numbers] == ["+447700900124"]


@pytest.mark.parametrize(
    ("header", "settings", "message"),
    [
        ("owner,phone", {}, "no column says who a person is.*'owner', 'phone'"),
        ("first_name,company,phone", {}, "no column says who"),
        ("name,phone", {}, "no column says who"),
        ("email,owner", {}, "no column holds phone numbers.*'email', 'owner'.*columns = "),
        ("email,phone", {"columns": {"phone": "Natel"}}, r"columns.phone names 'Natel'; there are 'email', 'phone'"),
        ("email,phone", {"columns": {"cell": "phone"}}, "expected only first_name, .* got 'cell'"),
        ("email,phone", {"columns": {"phone": 3}}, "columns.phone: expected the name of a column"),
        ("email,phone", {"columns": "phone"}, "columns: expected a table"),
        ("email,phone", {"refresh": "daily"}, "refresh: expected a duration such as 30m, 12h or 1d, got 'daily'"),
        ("email,phone", {"encoding": "utf-7000"}, "encoding: expected a name such as"),
        ("email,phone", {"index": 7}, "index: expected the path of a file, got 7"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_way_out(
    write: Write, opened: Opened, header: str, settings: dict[str, object], message: str
) -> None:
    path = write(f"{header}\na,b,c\n")
    with pytest.raises(ConfigError, match=message):
        opened(path, **settings)


def test_settings_without_a_path_fail_at_setup_only() -> None:
    """The engine gives every installed provider its settings, also those that take no part."""
    with pytest.raises(ConfigError, match=r"\[providers.directory\] needs a path"):
        run(Directory, email="ada@engines.example")
