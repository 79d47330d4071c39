"""Exports of the usual systems are read without a flag, and every column of theirs comes out again."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from enrichcore.bulk.columns import columns_of

Enrich = Callable[..., Any]

EXPORTS = {
    "HubSpot": (
        (
            '"Record ID","First Name","Last Name","Email","Phone Number","Mobile Phone Number","Job Title",'
            '"Contact owner",'
            '"Associated Company","Website URL","Country/Region","Lead Status","Create Date"'
        ),
        (
            '"901","Amara","Okafor","amara@known.example","","","Head of Operations","Priya Nair",'
            '"Brightwater Logistics",'
            '"https://brightwater.example","United States","NEW","2026-03-02 09:14"'
        ),
        {
            "record_id": "901",
            "first_name": "Amara",
            "last_name": "Okafor",
            "email": "amara@known.example",
            "company": "Brightwater Logistics",
            "domain": "https://brightwater.example",
            "country": "United States",
        },
        ["Phone Number", "Mobile Phone Number"],
    ),
    "Salesforce, a report": (
        (
            '"Contact ID","First Name","Last Name","Account Name","Account ID","Title","Email","Phone","Mobile",'
            '"Mailing Country","Account Owner"'
        ),
        (
            '"0038d00000A1b2C","Liam","Gallagher-Byrne","Clover & Sons","0018d00000Zz9Y8","Buyer",'
            '"liam@known.example","","",'
            '"Ireland","Tom Reed"'
        ),
        {
            "record_id": "0038d00000A1b2C",
            "first_name": "Liam",
            "last_name": "Gallagher-Byrne",
            "company": "Clover & Sons",
            "email": "liam@known.example",
            "country": "Ireland",
        },
        ["Phone", "Mobile"],
    ),
    "Salesforce, the data loader": (
        '"ID","FIRSTNAME","LASTNAME","NAME","ACCOUNT.NAME","ACCOUNT.WEBSITE","EMAIL","MOBILEPHONE","MAILINGCOUNTRY"',
        (
            '"0038d00000A1b2D","Noor","van den Berg","Noor van den Berg","Polder BV","polder.example",'
            '"noor@known.example","",'
            '"NL"'
        ),
        {
            "record_id": "0038d00000A1b2D",
            "first_name": "Noor",
            "last_name": "van den Berg",
            "company": "Polder BV",
            "domain": "polder.example",
            "email": "noor@known.example",
            "country": "NL",
        },
        ["MOBILEPHONE"],
    ),
    "Apollo": (
        (
            "First Name,Last Name,Title,Company Name,Company Name for Emails,Email,Email Status,Work Direct Phone,"
            "Home Phone,"
            "Mobile Phone,Corporate Phone,Other Phone,Stage,# Employees,Industry,Person Linkedin Url,Website,"
            "Company Linkedin Url,City,Country,Company Phone,Apollo Contact Id,Apollo Account Id"
        ),
        (
            "Grace,Adeyemi,Controller,Brightwater Logistics Inc.,Brightwater Logistics,grace@known.example,Verified,,,,"
            "'+1 202-555-0100,,Cold,240,logistics,http://www.linkedin.com/in/grace-adeyemi,http://www.brightwater.example,"
            "http://www.linkedin.com/company/brightwater,Denver,United States,'+1 202-555-0100,66f0aa,55e0bb"
        ),
        {
            "record_id": "66f0aa",
            "first_name": "Grace",
            "last_name": "Adeyemi",
            "company": "Brightwater Logistics Inc.",
            "domain": "http://www.brightwater.example",
            "email": "grace@known.example",
            "linkedin_id": "http://www.linkedin.com/in/grace-adeyemi",
            "country": "United States",
        },
        ["Work Direct Phone", "Home Phone", "Mobile Phone", "Other Phone"],
    ),
    "Clay": (
        "Find people,Full Name,Job Title,Company Domain,Location,LinkedIn Profile,Company Table Data,Work Email",
        (
            '✅ Found,"Dr. Maria Nowak, PhD",CTO,wisla.example,"Kraków, Poland",https://www.linkedin.com/in/maria-nowak/,'
            "wisla,maria@known.example"
        ),
        {
            "first_name": "Maria",
            "last_name": "Nowak",
            "domain": "wisla.example",
            "email": "maria@known.example",
            "linkedin_id": "https://www.linkedin.com/in/maria-nowak/",
        },
        [],
    ),
    "a French one": (
        "Prénom;Nom de famille;Société;Courriel;Téléphone;Pays",
        "Zoé;Lefèvre;Lumière SARL;zoe@known.example;;France",
        {
            "first_name": "Zoé",
            "last_name": "Lefèvre",
            "company": "Lumière SARL",
            "email": "zoe@known.example",
            "country": "France",
        },
        ["Téléphone"],
    ),
}


def _read(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=";" if ";" in line and "," not in line else ","))


@pytest.mark.parametrize("system", EXPORTS)
def test_an_export_is_mapped_without_a_flag(system: str) -> None:
    head, row, contact, phones = EXPORTS[system]
    names, values = tuple(_read(head)), _read(row)
    columns = columns_of(names)
    assert columns.usable
    assert columns.contact(values) == contact
    assert [names[index] for index in columns.phones] == phones
    assert not columns.has_phone(values)


@pytest.mark.parametrize("system", EXPORTS)
def test_an_export_comes_out_with_its_own_columns_first_and_a_number_at_the_end(enrich: Enrich, system: str) -> None:
    """It goes back to where it came from: nothing of it has changed, and the delimiter is the same."""
    head, row, _, _ = EXPORTS[system]
    done = enrich(f"{head}\r\n{row}\r\n".encode())
    delimiter = ";" if system == "a French one" else ","
    names, values = list(csv.reader(io.StringIO(done.data.decode(), newline=""), delimiter=delimiter))
    assert names[: len(_read(head))] == _read(head)
    assert values[: len(_read(row))] == _read(row)
    assert dict(zip(names, values, strict=True))["status"] == "found"
    assert any(note.startswith("columns read as: ") for note in done.notes)


# --- back again -------------------------------------------------------------------------------------------------------

IMPORTS = {
    "HubSpot": ("Record ID", "901"),
    "Salesforce, a report": ("Contact ID", "0038d00000A1b2C"),
    "Salesforce, the data loader": ("ID", "0038d00000A1b2D"),
    "Apollo": ("Apollo Contact Id", "66f0aa"),
    "Clay": ("LinkedIn Profile", "https://www.linkedin.com/in/maria-nowak/"),
    "a French one": ("Courriel", "zoe@known.example"),
}
"""By which column each system finds the record that a row of an import is about, and what stands there."""


def imported(data: bytes, delimiter: str) -> list[dict[str, str]]:
    """The rows as an import reads them: UTF-8, names that differ in more than case, no row of another width."""
    names, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=delimiter, strict=True)
    assert all(name.strip() for name in names)
    assert len({name.casefold() for name in names}) == len(names), "to an import, Phone and phone are one column"
    assert {len(row) for row in rows} == {len(names)}
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("system", EXPORTS)
def test_the_output_imports_back_and_the_number_lands_on_its_record(enrich: Enrich, system: str) -> None:
    head, row, _, _ = EXPORTS[system]
    done = enrich(f"{head}\r\n{row}\r\n".encode())
    [back] = imported(done.data, ";" if system == "a French one" else ",")
    key, value = IMPORTS[system]
    assert back[key] == value
    phone = next(name for name in ("phone", "enrichcore_phone") if back.get(name))
    assert back[phone] == "+12025550143"
    assert done.data.count(b"\r\n") == done.data.count(b"\n") == 2


@pytest.mark.parametrize("system", EXPORTS)
def test_an_output_is_an_input_in_which_the_number_is_known(enrich: Enrich, system: str) -> None:
    """Whoever enriches it once more pays for nothing that has been found, and gets every column back."""
    head, row, _, _ = EXPORTS[system]
    once = enrich(f"{head}\r\n{row}\r\n".encode())
    twice = enrich(once.data, name="again.csv")
    assert twice.asked == []
    assert dict(twice.report.left_out) == {"has a phone already": 1}
    assert twice.data.splitlines()[1].startswith(once.data.splitlines()[1])


@pytest.mark.parametrize("system", ["HubSpot", "Apollo"])
def test_an_export_that_was_opened_and_saved_in_excel_is_read_as_well(enrich: Enrich, system: str) -> None:
    """With a byte order mark, semicolons and the line that tells Excel so."""
    head, row, contact, _ = EXPORTS[system]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_read(head), _read(row)])
    done = enrich(b"\xef\xbb\xbfsep=;\r\n" + text.getvalue().encode())
    assert done.data.startswith(b"sep=;\r\n")
    [back] = imported(done.data.split(b"\r\n", 1)[1], ";")
    assert (back["status"], back[_read(head)[0]]) == ("found", _read(row)[0])
    assert contact["email"] in done.data.decode()


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Amara Okafor", "Amara", "Okafor"),
        ("Okafor, Amara", "Amara", "Okafor"),
        ("Dr. Anna-Lena Müller, MBA", "Anna-Lena", "Müller"),
        ("Juan de la Cruz", "Juan", "de la Cruz"),
        ("Mary Ann Smith Jr.", "Mary", "Smith"),
        ("山田 太郎", "太郎", "山田"),
        ("Ada", "Ada", ""),
        ("x" * 5000 + " y", "", ""),
    ],
)
def test_a_whole_name_is_split(name: str, first: str, last: str) -> None:
    contact = columns_of(("Full Name", "Company")).contact([name, "Brightwater"])
    assert (contact["first_name"], contact["last_name"]) == (first, last)


def test_a_whole_name_is_for_rows_without_the_parts() -> None:
    columns = columns_of(("Full Name", "Last Name", "Domain"))
    assert columns.contact(["Ada Byron", "Lovelace", "engines.example"]) == {
        "last_name": "Lovelace",
        "domain": "engines.example",
    }
    assert columns.contact(["Ada Byron", "", "engines.example"])["last_name"] == "Byron"
