"""The texts of a new provider's files; `@word@` stands for what `new_provider` knows."""

from typing import Final

PROJECT: Final = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "@dist@"
version = "0.1.0"
description = "enrichcore provider: @kind@, numbers by @methods@"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["enrichcore@versions@"]

[project.entry-points.enrichcore]
@name@ = "enrichcore_@name@:@kind@"

[tool.hatch.build.targets.wheel]
only-include = ["enrichcore_@name@.py", "enrichcore_@name@_cases.py"]
"""
README: Final = """\
# @dist@

Phone numbers from @kind@, for [enrichcore](https://pypi.org/project/enrichcore/).

| | |
|---|---|
| methods | @methods@ |
| key | @key_row@ |
| price | @cost@ |

```toml
[providers.@name@]
credit_price = "0.05"      # what a credit costs you
```

`enrichcore providers test @name@` checks it against the answers in `enrichcore_@name@_cases.py`.
Facts read on @today@; replace them, and the answers, by those of your vendor's documentation.
"""
MODULE: Final = '''\
"""@kind@: numbers by @methods@.

Facts from https://docs.@host@.example/api, read on @today@.
"""

from typing import Any
@errors@from enrichcore.model import @model@
from enrichcore.plugins import @plugins@
@key_in@

class @kind@(Provider):
    """Finds numbers by @methods@."""

    name = "@name@"
    base_url = "@base_url@"
@key@    docs = "https://docs.@host@.example/api"
    terms = "https://@host@.example/terms"
    price = @price@
    rate = ("5/s",)
@poll@
@hooks@
@body@

def _read(found: Any) -> Hit | Miss:
    """The answer's `person`: strictly, so that a new shape is seen and not taken for a miss."""
    if found is None:
        return Miss()
    person = Person(
        name=found["name"], company=found["company"], email=found["email"], linkedin_id=found["linkedin_url"]
    )
    numbers = [Number(phone["number"], type=phone["type"]) for phone in found["phones"]]
    return Hit(*numbers, person=person) if numbers else Miss(person)
@by_name@'''
HOOK: Final = '''\
    @hookimpl
    async def phone_by_@method@(self, query: @query@, http: Http) -> @answer@:
        """By @says@."""
        return await self.@step@(http, @who@)
'''
BODY: Final = """\
    async def _look_up(self, http: Http, who: dict[str, Any]) -> Hit | Miss:
        answer = (await http.get("/people", params=who)).json()
        return _read(answer["person"])
"""
JOB_BODY: Final = '''\
    async def _submit(self, http: Http, who: dict[str, Any]) -> Job:
        job = (await http.post("/lookups", json=who)).json()["id"]
        if not isinstance(job, str) or not job:
            raise Unreadable("expected text in 'id'")
        return Job(job)

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        """Ask once; the job again while it is running."""
        answer = (await http.get(f"/lookups/{quote(job.id, safe='')}")).json()
        if answer["status"] == "running":
            return job
        if answer["status"] != "done":
            raise JobFailed("the vendor gave the job up")
        return _read(answer["person"])
'''
JOB_ERRORS: Final = """\
from urllib.parse import quote

from enrichcore.errors import JobFailed, Unreadable
"""
POLL: Final = "    poll = Poll(first=5, every=60, give_up=3600)\n"
BY_NAME: Final = '''

def _by_name(query: NameQuery) -> dict[str, str]:
    """The name, and what is known of the employer."""
    known = {"company": query.company, "domain": query.domain}
    place = {field: value for field, value in known.items() if value is not None}
    return {"first_name": query.first_name, "last_name": query.last_name, **place}
'''
_HEAD: Final = '''\
"""What the vendor's documentation answers, for `enrichcore providers test @name@`."""

from typing import Any

from enrichcore.testing import Act, Case, Cases, reply

'''
_PERSON: Final = """\
PERSON: dict[str, Any] = {
    "name": "Ada Lovelace",
    "company": "Engines",
    "email": "ada@engines.example",
    "linkedin_url": "https://www.linkedin.com/in/ada-lovelace",
    "phones": [{"number": "+1 202-555-0143", "type": "mobile"}],
}


"""
_CASES: Final = """\
CASES = Cases(
@cases@
    errors={"key_refused": reply(401, {"error": "invalid key"}), "out_of_credits": reply(402, {"error": "no credits"})},
)
"""
CASES: Final = (
    _HEAD
    + _PERSON
    + '''\
def found(person: dict[str, Any] | None) -> Act:
    """The answer about a person, or about nobody."""
    return reply(200, {"person": person})


ANSWERS: dict[str, Any] = {
    "found": found(PERSON),
    "not_found": found(None),
    "phones": ("+1 202-555-0143",),
}
'''
    + _CASES
)
JOB_CASES: Final = (
    _HEAD
    + _PERSON
    + '''\
def done(person: dict[str, Any] | None) -> Act:
    """The poll of a job that has found a person, or nobody."""
    return reply(200, {"status": "done", "person": person})


SUBMITTED = reply(200, {"id": "job-7"})
ANSWERS: dict[str, Any] = {
    "found": (SUBMITTED, done(PERSON)),
    "not_found": done(None),
    "pending": reply(200, {"status": "running"}),
    "phones": ("+1 202-555-0143",),
}
'''
    + _CASES
)
TESTS: Final = '''\
"""What the vendor says, and what becomes of it."""

from importlib.metadata import entry_points

import pytest
from enrichcore.model import Hit, Miss
from enrichcore.testing import Act, Vendor, check_provider, fault, reply
from enrichcore.testing.cases import PERSON as ADA

from enrichcore_@name@ import @kind@
from enrichcore_@name@_cases import CASES, @helpers@


def ask(*acts: Act) -> Hit | Miss:
    """What becomes of a question about Ada Lovelace."""
    return Vendor(@kind@, *acts).ask("@method@", **ADA)


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_@name@:")]
    assert entry.name == @kind@.name
    assert entry.load() is @kind@


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test @name@`."""
    check_provider(@kind@, CASES).assert_ok()


def test_a_person_with_a_number_is_a_hit() -> None:
    answer = ask(@found@)
    assert isinstance(answer, Hit)
    assert [number.raw for number in answer.numbers] == ["+1 202-555-0143"]


def test_nobody_is_a_miss() -> None:
    assert ask(@nobody@) == Miss()


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (reply(401), "key_refused"),
        (reply(402), "out_of_credits"),
        (reply(200, []), "unreadable"),
        (fault("html"), "unreadable"),
        (fault("reset"), "maybe_sent"),
    ],
)
def test_what_goes_wrong_is_its_error(act: Act, reason: str) -> None:
    assert Vendor(@kind@, act).attempt("@method@", **ADA).reason == reason
'''
