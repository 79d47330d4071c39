"""Checks of what a provider sends, and of what gets out beside it."""

import contextlib
import io
import logging
from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5, sha1, sha256
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Method
from enrichcore.plugins import Query
from enrichcore.testing.act import FAULTS, fault, reply
from enrichcore.testing.bench import FIELDS, Bench, Told, asked_bytes, last
from enrichcore.testing.cases import Case
from enrichcore.testing.checks import check, expect, skip
from enrichcore.testing.script import Asked
from enrichcore.testing.vendor import KEY

CANARIES: Final = {"first_name": "Zebulonia", "last_name": "Canarywright", "country": "IS"}
ODD: Final = {
    "first_name": "Zo\u00eb & Fr\u00e8re",
    "last_name": "O'N\u00e9ill/?#%\u6f22",
    "company": "A&B / C?d=e#f 100% \u2013 \u0160koda",
    "email": "o'neill+tag=1&x@engines.example",
    "linkedin_id": "zo\u00eb-o-neill-1",
}
"""Values that break what is put into a URL by hand."""
_OWN: Final = {
    Method.NAME: {"first_name", "last_name", "company", "domain"},
    Method.LINKEDIN: {"linkedin_id"},
    Method.EMAIL: {"email"},
}


def _written(value: str) -> Iterator[bytes]:
    """The ways in which a value may be written into a request."""
    for text in {value, value.lower(), value.upper()}:
        raw = text.encode()
        yield raw
        yield quote(text, safe="").encode()
        yield b64encode(raw).rstrip(b"=")
        for digest in (md5, sha1, sha256):
            yield digest(raw).hexdigest().encode()  # the names of vendors' own inputs, not secrets


@check("request.only_the_query", "the-module")
def only_the_query(bench: Bench) -> None:
    """Nothing of the person leaves but the key of the query and the hints that its case declares."""
    for case in bench.http_cases():
        declared = {*_OWN[case.method], *case.hints, *bench.provider.requires.get(case.method.value, ())}
        planted = {name: word for name, word in CANARIES.items() if name not in declared}
        planted = {name: word for name, word in planted.items() if name in FIELDS[case.method]}
        for exchange in case.found:
            told = bench.tell(case, exchange, {**case.fields, **planted})
            sent = asked_bytes(told.asked)
            for name, word in planted.items():
                if name == "country":
                    shown = any(word in one.query.values() or f'"{word}"'.encode() in one.body for one in told.asked)
                else:
                    shown = any(form in sent or form in unquote_to_bytes(sent) for form in _written(word))
                expect(not shown, f"no {name} in a request by {case}, or hints=({name!r},) in its case",
                       "a request that holds it")  # fmt: skip


@check("request.asks", "the-module")
def asks(bench: Bench) -> None:
    """The key of the query is in what it sends: the person, or by name at least the company."""
    for case in bench.http_cases():
        words = [case.fields[name] for name in _OWN[case.method] - {"first_name"} if name in case.fields]
        words += case.sends
        for exchange in case.found:
            sent = asked_bytes(bench.tell(case, exchange).asked)
            plain = unquote_to_bytes(sent)
            asked = any(form in sent or form in plain for word in words for form in _written(word))
            expect(asked, f"something of the query in a request by {case}", "a request without any of it")


@check("request.same_twice", "the-module")
def same_twice(bench: Bench) -> None:
    """The same question is the same request, byte for byte, however often it is asked."""
    for case in bench.http_cases():
        for exchange in case.found:
            first, second = bench.tell_all(case, [exchange, exchange])
            expect(asked_bytes(first.asked) == asked_bytes(second.asked), f"one request by {case}",
                   "another one the second time")  # fmt: skip


@check("request.odd_values", "the-module")
def odd_values(bench: Bench) -> None:
    """Names with quotes, ampersands, slashes and letters of all alphabets are sent as they are."""
    for case in bench.http_cases():
        fields = {**case.fields, **ODD}
        for exchange in case.found[:1]:
            told = bench.tell(case, exchange, fields)
            expect(told.word != "plugin_fault", f"a request by {case} for odd names", str(told.outcome))
            expect(len(told.asked) == len(exchange), f"{len(exchange)} requests by {case}", f"{len(told.asked)}")
            for one in told.asked:
                expect("\n" not in one.url and " " not in one.url, "a URL without spaces", "one with some")
            plain = bench.tell(case, exchange)
            pairs = zip(plain.asked, told.asked, strict=True)
            same = all(a.path.count("/") == b.path.count("/") and a.query.keys() == b.query.keys() for a, b in pairs)
            expect(same, f"the same paths and parameters by {case} for odd names", "others: quote what is put in")


@check("request.key_in_its_place", "the-module")
def key_in_its_place(bench: Bench) -> None:
    """The key is where `auth` says, in every request, and nowhere else."""
    auth = bench.provider.auth
    cases = bench.http_cases()
    if auth is None:
        skip("it needs no key")
    for case in cases:
        for exchange in case.found:
            for one in bench.tell(case, exchange).asked:
                _look_for_key(one, bench)


