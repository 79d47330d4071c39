"""Keyed hashes: equal questions meet, different ones never do, and nothing of a person is in them."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.keys import SIZE, TAG, Keyer
from enrichcore.store.protocol import QUESTION

SECRET = bytes(range(32))


def all_keys(keyer: Keyer) -> list[bytes]:
    return [keyer.record("42"), keyer.query(b"42"), keyer.question(b"acme\x001\x00email\x00", b"42"),
            keyer.credential("acme", "42")]  # fmt: skip


def test_the_same_secret_gives_the_same_keys_on_every_machine() -> None:
    assert all_keys(Keyer(SECRET, "default")) == all_keys(Keyer(SECRET, "default"))


def test_another_secret_or_another_tenant_gives_other_keys() -> None:
    keys = [*all_keys(Keyer(SECRET, "a")), *all_keys(Keyer(SECRET, "b")), *all_keys(Keyer(SECRET[::-1], "a"))]
    assert len(set(keys)) == len(keys)


def test_a_key_is_a_keyed_blake2b_of_what_is_asked_and_one_of_who_is_asked() -> None:
    inner = hmac.digest(SECRET, b"question\0default", "sha256")
    what = hashlib.blake2b(b"e\x00ada", key=inner, digest_size=SIZE).digest()
    who = hashlib.blake2b(b"\0asked\0acme\x001\x00email\x00", key=inner, digest_size=SIZE).digest()
    assert Keyer(SECRET, "default").question(b"acme\x001\x00email\x00", b"e\x00ada") == what + who[:TAG]


def test_what_is_known_of_one_question_lies_together() -> None:
    keyer = Keyer(SECRET, "default")
    keys = [keyer.question(prefix, b"e\x00ada") for prefix in (b"acme\x001\x00email\x00", b"apex\x001\x00email\x00")]
    assert {key[:QUESTION] for key in keys} == {keyer.query(b"e\x00ada")}


@given(st.binary(min_size=16, max_size=64), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_record_id_has_a_key_of_its_own_size(secret: bytes, record_id: str) -> None:
    inner = hmac.digest(secret, b"record\0t", "sha256")
    assert (
        Keyer(secret, "t").record(record_id) == hashlib.blake2b(record_id.encode(), key=inner, digest_size=16).digest()
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=40))
def test_what_identifies_a_person_is_not_in_its_keys(text: str) -> None:
    keyer = Keyer(SECRET, "default")
    assert all(text.encode() not in key for key in (keyer.record(text), keyer.question(b"a\0", text.encode())))


def test_provider_version_method_and_query_all_make_another_question() -> None:
    keyer = Keyer(SECRET, "default")
    prefixes = [
        b"acme\x001\x00email\x00",
        b"acme\x002\x00email\x00",
        b"acme\x001\x00name\x00",
        b"apex\x001\x00email\x00",
    ]
    keys = {keyer.question(prefix, query) for prefix in prefixes for query in (b"e\0ada", b"e\0bob")}
    assert len(keys) == 8


def test_a_provider_without_a_key_has_a_credential_key_too() -> None:
    keyer = Keyer(SECRET, "default")
    assert keyer.credential("echo", None) == keyer.credential("echo", "")
    assert keyer.credential("echo", None) != keyer.credential("acme", None)
