"""Which rows are looked up: the others are written all the same, are counted, and cost nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from enrichcore.bulk import Choice, Condition, Reading
from enrichcore.bulk.table import Row
from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]
HEAD = "record_id,email,Mobile Phone,segment,size,country\n"
PEOPLE = (
    HEAD
    + "1,a@known.example,,Gold,50,US\n"
    + "2,b@known.example,+1 202-555-0199,Gold,90,US\n"
    + "3,c@known.example,n/a,gold,9,Germany\n"
    + "4,d@known.example,,Silver,,DE\n"
    + "5,e@known.example,,Gold,70,\n"
).encode()


def asked(done: Any) -> list[str]:
    return [email[0] for email in done.asked]


def test_rows_with_a_phone_are_skipped_and_counted(enrich: Enrich) -> None:
    done = enrich(PEOPLE)
    assert sorted(asked(done)) == ["a", "c", "d", "e"]
    second = done.dicts()[1]
    assert (second["status"], second["reason"], second["cost"]) == ("skipped", "has a phone already", "")
    assert (second["phone"], second["Mobile Phone"]) == ("", "+1 202-555-0199")
    assert done.report.left_out == {"has a phone already": 1}
    assert done.report.rows == 5
    assert done.report.fill_rate == 1.0
    assert any("rows with a number in Mobile Phone have a phone already" in note for note in done.notes)


def test_rows_with_a_phone_are_looked_up_when_asked_for(enrich: Enrich) -> None:
    assert len(enrich(PEOPLE, choice=Choice(include_known=True)).asked) == 5


@pytest.mark.parametrize(
    ("conditions", "left"),
    [
        (["segment=gold"], "ace"),
        (["segment!=Gold"], "d"),
        (["size>=50"], "ae"),
        (["size<50"], "c"),
        (["size>9", "size<=70"], "ae"),
        (["size="], "d"),
        (["size!="], "ace"),
        (["segment~OLD", "country="], "e"),
        (["Segment = Gold"], "ace"),
        (["email>=d"], "de"),
    ],
)
def test_conditions_choose_rows(enrich: Enrich, conditions: list[str], left: str) -> None:
    done = enrich(PEOPLE, choice=Choice(where=tuple(map(Condition.parse, conditions))))
    assert "".join(sorted(asked(done))) == left
    assert len(done.dicts()) == 5
    assert done.report.left_out["left out by --where"] == 4 - len(left)


def test_people_of_a_country_are_skipped_however_it_is_written(enrich: Enrich) -> None:
    done = enrich(PEOPLE, choice=Choice(skip_countries=frozenset({"germany"})))
    assert sorted(asked(done)) == ["a", "e"]
    assert [row["reason"] for row in done.dicts()][2:4] == ["left out by --skip-country"] * 2


def test_a_limit_counts_rows_that_are_looked_up(enrich: Enrich) -> None:
    done = enrich(PEOPLE, choice=Choice(limit=2), concurrency=1)
    assert asked(done) == ["a", "c"]
    assert [row["status"] for row in done.dicts()] == ["found", "skipped", "found", "skipped", "skipped"]


@pytest.mark.parametrize(("column", "order"), [("size", "cae"), ("-size", "eac"), ("-Segment", "dac")])
def test_rows_are_looked_up_in_the_order_of_a_column_and_written_in_that_of_the_file(
    enrich: Enrich, column: str, order: str
) -> None:
    """Rows without a value come last; what a limit or a budget covers is then the best of the file."""
    done = enrich(PEOPLE, choice=Choice(sort_by=column, limit=3), concurrency=1)
    assert "".join(asked(done)) == order
    assert [row["record_id"] for row in done.dicts()] == ["1", "2", "3", "4", "5"]
    assert {row["email"][0] for row in done.dicts() if row["status"] == "found"} == set(order)


def test_a_sample_is_drawn_from_all_of_the_file_and_is_the_same_each_time(enrich: Enrich) -> None:
    data = "email\n" + "".join(f"p{i}@known.example\n" for i in range(400))
    first, second = (enrich(data.encode(), choice=Choice(sample=40)).asked for _ in range(2))
    assert sorted(first) == sorted(second)
    assert len(first) == 40
    numbers = [int(email[1:].split("@")[0]) for email in first]
    assert all(any(low <= n < low + 100 for n in numbers) for low in (0, 100, 200, 300))


def test_a_row_that_cannot_be_read_is_invalid_whatever_is_chosen(enrich: Enrich) -> None:
    done = enrich(PEOPLE + b"6,f\n", choice=Choice(where=(Condition.parse("segment=Silver"),)))
    assert done.dicts()[-1]["status"] == "invalid"


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_a_json_object_is_chosen_like_a_row(enrich: Enrich, name: str) -> None:
    lines = {
        "in.csv": "email,size,phone\na@known.example,5,\nb@known.example,50,\nc@known.example,60,+12025550100\n",
        "in.jsonl": (
            '{"email": "a@known.example", "size": 5}\n{"email": "b@known.example", "size": 50}\n'
            '{"email": "c@known.example", "size": 60, "phone": 12025550100}\n'
        ),
    }
    done = enrich(lines[name].encode(), name=name, choice=Choice(where=(Condition.parse("size>10"),)))
    assert done.asked == ["b@known.example"]
    assert done.report.left_out == {"left out by --where": 1, "has a phone already": 1}


@pytest.mark.parametrize("text", ["", "segment", "=Gold", "<5"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a condition such as"):
        Condition.parse(text)


@pytest.mark.parametrize(
    ("choice", "needle"),
    [
        ({"where": (Condition("sgment", "=", "x"),)}, "no column 'sgment'; the columns are 'record_id', 'email'"),
        ({"sort_by": "-sze"}, "no column 'sze'"),
    ],
)
def test_a_column_that_is_not_there_is_refused(enrich: Enrich, choice: dict[str, Any], needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        enrich(PEOPLE, choice=Choice(**choice))


@pytest.mark.parametrize(
    ("options", "needle"),
    [
        ({"skip_countries": ["Atlantis"]}, "'Atlantis' is no country"),
        ({"limit": 0}, "limit must be 1 or more"),
        ({"sample": -1}, "sample must be 1 or more"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused(options: dict[str, Any], needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        Choice(**options)


@pytest.mark.parametrize("choice", [Choice(), Choice(sample=2), Choice(sort_by="-email")])
def test_blank_lines_are_counted_once_however_often_the_file_is_read(enrich: Enrich, choice: Choice) -> None:
    done = enrich(b"email\n\nada@known.example\n\nbob@known.example\n", choice=choice)
    assert done.report.blank == 2
    assert len(done.asked) == 2


def test_rows_that_are_added_to_a_file_after_it_was_put_in_order_are_left_alone(enrich: Enrich, tmp_path: Path) -> None:
    def grow(_: object) -> None:
        with (tmp_path / "in.csv").open("a") as file:
            file.write("9,z@known.example,,Gold,1,US\n")

    done = enrich(PEOPLE, choice=Choice(sort_by="size"), on_result=grow)
    assert [row["record_id"] for row in done.dicts()] == ["1", "2", "3", "4", "5"]


def test_a_file_that_becomes_shorter_while_it_is_put_in_order_leaves_no_output(enrich: Enrich, tmp_path: Path) -> None:
    def shrink(_: object) -> None:
        (tmp_path / "in.csv").write_text(HEAD)

    with pytest.raises(ConfigError, match="became shorter while it was read"):
        enrich(PEOPLE, choice=Choice(sort_by="size"), on_result=shrink)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# --- what a column is ---------------------------------------------------------------------------------------------


def test_a_column_can_be_said_to_be_a_field_and_ids_to_be_of_a_system(enrich: Enrich) -> None:
    data = b"Ref,Wer,Mail privat\n7,Ada Lovelace,ada@known.example\n,Bea Lovelace,bea@known.example\n"
    given = (("record_id", "Ref"), ("full_name", "wer"), ("email", "Mail privat"))
    done = enrich(data, reading=Reading(given=given, namespace="crm"))
    ids = [row["record_id"] for row in done.dicts()]
    assert ids[0] == "crm:7"
    assert ids[1].startswith("p-")
    assert [row["status"] for row in done.dicts()] == ["found", "found"]


def test_a_field_can_be_said_to_be_no_column(enrich: Enrich) -> None:
    done = enrich(b"email,phone\nada@known.example,202-555-0100\n", reading=Reading(given=(("phone", ""),)))
    assert done.dicts()[0]["status"] == "found"


@pytest.mark.parametrize(
    ("given", "needle"),
    [
        ((("emial", "x"),), "no field 'emial' to map a column to: expected record_id, first_name"),
        ((("email", "a"), ("email", "b")), "email is mapped twice"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(given: tuple[tuple[str, str], ...], needle: str) -> None:
    with pytest.raises(ConfigError, match=needle):
        Reading(given=given)


def test_a_mapping_to_a_column_that_is_not_there_is_refused_or_said(enrich: Enrich) -> None:
    reading = Reading(given=(("company", "Kunde"),))
    with pytest.raises(ConfigError, match="no column 'Kunde'; the columns are 'email'"):
        enrich(b"email\nada@known.example\n", reading=reading)
    done = enrich(b'{"email": "ada@known.example"}\n', name="in.jsonl", reading=reading)
    assert "the first object has no 'Kunde'" in done.notes


def test_a_condition_on_a_cell_that_holds_nothing_sees_an_empty_one() -> None:
    row = Row(contact={}, cells=(), line=1, keys=("size",), values=[None])
    assert Condition.parse("size=").holds(row)
    assert not Condition.parse("size>1").holds(row)
