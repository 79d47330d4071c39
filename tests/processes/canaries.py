"""Canaries: texts that occur nowhere else, planted wherever a person's data can be, and a search for their traces.

A canary is a word of 26 letters: a mark of 12 that all of one planting share, two letters that say which it is, and the
mark again. So one search for the mark finds all of them, and a canary that a database cuts in two, where a page ends,
still has a whole mark on one side. Phone numbers cannot hold letters; they are found by their digits.
"""

import base64
import contextlib
import json
import mmap
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import attrs

from enrichcore.model import Contact, Hit, Job, Miss, Number, Person

_LETTERS: Final = "bcdfghjklmnpqrstvwxz"
_MARK: Final = 12
_NEAR: Final = 1000
"""Bytes around a mark in which its canary is looked for: more than the longest form of one has."""
_FIELDS: Final = (
    "contact.record_id", "contact.first_name", "contact.last_name", "contact.company", "contact.domain",
    "contact.email", "contact.linkedin_id", "contact.country", "answer.title", "answer.job", "answer.number.type",
    "learned.first_name", "learned.last_name", "learned.company", "learned.domain", "learned.title", "learned.country",
    "learned.email", "learned.linkedin_id", "vendor.note", "vendor.key", "vendor.error",
)  # fmt: skip
_NUMBERS: Final = ("answer.number", "answer.second_number", "learned.number")
_AREAS: Final = ("212", "312", "415", "617", "713", "808")
Data = bytes | mmap.mmap


@attrs.frozen(order=True)
class Sighting:
    """Where a trace was seen: of which canary, in which form, in what, at which byte."""

    canary: str
    form: str
    where: str
    at: int


@attrs.frozen
class Canaries:
    """One planting: `words` and `numbers` (E.164) by what they are planted in."""

    mark: str
    words: Mapping[str, str]
    numbers: Mapping[str, str]

    def contact(self) -> Contact:
        """A person with a canary in every field, as a caller might write them; only the country is no country."""
        word = self.words
        return Contact(
            record_id=word["contact.record_id"],
            first_name=word["contact.first_name"].capitalize(),
            last_name=f"Ó {word['contact.last_name'].capitalize()}",
            company=f'"{word["contact.company"].capitalize()}" & Söhne',
            domain=f"{word['contact.domain']}.example",
            email=f"{word['contact.email']}@{word['contact.domain']}.example",
            linkedin_id=word["contact.linkedin_id"],
            country=word["contact.country"],
        )

    def person(self) -> Person:
        """The contact as a vendor knows them: passes the person match, and has a title."""
        contact = self.contact()
        return Person(
            name=f"{contact.first_name} {contact.last_name}",
            company=contact.company,
            domain=contact.domain,
            title=self.words["answer.title"],
            country="US",
            email=contact.email,
            linkedin_id=contact.linkedin_id,
            score=0.99,
        )

    def stranger(self) -> Person:
        """Somebody else: with this person an answer is refused."""
        word = self.words
        return Person(
            name=f"{word['learned.first_name'].capitalize()} {word['learned.last_name'].capitalize()}",
            company=word["learned.company"],
            domain=f"{word['learned.domain']}.example",
            title=word["learned.title"],
            country=word["learned.country"],
            email=f"{word['learned.email']}@{word['learned.domain']}.example",
            linkedin_id=word["learned.linkedin_id"],
        )

    def hit(self) -> Hit:
        """An answer about the contact with two numbers, in national form; the second is of an unheard-of type."""
        first, second = (_national(self.numbers[name]) for name in ("answer.number", "answer.second_number"))
        return Hit(
            Number(first, type="mobile", country="US", score=0.9, do_not_call=True),
            Number(second, type=self.words["answer.number.type"], country="US"),
            person=self.person(),
        )

    def wrong_hit(self) -> Hit:
        """An answer about somebody else."""
        return Hit(Number(self.numbers["learned.number"], type="mobile"), person=self.stranger())

    def miss(self) -> Miss:
        """No number, but the person is known."""
        return Miss(self.person())

    def job(self) -> Job:
        """A promise of an answer."""
        return Job(self.words["answer.job"])

    def key(self) -> str:
        """A vendor's key, which is nobody's business either."""
        return self.words["vendor.key"]

    def body(self) -> dict[str, Any]:
        """A vendor's answer as JSON might have it: hit, wrong hit and job in one, with what nobody reads."""
        people = [attrs.asdict(self.person()), attrs.asdict(self.stranger())]
        numbers = [attrs.asdict(number) for answer in (self.hit(), self.wrong_hit()) for number in answer.numbers]
        rest = {"job": self.job().id, "error": self.words["vendor.error"], "note": {"by": self.words["vendor.note"]}}
        return {"people": people, "numbers": numbers, **rest}


def plant(seed: int | str) -> Canaries:
    """The canaries of one person; another seed gives others."""
    dice = random.Random(f"canaries {seed}")
    mark = "".join(dice.choices(_LETTERS, k=_MARK))
    tags = dice.sample([a + b for a in _LETTERS for b in _LETTERS], len(_FIELDS))
    areas = dice.sample(_AREAS, len(_NUMBERS))
    return Canaries(
        mark,
        {field: mark + tag + mark for field, tag in zip(_FIELDS, tags, strict=True)},
        {name: f"+1{area}55501{dice.randrange(100):02}" for name, area in zip(_NUMBERS, areas, strict=True)},
    )


