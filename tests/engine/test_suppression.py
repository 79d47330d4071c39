"""The suppression list: what can be on it, and that equal people meet on it, however they are written."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine import suppression
from enrichcore.engine.keys import SIZE, Keyer
from enrichcore.engine.suppression import (
    MAX_VALUE,
    Entry,
    Kind,
    hash_of_phone,
    hashes_of_answer,
    hashes_of_subject,
)
from enrichcore.errors import InvalidContact
from enrichcore.identity import clean_email
from enrichcore.identity.linkedin import REFUSALS
from enrichcore.model import Contact, Learned, Person, Subject
from enrichcore.model.contact import MAX_FIELD

KEYER = Keyer(b"s" * 32, "default")
PHONE = "+12025550143"


def subject(**fields: Any) -> Subject:
    return Subject.of(Contact(**fields))


def of_subject(learned: Learned | None = None, /, **fields: Any) -> set[bytes]:
    return set(hashes_of_subject(subject(**fields), KEYER, learned))


def of_answer(phone: str | None = None, **said: Any) -> set[bytes]:
    return set(hashes_of_answer(Person(**said), phone, KEYER))


def listed(kind: str, value: str) -> set[bytes]:
    return {digest for digest, _ in Entry(kind, value).hashes(KEYER)}


def refused(kind: str, value: Any) -> InvalidContact:
    with pytest.raises(InvalidContact) as caught:
        Entry(kind, value)
    return caught.value


SAME_EMAIL = [
    ("ada@engines.example", "ADA@Engines.Example"),
    ("ada@engines.example", " <mailto:ada@engines.example> "),
    ("ada.l@gmail.com", "adal+crm@googlemail.com"),
    ("Ada+x@outlook.com", "ada@outlook.com"),
    ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ("\u00e4da@engines.example", "A\u0308DA@engines.example"),
]
OTHER_EMAIL = [
    ("ada@engines.example", "ada+x@engines.example"),
    ("ada@engines.example", "a.da@engines.example"),
    ("ada@engines.example", "ada@mail.engines.example"),
    ("ada@gmail.com", "ada@outlook.com"),
]
SAME_LINKEDIN = [
    ("ada-lovelace", "https://www.linkedin.com/in/Ada-Lovelace/?trk=x"),
    ("https://uk.linkedin.com/in/ada-lovelace/de", "in/ada-lovelace"),
    ("ada-l%C3%B6ve", "ada-l\u00f6ve"),
    ("https://www.linkedin.com/pub/ada-lovelace/12/345/678", "ada-lovelace-67834512"),
]
OTHER_LINKEDIN = [("ada-lovelace", "ada-lovelace-1"), ("ada-lovelace", "adalovelace")]
SAME_NAME = [
    ("Ada Lovelace, engines.example", "Ada", "Lovelace", "https://www.engines.example/team"),
    ("LOVELACE, ADA, engines.example", "ada", "lovelace", "engines.example"),
    ("Z\u00fclal \u00d6zt\u00fcrk, engines.example", "Zulal", "Ozturk", "engines.example"),
    ("Zulal Ozturk, engines.example", "Z\u00fclal", "\u00d6ztu\u0308rk", "engines.example"),
    ("Jurgen Muller, engines.example", "J\u00fcrgen", "M\u00fcller", "engines.example"),
    ("Juergen Mueller, engines.example", "J\u00fcrgen", "M\u00fcller", "engines.example"),
    ("J\u00fcrgen M\u00fcller, engines.example", "Juergen", "Mueller", "engines.example"),
    ("Anne-Marie Dupont, engines.example", "Anne Marie", "Dupont", "engines.example"),
    ("Ada Lovelace, b\u00fccher.example", "Ada", "Lovelace", "xn--bcher-kva.example"),
    ("Ada Lovelace, engines.example", "Ada", "Lovelace", "uk.engines.example"),
]
OTHER_NAME = [
    ("Ada Lovelace, engines.example", "Ada", "Lovelace", "looms.example"),
    ("Ada Lovelace, engines.example", "Ada", "Byron", "engines.example"),
    ("Ada King Lovelace, engines.example", "Ada", "Lovelace", "engines.example"),
    ("Ada Lovelace, uk.engines.example", "Ada", "Lovelace", "engines.example"),
]
SAME_DOMAIN = [
    ("engines.example", "https://www.engines.example/x?y"),
    ("ENGINES.example.", "engines.example"),
    ("engines.example", "a.b.engines.example"),
    ("b.engines.example", "a.b.engines.example"),
    ("engines.co.uk", "mail.engines.co.uk"),
    ("b\u00fccher.example", "shop.xn--bcher-kva.example"),
    ("ada.github.io", "ada.github.io"),
]
OTHER_DOMAIN = [
    ("a.engines.example", "engines.example"),
    ("a.engines.example", "b.engines.example"),
    ("engines.example", "enginesengines.example"),
    ("engines.co.uk", "looms.co.uk"),
    ("ada.github.io", "bob.github.io"),
]


@pytest.mark.parametrize(("entry", "sent"), SAME_EMAIL)
def test_a_listed_mailbox_is_found_however_it_is_written(entry: str, sent: str) -> None:
    hashes = listed("email", entry)
    assert hashes <= of_subject(email=sent)
    assert hashes <= of_subject(Learned(email=clean_email(sent)), linkedin_id="somebody")
    assert hashes <= of_answer(email=sent)
    assert Entry("email", entry) == Entry("email", sent)


@pytest.mark.parametrize(("entry", "sent"), OTHER_EMAIL)
def test_another_mailbox_is_not_the_listed_one(entry: str, sent: str) -> None:
    assert listed("email", entry).isdisjoint(of_subject(email=sent) | of_answer(email=sent))
    assert Entry("email", entry) != Entry("email", sent)


@pytest.mark.parametrize(("entry", "sent"), SAME_LINKEDIN)
def test_a_listed_profile_is_found_in_every_form(entry: str, sent: str) -> None:
    for one, other in ((entry, sent), (sent, entry)):
        assert listed("linkedin_id", one) <= of_subject(linkedin_id=other)
        assert listed("linkedin_id", one) <= of_answer(linkedin_id=other)
    assert listed("linkedin_id", entry) <= of_subject(Learned(linkedin_id=Entry("linkedin_id", sent).forms[0]))


@pytest.mark.parametrize(("entry", "sent"), OTHER_LINKEDIN)
def test_another_profile_is_not_the_listed_one(entry: str, sent: str) -> None:
    assert listed("linkedin_id", entry).isdisjoint(of_subject(linkedin_id=sent) | of_answer(linkedin_id=sent))


@pytest.mark.parametrize(("entry", "first", "last", "domain"), SAME_NAME)
def test_a_name_at_a_domain_is_found_wherever_the_domain_comes_from(
    entry: str, first: str, last: str, domain: str
) -> None:
    hashes = listed("name_and_domain", entry)
    names: dict[str, Any] = {"first_name": first, "last_name": last}
    host = Entry("domain", domain).forms[0]
    for found in (
        of_subject(**names, domain=domain),
        of_subject(**names, company=domain),
        of_subject(**names, company=domain, domain="looms.example"),
        of_subject(**names, email=f"a@{host}"),
        of_subject(Learned(domain=host), **names, company="Engines"),
        of_subject(Learned(email=f"a@{host}"), **names, company="Engines"),
        of_answer(name=f"{first} {last}", domain=domain),
        of_answer(name=f"{last}, {first}", company=domain),
        of_answer(name=f"{first} {last}", email=f"a@{host}"),
    ):
        assert not hashes.isdisjoint(found)
    assert hashes.isdisjoint(of_subject(**names, company="Engines"))
    assert hashes.isdisjoint(of_answer(name=f"{first} {last}"))
    assert hashes.isdisjoint(of_answer(domain=domain))


@pytest.mark.parametrize(("entry", "first", "last", "domain"), OTHER_NAME)
def test_another_name_or_another_domain_is_not_the_listed_one(entry: str, first: str, last: str, domain: str) -> None:
    hashes = listed("name_and_domain", entry)
    assert hashes.isdisjoint(of_subject(first_name=first, last_name=last, domain=domain))
    assert hashes.isdisjoint(of_answer(name=f"{first} {last}", domain=domain))


@pytest.mark.parametrize(("entry", "sent"), SAME_DOMAIN)
def test_a_listed_domain_covers_itself_and_what_lies_below(entry: str, sent: str) -> None:
    hashes = listed("domain", entry)
    host = Entry("domain", sent).forms[0]
    for found in (
        of_subject(domain=sent),
        of_subject(company=sent),
        of_subject(email=f"a@{host}"),
        of_subject(Learned(domain=host)),
        of_subject(Learned(email=f"a@{host}")),
        of_answer(domain=sent),
        of_answer(company=sent),
        of_answer(email=f"a@{host}"),
    ):
        assert hashes <= found


@pytest.mark.parametrize(("entry", "sent"), OTHER_DOMAIN)
def test_a_listed_domain_covers_nothing_beside_or_above(entry: str, sent: str) -> None:
    assert listed("domain", entry).isdisjoint(of_subject(domain=sent, email=f"a@{sent}") | of_answer(domain=sent))


def test_a_host_of_personal_mail_is_no_domain_of_a_person() -> None:
    names: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace"}
    only_email = listed("email", "ada@gmail.com")
    assert of_subject(**names, email="ada@gmail.com", domain="gmail.com", company="https://gmail.com") == only_email
    assert of_answer(name="Ada Lovelace", email="ada@gmail.com", domain="gmail.com") == only_email


@pytest.mark.parametrize("written", ["+1 (202) 555-0143", "tel:+1-202-555-0143", "001 202 555 0143", "+12025550143 x5"])
def test_a_number_is_listed_in_e164(written: str) -> None:
    entry = Entry("phone", written)
    assert entry == Entry(Kind.PHONE, PHONE)
    assert entry.hashes(KEYER) == ((hash_of_phone(PHONE, KEYER), "phone"),)
    assert hashes_of_answer(None, PHONE, KEYER) == (hash_of_phone(PHONE, KEYER),)
    assert hash_of_phone(PHONE, KEYER) in of_answer(PHONE, name="Ada Lovelace")
    assert hash_of_phone(PHONE, KEYER) != hash_of_phone("+12025550144", KEYER)


def test_an_answer_without_person_and_number_has_nothing_to_be_listed_by() -> None:
    assert hashes_of_answer(None, None, KEYER) == ()
    assert hashes_of_answer(Person(), None, KEYER) == ()
    assert hashes_of_answer(Person(company="Engines Ltd", name="Ada Lovelace"), None, KEYER) == ()


def test_what_an_answer_says_may_be_of_any_type() -> None:
    odd: Any = {"a": 1}
    assert of_answer(name=odd, email=odd, domain=odd, company=odd, linkedin_id=odd) == set()
    assert of_answer(name=7, email="ada@engines.example") == of_answer(email="ada@engines.example")


def test_fields_that_cannot_be_what_they_claim_are_on_no_list() -> None:
    assert (
        of_subject(email="none", domain="-", linkedin_id="https://www.linkedin.com/company/x", company="n/a") == set()
    )


def test_everything_of_a_person_is_hashed_once_each() -> None:
    hashes = hashes_of_subject(
        subject(first_name="Ada", last_name="Lovelace", domain="engines.example", email="ada@uk.engines.example",
                company="engines.example", linkedin_id="ada-l"),
        KEYER,
        Learned(domain="engines.example"),
    )  # fmt: skip
    wanted = (
        listed("email", "ada@uk.engines.example")
        | listed("linkedin_id", "ada-l")
        | listed("domain", "engines.example")
        | listed("domain", "uk.engines.example")
        | listed("name_and_domain", "Ada Lovelace, engines.example")
        | listed("name_and_domain", "Ada Lovelace, uk.engines.example")
    )
    assert len(hashes) == len(wanted) == 6
    assert set(hashes) == wanted


EXPECTED = {
    "phone": "one number with its country code, such as +12025550143",
    "email": "an address such as ada@engines.example",
    "linkedin_id": "the slug or the address of a person's profile",
    "domain": "a domain that somebody registered, such as engines.example, or one below it",
    "name_and_domain": "a first name, a last name, a comma and a domain, such as Ada Lovelace, engines.example",
}
SUFFIX = "a public suffix, below which anybody may register"
PERSONAL = "a host of personal mail, where nobody is a colleague; list the addresses themselves"
REFUSED = [
    ("phone", "ada@engines.example", "text that is no number"),
    ("phone", "", "text that is no number"),
    ("phone", "202 555 0143", "a number without its country code"),
    ("phone", "+1 202 555 ****", "a number with hidden digits"),
    ("phone", "+1 202", "a number of a length that no number has"),
    ("phone", "+1 200 111 2222", "a number of a range that no country gives out"),
    ("phone", "+1 900 234 5678", "a number of a kind that is never given as an answer"),
    ("phone", "+12025550143; +447700900123", "more than one number"),
    ("phone", "+12025550143, +447700900123", "more than one number"),
    ("phone", "+1\uff12025550143 / +447700900123", "more than one number"),
    ("email", "ada", "text that is no address"),
    ("email", "Ada <ada@engines.example>", "text that is no address"),
    ("email", "ada@engines.example, bob@engines.example", "text that is no address"),
    ("linkedin_id", "https://www.linkedin.com/company/engines", "the page of a company"),
    ("linkedin_id", "https://www.linkedin.com/sales/lead/x", REFUSALS["sales_navigator"]),
    ("linkedin_id", "", REFUSALS["empty"]),
    ("domain", "engines", "text that is no domain"),
    ("domain", "ada@engines.example", "text that is no domain"),
    ("domain", "gmail.com", PERSONAL),
    ("domain", "co.uk", SUFFIX),
    ("domain", "https://github.io/x", SUFFIX),
    ("name_and_domain", "Ada Lovelace", "behind the last comma text that is no domain"),
    ("name_and_domain", "Ada Lovelace engines.example", "behind the last comma text that is no domain"),
    ("name_and_domain", "Ada Lovelace, gmail.com", f"behind the last comma {PERSONAL}"),
    ("name_and_domain", "Ada, engines.example", "no first and last name before the last comma"),
    ("name_and_domain", ", engines.example", "no first and last name before the last comma"),
    ("name_and_domain", "First Name, engines.example", "no first and last name before the last comma"),
    ("name_and_domain", "Ada Lovelace, co.uk", f"behind the last comma {SUFFIX}"),
]


@pytest.mark.parametrize(("kind", "value", "got"), REFUSED)
def test_a_value_that_cannot_be_what_it_claims_is_refused_by_kind_and_without_a_word_of_it(
    kind: str, value: str, got: str
) -> None:
    error = refused(kind, value)
    assert error.field == kind
    assert error.got == got
    assert error.expected == EXPECTED[kind]
    assert not any(len(word) > 2 and word in error.got for word in value.replace(",", " ").split())


def test_every_reason_for_which_a_number_is_refused_has_words() -> None:
    assert refused("phone", "+1 555 555 5555").got == "a number that only fills a field"
    assert set(suppression._WORDS_OF_READING) <= {
        "masked", "unparsable", "ambiguous_region", "not_possible", "not_valid", "placeholder",
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("value", "got"),
    [
        (None, "a value of type NoneType"),
        (7, "a value of type int"),
        ("x" * 10_001, "10,001"),
        ("x" * 1_000_000, "1,000,000"),
        ("Ada\0 Lovelace, engines.example", "text with a NUL character"),
        ("Ad\udce9 Lovelace, engines.example", "text with bytes that could not be decoded"),
    ],
    ids=["none", "int", "long", "megabyte", "nul", "surrogate"],
)
def test_damaged_text_is_refused_for_every_kind(kind: Kind, value: Any, got: str) -> None:
    error = refused(kind, value)
    assert (error.field, error.got) == (kind, got)
    assert error.expected == ("at most 10,000 characters" if got[-1].isdigit() else EXPECTED[kind])


@pytest.mark.parametrize("edge", ["\ud7ff", "\ue000", "\ufffc", "\ufffe"])
def test_only_what_stands_for_a_lost_byte_counts_as_damage(edge: str) -> None:
    assert suppression._garbled(edge) is None


def test_all_that_stands_for_a_lost_byte_counts_as_damage() -> None:
    for code in (0xD800, 0xDCE9, 0xDFFF, 0xFFFD):
        assert suppression._garbled("x" + chr(code)) == "text with bytes that could not be decoded"
    assert "could not be decoded" in refused("name_and_domain", "Ad\ufffd Lovelace, engines.example").got


def test_the_longest_value_is_read() -> None:
    name = "Ada " + "L" * (MAX_VALUE - len("Ada , engines.example"))
    assert len(f"{name}, engines.example") == MAX_VALUE == MAX_FIELD
    hashes = listed("name_and_domain", f"{name}, engines.example")
    assert hashes <= of_subject(first_name="Ada", last_name=name[4:], domain="engines.example")
    assert hashes <= of_answer(name=name, domain="engines.example")


def test_a_name_longer_than_any_entry_can_be_is_not_worth_hashing() -> None:
    for length, found in ((MAX_VALUE, 2), (MAX_VALUE + 1, 1), (1_000_000, 1)):
        assert len(of_answer(name="a " + "b" * (length - 2), domain="engines.example")) == found


@pytest.mark.parametrize("text", ["\u0301" * 1_000_000, "a." * 500_000, "@" * 1_000_000, "/" * 1_000_000, "\ud800" * 9])
def test_no_text_that_a_vendor_sends_stops_the_check(text: str) -> None:
    assert of_answer(name=text, email=text, domain=text, company=text, linkedin_id=text) == set()


def test_an_unknown_kind_is_named_with_the_known_ones() -> None:
    error = refused("mail", "ada@engines.example")
    assert str(error) == ("kind: expected one of phone, email, linkedin_id, domain, name_and_domain, got another word")


def test_an_entry_by_name_takes_the_domain_in_any_form() -> None:
    entry = Entry.named("Lovelace, Ada", "https://www.engines.example/a,b")
    assert entry == Entry("name_and_domain", "Ada Lovelace, engines.example")
    with pytest.raises(InvalidContact, match="behind the last comma text that is no domain"):
        Entry.named("Ada Lovelace", "ada@engines.example")


def test_nothing_of_a_person_is_in_a_repr() -> None:
    assert repr(Entry("email", "ada@engines.example")) == "Entry('email', …)"


def test_entries_are_values() -> None:
    entry = Entry("email", "ada@engines.example")
    assert len({entry, Entry("email", "ADA@engines.example"), Entry("domain", "engines.example")}) == 2
    assert pickle.loads(pickle.dumps(entry)) == entry
    assert (entry.kind, entry.forms) == (Kind.EMAIL, ("ada@engines.example",))


def test_a_hash_is_bound_to_kind_tenant_and_secret() -> None:
    value = "ada-l.example"
    keyers = [KEYER, Keyer(b"s" * 32, "globex"), Keyer(b"t" * 32, "default")]
    hashes = {keyer.listed(kind, value) for keyer in keyers for kind in Kind}
    assert len(hashes) == 15
    assert {len(digest) for digest in hashes} == {SIZE}
    assert KEYER.listed("email", "x") not in {KEYER.record("email\0x"), KEYER.query(b"email\0x")}
    assert len(KEYER.listed("email", "\ud800")) == SIZE


WORDS = st.text(st.characters(categories=["L", "M", "N", "Zs", "Pd", "Po"]), max_size=40)
SPELLINGS = st.sampled_from(["A\u0308da", "\u00c4DA", "\u00e4da"]), st.sampled_from(["Lo\u0301pez", "L\u00d3PEZ"])


@given(*SPELLINGS, *SPELLINGS)
def test_every_spelling_of_a_name_meets_every_other(first: str, last: str, other_first: str, other_last: str) -> None:
    assert Entry.named(f"{first} {last}", "engines.example") == Entry.named(
        f"{other_last}, {other_first}", "engines.example"
    )


@given(WORDS, WORDS)
def test_whoever_can_be_listed_is_found_as_a_contact_and_in_an_answer(first: str, last: str) -> None:
    try:
        entry = Entry.named(f"{first} {last}", "engines.example")
    except InvalidContact:
        return
    hashes = {digest for digest, _ in entry.hashes(KEYER)}
    assert hashes <= of_answer(name=f"{first} {last}", domain="engines.example")
    assert hashes <= of_answer(name=f"{last} {first}", email="x@engines.example")


@given(st.text(), st.sampled_from(list(Kind)))
def test_any_text_is_an_entry_or_a_clear_refusal(text: str, kind: Kind) -> None:
    try:
        hashes = Entry(kind, text).hashes(KEYER)
    except InvalidContact as error:
        hashes = ((bytes(SIZE), error.field),)
    assert 1 <= len(hashes) <= 2
    assert all(len(digest) == SIZE and name == kind for digest, name in hashes)


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=6))
def test_a_subdomain_has_one_hash_for_each_domain_that_it_lies_in(labels: list[str]) -> None:
    domain = ".".join([*labels, "engines", "example"])
    assert suppression._places(domain) == tuple(
        ".".join([*labels[i:], "engines", "example"]) for i in range(len(labels) + 1)
    )
