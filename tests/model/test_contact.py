"""Contact: the rules of the contract, checked once, and what was sent kept for the echo."""

from typing import Any

import attrs
import pytest

from enrichcore.errors import EnrichcoreError, InvalidContact
from enrichcore.model import FIELDS, Contact

PERSON: dict[str, Any] = {
    "record_id": "42",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Engines Ltd",
    "domain": "engines.example",
    "email": "ada@engines.example",
    "linkedin_id": "ada-lovelace",
    "country": "GB",
}


def test_the_fields_are_those_of_the_contract_and_the_country() -> None:
    assert tuple(PERSON) == FIELDS
    contact = Contact(**PERSON)
    assert {field: getattr(contact, field) for field in FIELDS} == PERSON


def test_every_field_may_be_absent() -> None:
    assert all(getattr(Contact(), field) is None for field in FIELDS)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0", "\u2003"])
def test_blank_text_counts_as_absent(field: str, blank: Any) -> None:
    assert getattr(Contact(**{field: blank}), field) is None


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [5, 1.5, True, b"x", ["x"], {"x": 1}, object()])
def test_a_field_is_text(field: str, value: Any) -> None:
    with pytest.raises(InvalidContact) as caught:
        Contact(**{field: value})
    assert str(caught.value) == f"{field}: expected text or None, got a value of type {type(value).__name__}"


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\0b", "text without NUL characters"), ("\ud800", "valid Unicode"), ("é\udfff", "Unicode")],
)
def test_text_that_no_store_could_keep_is_refused(field: str, value: Any, expected: str) -> None:
    with pytest.raises(InvalidContact, match=expected) as caught:
        Contact(**{field: value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(("field", "limit"), [(field, 1024 if field == "record_id" else 10_000) for field in FIELDS])
def test_a_field_has_a_length_that_it_may_have(field: str, limit: int) -> None:
    longest: Any = "x" * limit
    assert getattr(Contact(**{field: longest}), field) == longest
    with pytest.raises(InvalidContact, match=f"{field}: expected at most {limit:,} characters, got {limit + 1:,}"):
        Contact(**{field: longest + "x"})


@pytest.mark.parametrize("name", ["Zoë", "🦊", "\u05d0\u05d3\u05d4", "\u202eada", "Nguyễn Thị", "𠀋", "a\tb"])
def test_any_script_is_a_name(name: str) -> None:
    assert Contact(first_name=name).first_name == name


def test_a_contact_is_a_value() -> None:
    assert Contact(**PERSON) == Contact(**PERSON)
    assert hash(Contact(email="a@x.example")) == hash(Contact(email="a@x.example"))
    assert Contact(email="a@x.example") != Contact(email="b@x.example")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Contact().email = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Contact("42")  # type: ignore[call-arg]


def test_a_mapping_becomes_a_contact_and_what_was_sent_is_kept_byte_for_byte() -> None:
    sent = {**PERSON, "first_name": "  Ada ", "company": "", "note": "ignored", "country": None}
    contact = Contact.from_dict(sent)
    assert contact.first_name == "  Ada "
    assert contact.company is None
    assert dict(contact.sent) == {field: sent[field] for field in FIELDS}
    assert contact == Contact(**{field: sent[field] for field in FIELDS})


def test_what_was_sent_cannot_be_changed_behind_our_back() -> None:
    sent = {"email": "ada@engines.example"}
    contact = Contact.from_dict(sent)
    sent["email"] = "other@engines.example"
    assert contact.sent["email"] == contact.email == "ada@engines.example"
    with pytest.raises(TypeError):
        contact.sent["email"] = "x"  # type: ignore[index]


@pytest.mark.parametrize("values", [None, [], "text", 5, [("email", "a@x.example")]])
def test_only_a_mapping_is_one(values: Any) -> None:
    with pytest.raises(InvalidContact, match="contact: expected a mapping of field names to text, got a "):
        Contact.from_dict(values)


def test_unknown_keys_are_ignored_even_when_they_are_no_text() -> None:
    assert Contact.from_dict({None: ["x"], 5: 5, "extra": object()}) == Contact()  # type: ignore[dict-item]


def test_the_error_is_one_of_ours_and_says_which_field() -> None:
    with pytest.raises(InvalidContact) as caught:
        Contact.from_dict({"email": 5})
    assert isinstance(caught.value, EnrichcoreError)
    assert isinstance(caught.value, ValueError)
    assert (caught.value.field, caught.value.expected) == ("email", "text or None")


def test_a_repr_names_fields_and_hides_values() -> None:
    shown = repr(Contact.from_dict(PERSON))
    assert shown == f"Contact({', '.join(FIELDS)})"
    assert repr(Contact(email="ada@engines.example")) == "Contact(email)"
    assert repr(Contact()) == "Contact()"
