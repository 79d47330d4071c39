"""Checks of how answers are read: what is found, what is not, and whose it is."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from enrichcore.engine.story import charge
from enrichcore.identity import clean_linkedin
from enrichcore.model import Billed, Credits, Hit, Miss, Number, Person
from enrichcore.plugins import Provider
from enrichcore.testing.act import Act, fault, reply
from enrichcore.testing.bench import Bench, Told, asked_bytes, last
from enrichcore.testing.cases import Case, Exchange
from enrichcore.testing.checks import check, expect, skip
from enrichcore.testing.mutants import Path, digits, get, holds, mapped, paths, replaced, texts
from enrichcore.testing.transport import ScriptedTransport
from enrichcore.testing.vendor import client_of

SEE: Final = "the-module"
STRANGER: Final = {
    "first_name": "Zebulon",
    "last_name": "Quixworth",
    "company": "Nowhere Brewing",
    "domain": "nowhere.example",
    "email": "zebulon@nowhere.example",
    "linkedin_id": "zebulon-quixworth-77",
}
OTHER_PHONE: Final = "+1 212-555-0188"
MASKS: Final = ("+1 202-555-****", "+1 202 555 XXXX", "***", True, False)


def values_of(exchange: Exchange, echoes: Sequence[str] = ()) -> list[str]:
    """Every text and number in the answers of an exchange, but those of `echoes`; of one that is not JSON its text."""
    found: list[str] = []
    for act in exchange:
        try:
            found += texts(_without_echoes(act.json(), echoes))
        except ValueError:
            found.append(act.body.decode("utf-8", "replace"))
    return found


def numbers_in(told: Told) -> tuple[Number, ...]:
    """The numbers of an outcome; none unless it is a hit."""
    return told.outcome.numbers if isinstance(told.outcome, Hit) else ()


def _brings_numbers(case: Case) -> bool:
    return case.phones != ()


@check("answer.found", SEE)
def found(bench: Bench) -> None:
    """What the vendor documents as found is a hit: its numbers as the vendor writes them, accepted and paid for."""
    for case, exchange in bench.found():
        told = bench.tell(case, exchange)
        if not _brings_numbers(case):
            expect(isinstance(told.outcome, Miss) and told.outcome.person is not None,
                   f"a miss that says who it is by {case}", told.word)  # fmt: skip
            continue
        expect(told.word == "hit", f"a hit by {case}", f"{told.word}: {told.outcome}")
        raws = tuple(number.raw for number in numbers_in(told))
        if case.phones is not None:
            expect(raws == case.phones, f"{len(case.phones)} numbers by {case} as its case has them",
                   f"{len(raws)}, or others")  # fmt: skip
        [looked] = bench.look_up(case, exchange)
        expect(looked.word == "hit", f"a hit by {case} that the engine accepts", looked.word)
        assert isinstance(told.outcome, Hit)
        due = Billed.YES if bench.paid() and charge(bench.provider.price, told.outcome) else Billed.NO
        expect(looked.attempt.billed is due, f"billed {due.value} by {case}", looked.attempt.billed.value)


@check("answer.as_written", SEE)
def as_written(bench: Bench) -> None:
    """Every number is text and stands in the vendor's answer."""
    for case, exchange in bench.found():
        for number in numbers_in(bench.tell(case, exchange)):
            expect(isinstance(number.raw, str), f"text in every Number by {case}", f"a {type(number.raw).__name__}")
            if exchange:
                expect(holds(values_of(exchange), number.raw), f"numbers of the answer by {case}", "another one")


@check("answer.not_found", SEE)
def not_found(bench: Bench) -> None:
    """What the vendor documents as not found is a miss, never an error, and costs what the price says."""
    for case in bench.cases.cases:
        ends = [*case.not_found]
        if bench.speaks_http:
            expect(ends, f"at least one answer that means not found by {case}", "none in its case")
        elif case.nobody is None:
            skip("no case names somebody whom the provider does not know")
        for exchange in ends or [()]:
            exchange = whole(case, exchange)  # noqa: PLW2901 - with the submission that goes before it
            fields = None if exchange else case.nobody
            told = bench.tell(case, exchange, fields)
            expect(told.word == "miss", f"a miss by {case}", f"{told.word}: {told.outcome}")
            assert isinstance(told.outcome, Miss)
            [looked] = bench.look_up(case, exchange, fields=fields)
            expect(looked.word == "miss", f"a miss by {case}", looked.word)
            due = Billed.YES if bench.paid() and charge(bench.provider.price, told.outcome) else Billed.NO
            expect(looked.attempt.billed is due, f"billed {due.value} by {case}", looked.attempt.billed.value)