def _look_for_key(one: Asked, bench: Bench) -> None:
    auth = bench.provider.auth
    assert auth is not None
    wanted = {name.lower(): value for name, value in auth.headers(KEY).items()}
    for name, value in wanted.items():
        expect(one.headers.get(name) == value, f"the key in the header {name!r}", "a request without it")
    for name, value in auth.params(KEY).items():
        expect(one.query.get(name) == value, f"the key in the parameter {name!r}", "a request without it")
    elsewhere = {name: value for name, value in one.headers.items() if name not in wanted}
    expect(KEY.encode() not in one.body, "no key in the body", "one")
    expect(not any(KEY in value for value in elsewhere.values()), f"the key in {', '.join(wanted) or 'no header'} only",
           "another header with it")  # fmt: skip
    expect(isinstance(auth, Query) or KEY not in one.url, "no key in the URL", "one")


@check("request.redirect", "what-goes-wrong-and-who-notices")
def redirect(bench: Bench) -> None:
    """A redirect is never followed, least of all with the key: it is an unreadable answer, and one request."""
    for case in bench.http_cases():
        for exchange in case.found:
            for place in range(len(exchange)):
                told = bench.tell(case, (*exchange[:place], fault("redirect")))
                expect(len(told.asked) == place + 1, f"{place + 1} requests by {case}", f"{len(told.asked)}")
                expect(not any("elsewhere" in one.url for one in told.asked), "no request to the other host", "one")
                expect(told.word == "unreadable", f"`unreadable` for a redirect by {case}", told.word)


@check("request.counted", "what-goes-wrong-and-who-notices")
def counted(bench: Bench) -> None:
    """It does not retry, sleep or cache: one lookup is so many requests, every time, and takes no time of its own."""
    busy = reply(503, text="busy")
    for case in bench.http_cases():
        for exchange in case.found:
            for told in bench.tell_all(case, [exchange, exchange]):
                expect(len(told.asked) == len(exchange), f"{len(exchange)} requests by {case}", f"{len(told.asked)}")
                expect(told.seconds == 0, "no sleep in the provider", f"{told.seconds:g} s of it")
            for wrong in (busy, reply(429), reply(500), fault("reset"), fault("refused")):
                told = bench.tell(case, (wrong,))
                expect(len(told.asked) == 1, f"one request by {case} when it fails at once", f"{len(told.asked)}")
                expect(told.seconds == 0, "no wait in the provider", f"{told.seconds:g} s of it")


def _shown(told: Told) -> str:
    """Everything that a person may come to see of an outcome."""
    seen = [repr(told.outcome)]
    error: BaseException | None = told.outcome if isinstance(told.outcome, ProviderError) else None
    while error is not None:
        seen.append(f"{error!s} {error!r} {error.args!r} {vars(error)!r}")
        error = error.__cause__ or error.__context__
    return "\n".join(seen)


@contextlib.contextmanager
def _overheard() -> Iterator[list[str]]:
    """Everything that is logged, by anybody and at any level, or printed."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r}")

    ear, root, printed = Ear(1), logging.getLogger(), io.StringIO()
    level = root.level
    root.addHandler(ear)
    root.setLevel(1)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield said
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
        said.append(printed.getvalue())


@check("privacy.nothing_shown", "what-goes-wrong-and-who-notices")
def nothing_shown(bench: Bench) -> None:
    """No key, no person and no URL gets into a log, a print, a repr or an exception, whatever the vendor says."""
    for case in bench.cases.cases:
        words = _canaries(bench, case)
        echo = reply(400, {"message": f"bad request for {' '.join(words)} with {KEY}"})
        with _overheard() as said:
            for exchange in case.found or ((),):
                ends = [exchange, *case.not_found, *case.pending]
                if exchange:
                    ends += [last(exchange, fault(name)) for name in FAULTS if name not in ("30 MB", "gzip bomb")]
                    ends += [(echo,), (echo.with_status(401),), (echo.with_status(500),), last(exchange, echo)]
                said += [_shown(told) for told in bench.tell_all(case, ends)]
            said.append(repr(bench.provider))
            bench.look_up(case, *(case.found or ((),)))
        text = "\n".join(said)
        for word in (*words, KEY):
            if word in text:
                line = next(line for line in text.splitlines() if word in line)
                expect(fine=False, expected="neither person nor key in what is shown",
                       came=line.replace(KEY, "<the key>")[:200])  # fmt: skip


def _canaries(bench: Bench, case: Case) -> list[str]:
    """What is a person in the question and in its answers."""
    words = [case.fields[name] for name in ("email", "linkedin_id", "last_name") if name in case.fields]
    for exchange in case.found or ((),):
        outcome = bench.tell(case, exchange).outcome
        if isinstance(outcome, Hit):
            words += [str(number.raw) for number in outcome.numbers]
    return words
