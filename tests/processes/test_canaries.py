"""The search for canaries finds what is planted, in every encoding, and nothing else."""

import asyncio
import base64
import contextlib
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import attrs
import pytest

from enrichcore import Acceptance, AsyncEngine
from enrichcore.model import Answer, Subject
from enrichcore.testing import FakeProvider
from tests.processes.canaries import Canaries, find_canaries, plant

PLANTED = plant(1)
EVERYTHING = {**PLANTED.words, **PLANTED.numbers}
NOISE = random.Random(1).randbytes(5000)


Encode = Callable[[str], bytes]


def in_base64(name: str = "utf-8", before: int = 0, behind: int = 0) -> Encode:
    return lambda text: base64.b64encode(b"x" * before + text.encode(name) + b"x" * behind)


def in_hex(name: str) -> Encode:
    return lambda text: text.encode(name).hex().encode()


def each(pattern: str) -> Encode:
    return lambda text: "".join(pattern.format(ord(c)) for c in text).encode()


ENCODINGS: dict[str, dict[str, Encode]] = {
    "utf-8": {"as it is": str.encode, "in upper case": lambda t: t.upper().encode()},
    "utf-16": {
        "little endian": lambda t: t.encode("utf-16-le"),
        "big endian": lambda t: t.encode("utf-16-be"),
        "with a mark": lambda t: t.encode("utf-16"),
    },
    "base64": {
        **{f"behind {n} bytes": in_base64(before=n) for n in range(4)},
        **{f"before {n} bytes": in_base64(behind=n) for n in range(1, 4)},
        "for URLs": lambda t: base64.urlsafe_b64encode(f'{{"{t}": "???"}}'.encode()),
        "in upper case": lambda t: base64.b64encode(t.upper().encode()),
    },
    "base64 of utf-16": {
        f"{name} behind {n}": in_base64(name, n) for name in ("utf-16-le", "utf-16-be") for n in range(3)
    },
    "hex": {"lower": in_hex("utf-8"), "upper": lambda t: t.encode().hex().upper().encode()},
    "hex of utf-16": {name: in_hex(name) for name in ("utf-16-le", "utf-16-be")},
    "json": {"lower": each("\\u{:04x}"), "upper": each("\\u{:04X}")},
    "percent": {"lower": each("%{:02x}"), "upper": each("%{:02X}")},
}
CASES = [(form, way) for form, ways in ENCODINGS.items() for way in ways]


@pytest.mark.parametrize(("form", "way"), CASES)
def test_each_canary_is_found_in_each_encoding(form: str, way: str) -> None:
    """Amid noise, at its place, under its name; nothing else is seen."""
    encode = ENCODINGS[form][way]
    for name, text in EVERYTHING.items():
        data = NOISE + encode(text) + NOISE
        [sighting] = find_canaries(PLANTED, data)
        assert (sighting.canary, sighting.form, sighting.where) == (name, form, "bytes")
        assert len(NOISE) <= sighting.at < len(data) - len(NOISE)


@pytest.mark.parametrize(
    "spelling", ["{} {} {}", "{}-{}-{}", "{}.{}.{}", "({}) {}-{}", "+1{}{}{}", "001 {}{}{}", "1-{}-{}-{}"]
)
@pytest.mark.parametrize("form", ["utf-8", "utf-16", "base64", "hex", "json", "percent"])
def test_a_number_is_found_as_people_write_it(spelling: str, form: str) -> None:
    for name, number in PLANTED.numbers.items():
        written = spelling.format(number[2:5], number[5:8], number[8:])
        for encode in ENCODINGS[form].values():
            assert {(s.canary, s.form) for s in find_canaries(PLANTED, encode(written))} == {(name, form)}


@pytest.mark.parametrize(
    "escape", [quote, quote_plus, lambda text: urlencode({"q": text}), lambda text: quote(text, "")]
)
def test_a_url_does_not_hide_a_number(escape: Callable[[str], str]) -> None:
    """Only what must be escaped is: the digits stay, what is between them does not."""
    number = PLANTED.numbers["answer.number"]
    written = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    assert find_canaries(PLANTED, escape(written))[0].canary == "answer.number"


@pytest.mark.parametrize("order", ["big", "little"])
def test_a_number_is_found_as_an_integer(order: str) -> None:
    """SQLite stores an integer as its bytes, the highest first."""
    for name, number in PLANTED.numbers.items():
        for size in (5, 6, 8):
            data = int(number).to_bytes(size, order)  # type: ignore[arg-type]
            assert [(s.canary, s.form) for s in find_canaries(PLANTED, NOISE + data + NOISE)] == [(name, "integer")]


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.capitalize, str.casefold])
def test_case_does_not_hide_a_word(change: Callable[[str], str]) -> None:
    for name, word in PLANTED.words.items():
        assert [s.canary for s in find_canaries(PLANTED, change(word))] == [name]