def whole(case: Case, exchange: Exchange) -> Exchange:
    """An end that was given alone, behind the submission of a found job."""
    if case.pending and len(exchange) == 1 and case.found:
        return (*case.found[0][:-1], *exchange)
    return exchange


@check("answer.person", SEE)
def person(bench: Bench) -> None:
    """Who the answer is about is passed on: name, email and LinkedIn profile feed the match and the next methods."""
    tried = False
    for case, exchange in bench.found():
        outcome = bench.tell(case, exchange).outcome
        said = outcome.person if isinstance(outcome, Hit | Miss) and outcome.person is not None else Person()
        for field, value in case.person.items():
            tried = True
            expect(getattr(said, field) == value, f"person.{field} by {case} as its case has it", "another value")
        seen = values_of(exchange, case.echoes)
        fields: dict[str, str] = {
            **case.fields,
            "name": f"{case.fields.get('first_name')} {case.fields.get('last_name')}",
        }
        for field, words in (("name", fields["name"]), ("email", fields.get("email", ""))):
            if field != case.method.value and any(words and text.casefold() == words.casefold() for text in seen):
                tried = True
                came = getattr(said, field)
                expect(isinstance(came, str) and came.casefold() == words.casefold(),
                       f"person.{field} by {case}, as the answer says it", "None or another")  # fmt: skip
        slug = fields.get("linkedin_id")
        if slug and case.method.value != "linkedin" and any(_ends_with(text, slug) for text in seen):
            tried = True
            came = clean_linkedin(said.linkedin_id) if said.linkedin_id else None
            expect(came == slug, f"person.linkedin_id by {case}, as the answer says it", "None or another")
    if not tried:
        skip("no answer says anything of the person")


def _ends_with(text: str, slug: str) -> bool:
    return text.rstrip("/").casefold().endswith("/in/" + slug.casefold())


def _strange(value: Any, case: Case) -> Any:
    """An answer in which everything that says who it is says somebody else."""
    return mapped(value, {old: STRANGER[name] for name, old in case.fields.items() if name in STRANGER})


def _names(value: Any, case: Case) -> bool:
    """Whether a value says who it is about, apart from where it gives our own question back."""
    keys = [case.fields.get(name) for name in ("email", "linkedin_id", "last_name")]
    own = _without_echoes(value, case.echoes)
    return any(key and key.casefold() in text.casefold() for text in texts(own) for key in keys)


def _without_echoes(value: Any, echoes: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without_echoes(below, echoes) for key, below in value.items() if key not in echoes}
    return [_without_echoes(below, echoes) for below in value] if isinstance(value, list) else value


@check("answer.somebody_else", "the-module")
def somebody_else(bench: Bench) -> None:
    """An answer about somebody else is refused: the provider passes on what the match needs to see it."""
    tried = False
    for case, exchange in _with_json(bench):
        end = exchange[-1]
        body = end.json()
        other = _strange(body, case)
        if not _brings_numbers(case) or not _names(body, case) or other == body:
            continue
        tried = True
        [looked] = bench.look_up(case, last(exchange, end.with_json(other)))
        expect(looked.result.phone is None, f"no number by {case} from an answer about somebody else", "one")
    if not tried:
        skip("no answer says whom it is about")


@check("answer.two_people", "the-module")
def two_people(bench: Bench) -> None:
    """When somebody else stands beside the person in an answer, their number is never taken."""
    tried = False
    for case, exchange in _with_json(bench):
        end = exchange[-1]
        body = end.json()
        for path in paths(body):
            listed = get(body, path)
            if not isinstance(listed, list) or not listed or not _names(listed[0], case):
                continue
            if not isinstance(listed[0], dict):
                continue
            tried = True
            stranger = _with_phone(_strange(listed[0], case), _raws(bench, case, exchange))
            for both in ([stranger, *listed], [*listed, stranger], [stranger]):
                [looked] = bench.look_up(case, last(exchange, end.with_json(replaced(body, path, both))))
                taken = digits(looked.result.phone or "")
                expect(taken != digits(OTHER_PHONE), f"no number of a stranger in one answer by {case}", "one")
    if not tried:
        skip("no answer has a list of people")


