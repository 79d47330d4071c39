"""Subject: a contact after normalising, one query for each method that its data allows, keys without hints."""

from typing import Any

import pytest

from enrichcore.model import Contact, EmailQuery, LinkedInQuery, Method, NameQuery, Subject

ADA: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"}


def subject(**fields: Any) -> Subject:
    return Subject.of(Contact(**fields))


def key(method: Method, **fields: Any) -> bytes:
    return subject(**fields).queries[method].key


def test_a_method_is_possible_when_its_data_is_there() -> None:
    everything = subject(**ADA, email="ada@engines.example", linkedin_id="ada")
    assert list(everything.queries) == [Method.NAME, Method.LINKEDIN, Method.EMAIL]
    assert [type(q) for q in everything.queries.values()] == [NameQuery, LinkedInQuery, EmailQuery]
    assert all(query.method is method for method, query in everything.queries.items())


@pytest.mark.parametrize(
    ("fields", "methods"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, []),
        ({"first_name": "Ada", "company": "Engines"}, []),
        ({"company": "Engines", "domain": "engines.example"}, []),
        ({"first_name": "Ada", "last_name": "Lovelace", "domain": "engines.example"}, ["name"]),
        ({"first_name": "Ada", "last_name": "Lovelace", "company": "engines.example"}, ["name"]),
        ({"linkedin_id": "https://www.linkedin.com/in/ada"}, ["linkedin"]),
        ({"email": "ada@engines.example"}, ["email"]),
        ({"country": "GB", "record_id": "42"}, []),
        ({}, []),
    ],
)
def test_the_three_combinations_of_the_contract(fields: dict[str, str], methods: list[str]) -> None:
    assert list(subject(**fields).queries) == methods


NAMES: list[dict[str, Any]] = [
    {"first_name": "ada", "last_name": "LOVELACE", "company": "engines"},
    {"first_name": " Ada ", "last_name": "Lovelace\u00a0", "company": "Engines, Ltd."},
    {"first_name": "A\u0301da", "last_name": "Lovelace", "company": "ENGINES LIMITED"},
]


@pytest.mark.parametrize("spelling", NAMES)
def test_spelling_makes_no_new_person(spelling: dict[str, Any]) -> None:
    assert key(Method.NAME, **spelling) == key(Method.NAME, **ADA)
    assert subject(**spelling).fingerprint == subject(**ADA).fingerprint
    assert subject(**spelling).record_id == subject(**ADA).record_id


@pytest.mark.parametrize(
    ("method", "one", "other"),
    [
        (Method.EMAIL, {"email": "Ada@Engines.example"}, {"email": " mailto:ada@engines.example "}),
        (Method.LINKEDIN, {"linkedin_id": "Ada-L"}, {"linkedin_id": "https://uk.linkedin.com/in/ada-l/?trk=x"}),
    ],
)
def test_an_address_is_one_however_it_is_written(method: Method, one: dict[str, str], other: dict[str, str]) -> None:
    assert key(method, **one) == key(method, **other)
    assert subject(**one).record_id == subject(**other).record_id


@pytest.mark.parametrize(
    ("method", "fields", "hints"),
    [
        (Method.NAME, ADA, {"domain": "engines.example"}),
        (Method.NAME, ADA, {"country": "GB"}),
        (Method.NAME, ADA, {"email": "ada@engines.example", "linkedin_id": "ada"}),
        (Method.EMAIL, {"email": "ada@engines.example"}, {**ADA, "country": "GB"}),
        (Method.LINKEDIN, {"linkedin_id": "ada"}, {**ADA, "email": "ada@engines.example"}),
    ],
)
def test_a_hint_is_not_in_the_key(method: Method, fields: dict[str, Any], hints: dict[str, Any]) -> None:
    """The same person is not bought twice because a hint arrived."""
    assert key(method, **fields, **hints) == key(method, **fields)