def test_a_canary_that_is_cut_in_two_is_found() -> None:
    """Wherever a database cuts it to put its own bytes between, a whole mark is on one side."""
    word = PLANTED.words["contact.email"]
    for at in range(1, len(word)):
        [sighting] = find_canaries(PLANTED, f"{word[:at]}\0\1\2\3{word[at:]}")
        assert sighting.canary == ("contact.email" if at == 1 else "cut")  # its first letter is not looked for


def test_what_stands_close_together_is_told_apart() -> None:
    """A text with every canary, in a row or as JSON, gives each its name."""
    for text in ("".join(EVERYTHING.values()), json.dumps(EVERYTHING)):
        assert {s.canary for s in find_canaries(PLANTED, text)} == set(EVERYTHING)


def test_nothing_is_seen_where_nothing_is() -> None:
    """Not in two megabytes of noise, in another planting, in a hash, or in no bytes at all."""
    other = plant(2)
    hashes = b"".join(hashlib.sha256(text.encode()).digest() for text in EVERYTHING.values())
    people = json.dumps([attrs.asdict(other.contact(), recurse=False) | {"sent": None}, other.body()]).encode()
    for data in (random.Random(2).randbytes(2_000_000), people, hashes, hashes.hex().encode(), b"", "\ud800"):
        assert find_canaries(PLANTED, data) == []
    assert {s.canary for s in find_canaries(other, people)} >= set(other.numbers)


def test_a_seed_gives_the_same_canaries_and_another_one_others() -> None:
    """Within one planting no two are the same; of two plantings only the fields' names agree."""
    assert plant(1) == PLANTED
    assert len(set(EVERYTHING.values())) == len(EVERYTHING)
    for seed in range(2, 8):
        other = plant(seed)
        assert other.words.keys() == PLANTED.words.keys()
        assert not set(other.words.values()) & set(PLANTED.words.values())
        assert find_canaries(PLANTED, " ".join(other.words.values())) == []


# --- what is planted -----------------------------------------------------------------------------------------------


def test_every_field_of_a_contact_has_a_canary() -> None:
    """Each is a form of its field that the library takes, except that no country is called so."""
    contact = PLANTED.contact()
    for field in attrs.fields(type(contact)):
        if field.name != "sent":
            found = {s.canary for s in find_canaries(PLANTED, str(getattr(contact, field.name)))}
            assert f"contact.{field.name}" in found
    subject = Subject.of(contact)
    assert subject.ignored == ("country",)
    assert len(subject.queries) == 3


def test_every_text_of_an_answer_has_a_canary() -> None:
    """Of the person that is asked about and of a stranger; scores and switches cannot hold one."""
    for person in (PLANTED.person(), PLANTED.stranger()):
        texts = {k: v for k, v in attrs.asdict(person).items() if isinstance(v, str) and v != "US"}
        assert set(texts) >= {"name", "company", "domain", "title", "email", "linkedin_id"}
        assert all(find_canaries(PLANTED, text) for text in texts.values())
    assert find_canaries(PLANTED, PLANTED.stranger().country or "")
    for number in (*PLANTED.hit().numbers, *PLANTED.wrong_hit().numbers):
        assert find_canaries(PLANTED, number.raw)
    assert [s.canary for s in find_canaries(PLANTED, PLANTED.job().id)] == ["answer.job"]
    assert [s.canary for s in find_canaries(PLANTED, PLANTED.key())] == ["vendor.key"]
    assert PLANTED.miss().person == PLANTED.person()


def test_all_that_is_planted_is_in_contact_body_and_key() -> None:
    """No canary is left in the cage: what a caller sends, a vendor says and a key holds is everything."""
    contact = attrs.asdict(PLANTED.contact(), filter=lambda a, _: a.name != "sent")
    for ascii_only in (False, True):
        said = json.dumps([contact, PLANTED.body(), PLANTED.key()], ensure_ascii=ascii_only)
        assert {s.canary for s in find_canaries(PLANTED, said)} == set(EVERYTHING)


