"""JSONL files: every object comes back byte for byte, with the results as its last keys."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from enrichcore.bulk import RESULT_COLUMNS
from enrichcore.errors import ConfigError

Enrich = Callable[..., Any]


def test_objects_keep_their_bytes_and_gain_the_results(enrich: Enrich) -> None:
    line = '{"email":"ada@known.example" , "n": 1.50, "big": 12345678901234567890123, "t":"\\u00e9 é", "x":[1,{}]}'
    done = enrich(line.encode() + b"\n", name="in.jsonl")
    text = done.data.decode()
    assert text.startswith(line[:-1] + ', "phone": "+12025550143", "status": "found"')
    row = json.loads(text)
    assert row["phone"] == "+12025550143"
    assert list(row)[-11:] == [*RESULT_COLUMNS, "record_id"]
    assert (row["cached"], row["do_not_call"], row["cost"]) == (False, None, "0")
    assert row["reason"] is None


def test_an_empty_object_is_invalid_and_still_an_object(enrich: Enrich) -> None:
    done = enrich(b"{}\n", name="in.jsonl")
    assert json.loads(done.data)["status"] == "invalid"


def test_bad_lines_become_lines_that_say_so(enrich: Enrich) -> None:
    data = b'{"email":\n[1]\n"text"\n\n{"email": "ada@known.example", "record_id": 7}\n{"email": 5}\nnull\n'
    done = enrich(data + b"[" * 100_000 + b"\n", name="in.jsonl")
    rows = [json.loads(line) for line in done.data.splitlines()]
    assert [row["status"] for row in rows] == ["invalid"] * 3 + ["found"] + ["invalid"] * 3
    assert rows[0]["line"] == 1
    assert rows[0]["raw"] == '{"email":'
    assert rows[1]["reason"] == "line 2: expected an object, got an array"
    assert rows[3]["record_id"] == 7
    assert "email" in rows[4]["reason"]
    assert rows[5]["line"] == 7
    assert done.report.blank == 1


def test_bytes_that_are_not_utf_8_become_an_invalid_line_of_valid_json(enrich: Enrich) -> None:
    good = '{"email": "ada@known.example", "n": "Zoë"}\n'.encode()
    done = enrich(good + b'{"email": "a\xff@known.example"}\n{broken \xff\n', name="in.jsonl")
    lines = done.data.splitlines()
    assert b'"a\xff@known.example"' in lines[1]
    assert b'"status": "invalid"' in lines[1]
    assert json.loads(lines[2])["line"] == 3


def test_a_key_that_an_object_has_already_is_not_overwritten(enrich: Enrich) -> None:
    done = enrich(b'{"email": "ada@known.example", "status": "customer"}\n', name="in.jsonl")
    row = json.loads(done.data)
    assert row["status"] == "customer"
    assert row["enrichcore_status"] == "found"
    assert any("status → enrichcore_status" in note for note in done.notes)


def test_keys_are_read_in_any_spelling(enrich: Enrich) -> None:
    done = enrich(b'{"E-mail": "ada@known.example"}\n', name="data", out="out")
    assert json.loads(done.data)["status"] == "found"


def test_an_empty_file_gives_an_empty_file(enrich: Enrich) -> None:
    assert enrich(b"", name="in.jsonl").data == b""


def test_one_json_array_is_refused_with_the_way_out(enrich: Enrich) -> None:
    with pytest.raises(ConfigError, match="one object per line"):
        enrich(b'[{"email": "ada@known.example"}]', name="in.json")


def test_the_format_can_be_told(enrich: Enrich) -> None:
    done = enrich(b'{"email": "ada@known.example"}\n', name="in.csv", out="out.csv", format="jsonl")
    assert json.loads(done.data)["status"] == "found"