@pytest.mark.parametrize(
    ("method", "one", "other"),
    [
        (Method.NAME, ADA, {**ADA, "first_name": "Bea"}),
        (Method.NAME, ADA, {**ADA, "last_name": "Byron"}),
        (Method.NAME, ADA, {**ADA, "company": "Looms"}),
        (Method.NAME, {**ADA, "company": "b", "last_name": "a"}, {**ADA, "company": "a", "last_name": "b"}),
        (Method.EMAIL, {"email": "ada@engines.example"}, {"email": "ada@looms.example"}),
        (Method.LINKEDIN, {"linkedin_id": "ada"}, {"linkedin_id": "ada-2"}),
    ],
)
def test_another_person_is_another_key(method: Method, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert key(method, **one) != key(method, **other)


def test_keys_of_different_methods_never_meet() -> None:
    everybody = subject(first_name="ada", last_name="ada", company="ada", email="ada@ada.example", linkedin_id="ada")
    assert len({query.key for query in everybody.queries.values()}) == 3


def test_a_company_and_a_domain_of_the_same_text_are_two_keys() -> None:
    person = {"first_name": "Ada", "last_name": "Lovelace"}
    assert key(Method.NAME, **person, domain="engines.example") != key(Method.NAME, **ADA)


def test_hints_reach_the_query_normalised() -> None:
    fields = {**ADA, "domain": "https://www.engines.example/about", "country": "United Kingdom"}
    everything = subject(**fields, email="ada@Engines.example", linkedin_id="Ada")
    name, linkedin, email = everything.queries.values()
    assert isinstance(name, NameQuery)
    assert (name.company, name.domain, name.country) == ("Engines Ltd", "engines.example", "GB")
    assert name.full_name == "Ada Lovelace"
    assert isinstance(linkedin, LinkedInQuery)
    assert (linkedin.linkedin_id, linkedin.first_name, linkedin.country) == ("ada", "Ada", "GB")
    assert linkedin.url == "https://www.linkedin.com/in/ada"
    assert isinstance(email, EmailQuery)
    assert (email.email, email.last_name) == ("ada@engines.example", "Lovelace")


def test_a_website_in_the_company_field_is_a_domain() -> None:
    someone = subject(first_name="Ada", last_name="Lovelace", company="https://www.engines.example")
    assert (someone.company, someone.domain, someone.ignored) == (None, "engines.example", ())


def test_a_domain_of_its_own_wins_over_the_website_in_the_company_field() -> None:
    someone = subject(first_name="Ada", last_name="Lovelace", company="looms.example", domain="engines.example")
    assert someone.domain == "engines.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "n/a"),
        ("last_name", "-"),
        ("company", "N/A"),
        ("domain", "localhost"),
        ("email", "nope"),
        ("linkedin_id", "https://www.linkedin.com/sales/lead/ACwAAAB"),
        ("linkedin_id", "https://www.linkedin.com/company/engines"),
        ("country", "Atlantis"),
    ],
)
def test_a_value_that_cannot_be_one_is_named_and_not_looked_up(field: str, value: str) -> None:
    """It does not fail the record, and the rest of the contact is looked up as if it were not there."""
    someone = subject(**{"email": "ada@engines.example", field: value})
    assert someone.ignored == (field,)
    assert getattr(someone, field) is None
    assert getattr(someone.contact, field) == value
    assert len(someone.queries) == (0 if field == "email" else 1)


def test_what_is_missing_is_a_sentence_for_each_method() -> None:
    assert subject(company="Engines").missing() == (
        "name method lacks first_name, last_name; LinkedIn method lacks linkedin_id; email method lacks email"
    )
    assert subject(first_name="Ada", last_name="Lovelace").missing().startswith("name method lacks company or domain;")


def test_what_was_sent_but_cannot_be_used_is_named_beside_what_is_missing() -> None:
    told = subject(email="secret text", country="Atlantis").missing()
    assert told.endswith("email method lacks email (sent, but not usable: email, country)")
    assert "secret" not in told


def test_a_record_id_is_kept() -> None:
    assert subject(**ADA, record_id=" 42 ").record_id == " 42 "


def test_a_derived_record_id_depends_on_the_identity_alone() -> None:
    derived = subject(**ADA).record_id
    assert derived == subject(**ADA, country="GB", domain="engines.example").record_id
    assert derived != subject(**ADA, email="ada@engines.example").record_id
    assert derived != subject(**{**ADA, "last_name": "Byron"}).record_id
    assert derived.startswith("p-")
    assert len(derived) == 22


def test_a_derived_record_id_is_the_same_on_every_machine_and_in_every_version() -> None:
    """It is pinned, because people keep it in their own files."""
    assert subject(email="ada@engines.example").record_id == "p-f4e4f488ed94affe8099"
    assert subject(**ADA).record_id == "p-523d15e22eaf3771f7a3"


def test_nobody_to_look_for_still_has_an_id() -> None:
    one, other = subject(first_name="Ada"), subject(first_name="Bea")
    assert one.record_id.startswith("p-")
    assert one.record_id != other.record_id
    assert one.fingerprint == b""


@pytest.mark.parametrize(
    "query",
    [*subject(**ADA, email="ada@engines.example", linkedin_id="ada").queries.values()],
    ids=lambda q: type(q).__name__,
)
def test_a_query_shows_its_class_only(query: object) -> None:
    assert repr(query) == f"{type(query).__name__}(…)"
    assert "Ada" not in f"{query} {query!r}"