@pytest.mark.parametrize(
    ("answer", "outcomes"), [(Canaries.hit, "hit"), (Canaries.wrong_hit, "rejected"), (Canaries.miss, "miss")]
)
def test_the_engine_takes_what_is_planted(answer: Callable[[Canaries], Answer], outcomes: str, tmp_path: Path) -> None:
    """A hit about the contact is accepted, one about the stranger is refused; and the journal, in clear, has them."""
    vendor = FakeProvider(lambda query: answer(PLANTED), name="acme")

    async def ask() -> None:
        async with AsyncEngine(
            providers=[vendor],
            store=f"sqlite:///{tmp_path}/enrich.db",
            acceptance=Acceptance(allow_fictional=True),
        ) as engine:
            result = await engine.enrich_phone(PLANTED.contact())
        assert outcomes in {attempt.outcome for attempt in result.attempts}
        assert result.phone == (PLANTED.numbers["answer.number"] if outcomes == "hit" else None)

    asyncio.run(ask())
    seen = {s.canary for s in find_canaries(PLANTED, tmp_path)}
    wanted = {"hit": {"answer.number", "contact.email"}, "rejected": {"learned.number"}, "miss": {"contact.email"}}
    assert seen >= wanted[outcomes]


# --- where they are looked for -------------------------------------------------------------------------------------


def test_folders_are_searched_with_the_names_of_what_is_in_them(tmp_path: Path) -> None:
    """Files in folders in it, empty ones, the names of files and folders; a file that is gone is no error."""
    word = PLANTED.words["contact.email"]
    (tmp_path / "a" / word).mkdir(parents=True)
    (tmp_path / "a" / word / "empty").touch()
    (tmp_path / "a" / "log.txt").write_text(f"asked for {word}\n")
    seen = find_canaries(PLANTED, tmp_path)
    assert {s.where.removeprefix("the name of ").removeprefix(str(tmp_path)) for s in seen} == {
        f"/a/{word}", f"/a/{word}/empty", "/a/log.txt",
    }  # fmt: skip
    assert all(s.canary == "contact.email" for s in seen)
    [alone] = find_canaries(PLANTED, tmp_path / "a" / "log.txt")
    assert (alone.where, alone.at) == (str(tmp_path / "a" / "log.txt"), 11)
    assert find_canaries(PLANTED, tmp_path / "gone") == []


def test_the_first_of_many_sightings_is_told() -> None:
    word = PLANTED.words["contact.email"]
    assert [s.at for s in find_canaries(PLANTED, f"...{word}...{word.upper()}...{word}")] == [4]


def test_several_places_are_searched_in_one_go(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(NOISE + PLANTED.words["vendor.key"].encode())
    seen = find_canaries(PLANTED, file, PLANTED.words["answer.job"].encode(), PLANTED.words["vendor.note"])
    assert {(s.canary, s.where) for s in seen} == {
        ("vendor.key", str(file)), ("answer.job", "bytes"), ("vendor.note", "text"),
    }  # fmt: skip


def test_a_journal_hides_nothing_in_its_pages_or_its_log(tmp_path: Path) -> None:
    """SQLite: found in -wal before a checkpoint, in the file after it, where pages end, and in what was deleted."""
    path = tmp_path / "journal.db"
    word, number = PLANTED.words["contact.email"], PLANTED.numbers["answer.number"]

    def seen(file: str) -> set[str]:
        return {s.canary for s in find_canaries(PLANTED, tmp_path / file)}

    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as journal:
        journal.execute("PRAGMA page_size = 4096")
        journal.execute("PRAGMA journal_mode = WAL")
        journal.execute("PRAGMA secure_delete = OFF")
        journal.execute("PRAGMA synchronous = OFF")
        journal.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, phone, payload BLOB)")
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        journal.execute("INSERT INTO kept VALUES (1, ?, ?)", (int(number), b"x" * 9000 + word.encode()))
        assert (seen("journal.db"), seen("journal.db-wal")) == (set(), {"contact.email", "answer.number"})
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert (seen("journal.db"), seen("journal.db-wal")) == ({"contact.email", "answer.number"}, set())
        journal.execute("DELETE FROM kept")
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert "contact.email" in seen("journal.db")

        journal.execute("PRAGMA secure_delete = ON")
        journal.execute("VACUUM")
        found = []
        for before in range(800, 860):  # the canary moves over the place where its page ends
            journal.execute("INSERT INTO kept VALUES (1, NULL, ?)", (f"{word:x>{before}}{'':x<{9000 - before}}",))
            journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found.append(seen("journal.db"))
            journal.execute("DELETE FROM kept")
            journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert seen("journal.db") == set()
        assert set(map(frozenset, found)) == {frozenset({"contact.email"}), frozenset({"cut"})}
        assert found.count({"cut"}) == len(word) - 2  # not where only its first letter, or nothing, is apart