def find_canaries(canaries: Canaries, *places: Path | bytes | str) -> list[Sighting]:
    """The traces of `canaries` in files, in all files below folders, in their names, and in bytes and texts.

    One sighting a canary, form and place: the first. `cut` is the name of a canary of which only a mark is whole.
    A file of SQLite that this very process has open must be closed first: to read it here would drop its locks.
    """
    seen: dict[tuple[str, str, str], Sighting] = {}
    for where, data in _all(places):
        for sighting in (*_words(canaries, where, data), *_digits(canaries, where, data)):
            known = seen.setdefault((sighting.canary, sighting.form, where), sighting)
            if sighting.at < known.at:
                seen[sighting.canary, sighting.form, where] = sighting
    return sorted(seen.values())


def forms(text: str) -> dict[str, set[bytes]]:
    """How `text` looks in each encoding, wherever it begins in what was encoded."""
    plain = text.encode()
    wide = text.encode("utf-16-le")
    units = [wide[n] | wide[n + 1] << 8 for n in range(0, len(wide), 2)]
    json_forms = {json.dumps(text)[1:-1].encode(), *("".join(map(f, units)).encode() for f in _UNITS)}
    percent = {"".join(f"%{byte:02{case}}" for byte in plain).encode() for case in "xX"}
    percent |= {quote(text, safe="").encode(), quote_plus(text).encode()}
    return {
        "utf-8": {plain},
        "utf-16": {wide[:-1]},  # what the two byte orders have in common, but for one zero
        "base64": _base64(plain),
        "base64 of utf-16": _base64(wide) | _base64(text.encode("utf-16-be")),
        "hex": {plain.hex().encode(), plain.hex().upper().encode()},
        "hex of utf-16": {wide[:-1].hex().encode(), wide[:-1].hex().upper().encode()},
        "json": json_forms - {plain},
        "percent": percent - {plain},
    }


_UNITS: Final = (r"\u{:04x}".format, r"\u{:04X}".format)


def _base64(data: bytes) -> set[bytes]:
    """The digits that `data` gives whatever stands before and behind it: three ways to begin, two alphabets."""
    found = set()
    for skipped in range(3):
        whole = data[skipped : len(data) - (len(data) - skipped) % 3]
        found |= {base64.b64encode(whole), base64.urlsafe_b64encode(whole)}
    return found


def _national(number: str) -> str:
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


def _spellings(number: str) -> Iterator[str]:
    """The ways to write a number that have nothing in common but the digits."""
    area, office, line = number[2:5], number[5:8], number[8:]
    yield area + office + line
    yield _national(number)[1:]  # with or without the bracket that opens
    yield from (between.join((area, office, line)) for between in "-. ")


def _all(places: Iterable[Path | bytes | str]) -> Iterator[tuple[str, Data]]:
    for place in places:
        if isinstance(place, bytes):
            yield "bytes", place
        elif isinstance(place, str):
            yield "text", place.encode("utf-8", "surrogatepass")
        else:
            files = sorted(path for path in place.rglob("*")) if place.is_dir() else [place]
            for path in files:
                yield f"the name of {path}", str(path.relative_to(place) if path != place else path.name).encode()
                yield from _contents(path)


def _contents(path: Path) -> Iterator[tuple[str, Data]]:
    """The bytes of a file; nothing for a folder or socket, and for a temporary file that has gone meanwhile."""
    if path.exists() and not path.is_file():
        return
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        if file.seek(0, 2):
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield str(path), data


def _offsets(data: Data, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)


def _words(canaries: Canaries, where: str, data: Data) -> Iterator[Sighting]:
    for change in (str.lower, str.upper):
        # All without their first letters, which a name has in upper case.
        words = [(field, forms(change(word[1:]))) for field, word in canaries.words.items()]
        for form, needles in forms(change(canaries.mark[1:])).items():
            wholes = [(whole, field) for field, of in words for whole in of[form]]
            for at in (at for needle in needles for at in _offsets(data, needle)):
                begin = max(at - _NEAR, 0)
                around = data[begin : at + _NEAR]
                names = [
                    field
                    for whole, field in wholes
                    for found in _offsets(around, whole)
                    if found <= at - begin < found + len(whole)
                ]
                yield Sighting(names[0] if names else "cut", form, where, at)


def _digits(canaries: Canaries, where: str, data: Data) -> Iterator[Sighting]:
    for name, number in canaries.numbers.items():
        for spelling in _spellings(number):
            for form, needles in forms(spelling).items():
                for at in (at for needle in needles for at in _offsets(data, needle)):
                    yield Sighting(name, form, where, at)
        digits = int(re.sub(r"\D", "", number))
        for order in ("big", "little"):
            for at in _offsets(data, digits.to_bytes(5, order)):
                yield Sighting(name, "integer", where, at)