def _raws(bench: Bench, case: Case, exchange: Exchange) -> list[str]:
    return [str(number.raw) for number in numbers_in(bench.tell(case, exchange))]


def _with_phone(value: Any, raws: list[str]) -> Any:
    """A value in which every number that was taken is another one."""
    made = value
    for path in phone_places(value, raws):
        made = replaced(made, path, OTHER_PHONE)
    return made


def phone_places(value: Any, raws: list[str]) -> list[Path]:
    """Where the numbers stand that were taken from a value."""
    return [
        path
        for path in paths(value)
        if isinstance(get(value, path), str | int)
        and not isinstance(get(value, path), bool)
        and any(digits(raw)[-7:] and digits(raw)[-7:] in digits(str(get(value, path))) for raw in raws)
    ]


def _with_json(bench: Bench) -> Iterator[tuple[Case, Exchange]]:
    """Every exchange whose last answer is JSON."""
    for case in bench.http_cases():
        for exchange in case.found:
            if exchange[-1].body.lstrip().startswith((b"{", b"[")):
                yield case, exchange


@check("answer.masked", "the-module")
def masked(bench: Bench) -> None:
    """A preview with stars and a true instead of a number are never taken for a number."""
    tried = False
    for case in bench.http_cases():
        for exchange in case.masked:
            tried = True
            [looked] = bench.look_up(case, whole(case, exchange))
            expect(
                looked.result.phone is None and looked.word == "miss", f"a miss by {case} for a preview", looked.word
            )
    for case, exchange in _with_json(bench):
        end = exchange[-1]
        body = end.json()
        places = phone_places(body, _raws(bench, case, exchange))
        for mask in MASKS if places else ():
            tried = True
            hidden = body
            for path in places:
                hidden = replaced(hidden, path, mask)
            [looked] = bench.look_up(case, last(exchange, end.with_json(hidden)))
            expect(looked.result.phone is None, f"no number by {case} where {mask!r} stands", "one")
    if not tried:
        skip("no answer is JSON with a number in it")


@check("answer.balance", "the-module")
def balance(bench: Bench) -> None:
    """`balance()` reads what is left, names nobody, and says typed errors when it cannot."""
    if type(bench.provider).balance is Provider.balance:
        skip("it has no balance()")
    if bench.speaks_http and not bench.cases.balance:
        skip("the cases have no answer to it: Cases(balance=reply(...))")
    if not bench.speaks_http:
        left, _ = _balance(bench, ())
        expect(left is None or _is_credits(left), "Credits with a Decimal, or None", repr(left))
    for exchange in bench.cases.balance:
        left, asked = _balance(bench, exchange)
        expect(_is_credits(left), "Credits with a Decimal", repr(left))
        for case in bench.cases.cases:
            for word in case.fields.values():
                expect(word.encode() not in asked, "nobody's name in the request", "one")
        for act, fine in ((reply(401, {}), "key_refused"), (fault("html"), "unreadable")):
            if act.status in bench.provider.status_errors:
                continue
            try:
                left, _ = _balance(bench, (act,))
            except Exception as error:  # noqa: BLE001 - what it raises is what is checked
                came = getattr(error, "code", type(error).__name__)
                expect(came == fine, f"{fine} from balance()", came)
                continue
            expect(left is None, f"{fine} from balance(), or None", repr(left))


def _is_credits(left: object) -> bool:
    return isinstance(left, Credits) and isinstance(left.remaining, Decimal | None)


def _balance(bench: Bench, exchange: Exchange) -> tuple[Credits | None, bytes]:
    transport = ScriptedTransport(*exchange)

    async def ask() -> Credits | None:
        return await bench.provider.balance(client_of(bench.provider, transport, bench.settings))

    return bench.run(ask), asked_bytes(transport.asked)


def numbered(bench: Bench, case: Case, exchange: Exchange, phones: list[str]) -> list[Exchange]:
    """The exchange once for each phone, which stands wherever a number was taken from; as it is where none was."""
    end = exchange[-1] if exchange else Act()
    if not end.body.lstrip().startswith((b"{", b"[")):
        return [exchange] * len(phones)
    body = end.json()
    places = phone_places(body, _raws(bench, case, exchange))
    made = []
    for phone in phones:
        changed = body
        for path in places:
            changed = replaced(changed, path, phone)
        made.append(last(exchange, end.with_json(changed)))
    return made
