"""Encryption at rest: the format, the keys, and what is never said aloud."""

import base64
import copy
import hashlib
import hmac
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.errors import ConfigError, EnrichcoreError, StoreError
from enrichcore.store import cipher as module
from enrichcore.store.cipher import OVERHEAD, PLAIN, Cipher, key_id, load_cipher, place

Record = list[int]


def key(number: int) -> bytes:
    return hashlib.sha256(b"key %d" % number).digest()


def text(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


OLD, NEW, OTHER = key(0), key(1), key(2)
VALUE = b'[["+12025550143","Zo\xc3\xab"],null]'
HERE = place("attempts.payload", "default", b"row-1")


@pytest.fixture(autouse=True)
def _library(require: Callable[[str], NoReturn]) -> None:
    if find_spec("cryptography") is None:
        require("the extra `crypto` is not installed")


@pytest.fixture
def nonces(monkeypatch: pytest.MonkeyPatch) -> Record:
    """The operating system's random bytes are 0, 1, 2 ...; how many were taken each time."""
    taken: Record = []

    def count_up(size: int) -> bytes:
        taken.append(size)
        return bytes(range(size))

    monkeypatch.setattr(os, "urandom", count_up)
    return taken


# --- the format ---------------------------------------------------------------------------------------------------


def test_a_sealed_value_is_aes_256_gcm_in_the_stated_layout(nonces: Record) -> None:
    """Version, key id, nonce, ciphertext and tag are what the library gives for them when asked step by step."""
    from cryptography.hazmat.primitives.ciphers import Cipher as Steps
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    head = b"\xf8" + hmac.new(OLD, b"enrichcore store key id 1", hashlib.sha256).digest()[:4]
    steps = Steps(AES256(OLD), GCM(bytes(range(12)))).encryptor()
    steps.authenticate_additional_data(head + b"attempts.payload\x007\x00defaultrow-1")
    body = steps.update(VALUE) + steps.finalize() + steps.tag

    sealed = Cipher([OLD]).seal(VALUE, HERE)
    assert sealed == head + bytes(range(12)) + body
    assert len(sealed) == len(VALUE) + OVERHEAD
    assert nonces == [12]


def test_what_was_sealed_once_stays_readable() -> None:
    """A value that an earlier version has written opens: the format is for ever."""
    sealed = bytes.fromhex(
        "f8a9bbfa42000102030405060708090a0ba0c44a79f4c7efa29144bcf720f052f0919a09faf60f1e50e5ad46a128500f3946ace3107715a2"
    )
    assert Cipher([OLD]).open(sealed, HERE) == b'[["+12025550143"],null]'
    assert key_id(sealed) == "a9bbfa42"


def test_nonces_are_random_and_do_not_repeat() -> None:
    """The same value sealed a thousand times gives a thousand nonces."""
    cipher = Cipher([OLD])
    assert len({cipher.seal(VALUE, HERE)[5:17] for _ in range(1000)}) == 1000


def test_everything_that_is_sealed_opens() -> None:
    """Any bytes at any place come back, from the same cipher and from another one with the same key."""
    one, another = Cipher([NEW, OLD]), Cipher([NEW])

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=5000), st.binary(max_size=200))
    def holds(value: bytes, about: bytes) -> None:
        sealed = one.seal(value, about)
        assert one.open(sealed, about) == another.open(sealed, about) == value
        assert len(value) < 4 or value not in sealed

    holds()


def test_one_cipher_serves_many_threads() -> None:
    """Values sealed and opened by eight threads at once are all right."""
    cipher = Cipher([NEW, OLD])

    def work(number: int) -> bool:
        value, about = b"[%d]" % number, b"%d" % number
        return cipher.open(cipher.seal(value, about), about) == value

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(2000)))


# --- keys -----------------------------------------------------------------------------------------------------------


def test_keys_are_changed_by_putting_a_new_one_in_front() -> None:
    """The first key seals, all open; without the old key its values say which key is missing."""
    before, during, after = Cipher([OLD]), Cipher([NEW, OLD]), Cipher([NEW])
    [old], [new] = before.key_ids, after.key_ids
    assert during.key_ids == (new, old)
    first, second = before.seal(VALUE, HERE), during.seal(VALUE, HERE)
    assert (key_id(first), key_id(second)) == (old, new)
    assert during.open(first, HERE) == during.open(second, HERE) == after.open(second, HERE) == VALUE
    with pytest.raises(StoreError, match=f"sealed with key {old}, and the keys given here are {new}. Add the missing"):
        after.open(first, HERE)
    with pytest.raises(StoreError, match=f"sealed with key {new}, and the keys given here are {old}"):
        before.open(second, HERE)


def test_an_unknown_key_is_told_with_all_that_are_known() -> None:
    """The message lists the ids that were given, in their order, and both places where a key can be set."""
    cipher = Cipher([NEW, OLD])
    with pytest.raises(StoreError) as told:
        cipher.open(Cipher([OTHER]).seal(VALUE, HERE), HERE)
    [missing], [new, old] = Cipher([OTHER]).key_ids, cipher.key_ids
    assert str(told.value) == (
        f"a value of the journal was sealed with key {missing}, and the keys given here are {new}, {old}. Add the "
        "missing key behind them, in ENRICHCORE_STORE_KEY or [store] key; if there never was one of that id, the value "
        "is damaged: restore the journal from a backup"
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([], "there is none"),
        ([OLD[:16]], "key 1 has 16 bytes, not 32"),
        ([OLD, NEW + b"x"], "key 2 has 33 bytes, not 32"),
        ([OLD, b""], "key 2 has 0 bytes, not 32"),
        ([NEW, OLD, NEW], "keys 1 and 3 are the same"),
        ([OLD, NEW, OTHER, NEW], "keys 2 and 4 are the same"),
        ([NEW, key(9410), key(58841)], "keys 2 and 3 have the same id, by a rare chance: make another new key"),
    ],
)
def test_keys_that_cannot_be_are_refused(keys: list[bytes], words: str) -> None:
    with pytest.raises(ConfigError) as told:
        Cipher(keys)
    assert str(told.value) == f"the store's keys: {words}"


FORMS = {
    "base64": text(NEW),
    "base64 without padding": text(NEW).rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(NEW).decode(),
    "hex": NEW.hex(),
    "hex in capitals": NEW.hex().upper(),
    "with the end of a line": f" {text(NEW)}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_may_be_written_in_several_ways(form: str) -> None:
    """Each means the same 32 bytes, alone and in front of an older key."""
    assert Cipher.from_text(FORMS[form]).key_ids == Cipher([NEW]).key_ids
    assert Cipher.from_text(f"{FORMS[form]}, {OLD.hex()}").key_ids == Cipher([NEW, OLD]).key_ids


def test_both_alphabets_of_base64_are_read() -> None:
    """A key with the digits 62 and 63 is the same key as + and / and as - and _."""
    odd = bytes.fromhex("fbff") + key(3)[2:]
    standard, urls = base64.b64encode(odd).decode(), base64.urlsafe_b64encode(odd).decode()
    assert standard.startswith("+/")
    assert urls.startswith("-_")
    assert Cipher.from_text(standard).key_ids == Cipher.from_text(urls).key_ids == Cipher([odd]).key_ids


EXPECTED = (
    "expected 32 random bytes as base64 (44 characters) or hex (64), several separated by commas, the newest first; "
    "`openssl rand -base64 32` makes one"
)
MISTAKES = {
    "": "it is empty",
    " \n": "it is empty",
    "correct horse battery staple": "key 1 has another form (28 characters)",
    f"{text(NEW)},": "key 2 has another form (0 characters)",
    f",{text(NEW)}": "key 1 has another form (0 characters)",
    text(NEW)[:-2]: "key 1 has another form (42 characters)",
    f"{text(NEW)[:-1]}AA": "key 1 has another form (45 characters)",
    f"{text(NEW)};{text(OLD)}": "key 1 has another form (89 characters)",
    f"{text(NEW)[:20]} {text(NEW)[20:]}": "key 1 has another form (45 characters)",
    NEW.hex()[:-1]: "key 1 has another form (63 characters)",
    f"{text(NEW)}, {NEW.hex()[:-1]}g": "key 2 has another form (64 characters)",
    f"{NEW.hex()[:-2]}  {OLD.hex()}": "key 1 has another form (128 characters)",
    f"{NEW.hex()[:30]}    {NEW.hex()[:30]}": "key 1 has another form (64 characters)",
    f"{text(NEW)[:20]}!{text(NEW)[21:]}": "key 1 has another form (44 characters)",
    f"{text(NEW)[:20]}é{text(NEW)[21:]}": "key 1 has another form (44 characters)",
    f"{NEW.hex()[:-1]}é": "key 1 has another form (64 characters)",
    f"{text(NEW)},{text(OLD)},{text(NEW)}": "keys 1 and 3 are the same",
    f"{text(NEW)},{text(key(9410))},{key(58841).hex()}": (
        "keys 2 and 3 have the same id, by a rare chance: make another new key"
    ),
    text(bytes(32)): "key 1 is not random",
    f"{text(NEW)},{text(bytes(range(11)) * 2 + bytes(10))}": "key 2 is not random",
}


@pytest.mark.parametrize("given_text", MISTAKES, ids=MISTAKES.values())
def test_a_mistake_in_a_key_is_told_without_the_key(given_text: str) -> None:
    """The message names the setting, the key by its number, the expected form and how to make one."""
    with pytest.raises(ConfigError) as told:
        Cipher.from_text(given_text)
    said = str(told.value)
    assert said.startswith(f"ENRICHCORE_STORE_KEY: {MISTAKES[given_text]}")
    assert said.endswith(f"{MISTAKES[given_text][-9:]}; {EXPECTED}")


def test_twelve_different_bytes_are_enough() -> None:
    """What looks like a placeholder is refused, what might be random is not."""
    assert len(Cipher.from_text(text(bytes(range(12)) + bytes(20))).key_ids) == 1


def test_a_key_comes_from_the_operating_system(nonces: Record) -> None:
    """`generate` gives 32 bytes of it in the form that is expected."""
    made = Cipher.generate()
    assert nonces == [32]
    assert base64.b64decode(made) == bytes(range(32))
    assert len(made) == 44
    assert len(Cipher.from_text(made).key_ids) == 1


def test_the_environment_goes_before_the_configuration() -> None:
    env = {"ENRICHCORE_STORE_KEY": text(NEW)}
    found = [load_cipher(None, env), load_cipher(text(OLD), env), load_cipher(text(OLD), {})]
    assert [cipher and cipher.key_ids for cipher in found] == [Cipher([k]).key_ids for k in (NEW, NEW, OLD)]
    assert load_cipher(None, {"ENRICHCORE_SECRET": text(NEW)}) is None


@pytest.mark.parametrize(
    ("configured", "env", "name"),
    [
        (text(OLD), {"ENRICHCORE_STORE_KEY": ""}, "ENRICHCORE_STORE_KEY: it is empty"),
        (None, {"ENRICHCORE_STORE_KEY": "abc"}, "ENRICHCORE_STORE_KEY: key 1"),
        ("abc", {}, r"\[store\] key: key 1"),
        ("", {}, r"\[store\] key: it is empty"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(configured: str | None, env: dict[str, str], name: str) -> None:
    """An empty variable does not mean "without a key": what should be encrypted would be written plain."""
    with pytest.raises(ConfigError, match=f"^{name}"):
        load_cipher(configured, env)


@pytest.mark.parametrize("lost", ["cryptography.exceptions", "cryptography.hazmat.primitives.ciphers.aead"])
def test_without_the_library_the_message_says_what_to_install(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing or broken library is told as a mistake of the configuration, with its cause."""
    monkeypatch.setitem(sys.modules, lost, None)
    makes: list[Callable[[], object]] = [
        lambda: Cipher([NEW]),
        lambda: Cipher.from_text(text(NEW)),
        lambda: load_cipher(text(NEW), {}),
    ]
    for make in makes:
        with pytest.raises(
            ConfigError, match=r"^encryption at rest needs .* pip install 'enrichcore\[crypto\]'$"
        ) as told:
            make()
        assert isinstance(told.value.__cause__, ImportError)
        assert not any(trace in str(error) for error in chain(told.value) for trace in traces(NEW))


def test_the_library_is_loaded_only_when_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store without a key works where the library is missing."""
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    assert load_cipher(None, {}) is None
    assert PLAIN.open(PLAIN.seal(VALUE, HERE), HERE) == VALUE


# --- what does not open -------------------------------------------------------------------------------------------

ELSEWHERE = {
    "another column": place("results.payload", "default", b"row-1"),
    "another tenant": place("attempts.payload", "globex", b"row-1"),
    "another row": place("attempts.payload", "default", b"row-2"),
    "a longer row": place("attempts.payload", "default", b"row-1\0"),
    "nowhere": b"",
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_value_in_another_place_does_not_open(where: str) -> None:
    """Two rows that were swapped are noticed."""
    cipher = Cipher([NEW, OLD])
    with pytest.raises(
        StoreError,
        match=r"^a value of the journal, sealed with key .* is damaged or cut short, or was moved here from another",
    ) as told:
        cipher.open(cipher.seal(VALUE, HERE), ELSEWHERE[where])
    assert cipher.key_ids[0] in str(told.value)


def test_no_two_places_are_the_same() -> None:
    """Whatever a tenant is called and a row begins with, a place stands for one column, one tenant and one row."""
    columns, names, rows = (
        st.sampled_from(["a", "a.b", "ab"]),
        st.text("a\0:1\ud800é", max_size=4),
        st.binary(max_size=4),
    )
    places = st.tuples(columns, names, rows)

    @settings(max_examples=500, deadline=None)
    @given(places, places)
    def holds(one: tuple[str, str, bytes], other: tuple[str, str, bytes]) -> None:
        assert (place(*one) == place(*other)) == (one == other)

    holds()
    assert place("a", "1", b"\x001") != place("a", "", b"1\x001") != place("a", "1\x001", b"")


def test_a_value_that_was_cut_does_not_open() -> None:
    """Cut at every byte, at either end, and with a byte too many: always an error."""
    cipher = Cipher([NEW])
    sealed = cipher.seal(VALUE, HERE)
    for length in range(len(sealed)):
        with pytest.raises(StoreError, match="damaged or cut short" if length >= 5 else "neither sealed nor plain"):
            cipher.open(sealed[:length], HERE)
        if sealed[length + 1 : length + 2] not in (b"[", b"{"):
            with pytest.raises(StoreError):
                cipher.open(sealed[length + 1 :], HERE)
    with pytest.raises(StoreError, match="damaged or cut short"):
        cipher.open(sealed + b"\0", HERE)


def test_an_empty_value_that_was_sealed_opens() -> None:
    """The shortest sealed value has 33 bytes."""
    cipher = Cipher([NEW])
    sealed = cipher.seal(b"", HERE)
    assert len(sealed) == OVERHEAD == 33
    assert cipher.open(sealed, HERE) == b""
    assert key_id(sealed) == cipher.key_ids[0]
    assert key_id(sealed[:-1]) is None


def test_one_flipped_bit_is_noticed() -> None:
    """Each bit of a sealed value matters, those of the version and of the key's id among them."""
    cipher = Cipher([NEW, OLD])
    sealed = cipher.seal(VALUE, HERE)
    told = set()
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StoreError) as error:
            cipher.open(bytes(flipped), HERE)
        told.add((min(bit // 8, 5), str(error.value)[:51]))
    kinds = {byte: {words for at, words in told if at == byte} for byte, _ in told}
    assert kinds[0] == {"a value of the journal is neither sealed nor plain:"}
    assert kinds[5] == {f"a value of the journal, sealed with key {cipher.key_ids[0]}, d"}
    assert [len(kinds[byte]) for byte in (1, 2, 3, 4)] == [8, 8, 8, 8]  # each names another key that is missing


def test_a_key_with_the_right_id_and_other_bytes_does_not_open() -> None:
    """The id only finds the key; what proves it is the tag."""
    with pytest.raises(StoreError, match="key f7756cc9, does not open"):
        Cipher([key(58841)]).open(Cipher([key(9410)]).seal(VALUE, HERE), HERE)


@pytest.mark.parametrize("value", [b"[]", b"{}", b"[null,null]", VALUE, b"[\xf8"])
def test_a_plain_value_is_read_as_it_is_unless_strict(value: bytes) -> None:
    """What was written before there was a key stays readable; `strict` accepts only what is sealed."""
    cipher, strict = Cipher([NEW]), Cipher([NEW], strict=True)
    assert cipher.open(value, HERE) is value
    with pytest.raises(
        StoreError,
        match=r"^a value of the journal is not encrypted, and this store was told to accept only what is: it was",
    ):
        strict.open(value, HERE)
    assert strict.open(cipher.seal(value, HERE), HERE) == value
    with pytest.raises(StoreError, match="is not encrypted"):
        Cipher.from_text(text(NEW), strict=True).open(value, HERE)
    for lenient in (load_cipher(text(NEW), {}), load_cipher(None, {"ENRICHCORE_STORE_KEY": text(NEW)})):
        assert lenient is not None
        assert lenient.open(value, HERE) is value
    assert Cipher.from_text(text(NEW)).open(value, HERE) is value
    for made in (
        load_cipher(text(NEW), {}, strict=True),
        load_cipher(None, {"ENRICHCORE_STORE_KEY": text(NEW)}, strict=True),
    ):
        assert made is not None
        with pytest.raises(StoreError, match="is not encrypted"):
            made.open(value, HERE)


FOREIGN = [b"", b"\0", b"text", b"\xf8", b"\xf8abc", b"\xf9" + bytes(40), b" []", b'"text"', b"SQLite format 3\0"]


@pytest.mark.parametrize("value", FOREIGN)
@pytest.mark.parametrize("strict", [False, True])
def test_a_foreign_value_is_refused(value: bytes, strict: bool) -> None:
    """Neither sealed nor the beginning of what enrichcore writes."""
    with pytest.raises(
        StoreError,
        match=r"^a value of the journal is neither sealed nor plain: it is damaged, or was written by another",
    ):
        Cipher([NEW], strict=strict).open(value, HERE)


def test_random_bytes_are_never_taken_for_a_value() -> None:
    """They open only when they look plain."""
    cipher = Cipher([NEW])
    head = cipher.seal(b"", b"")[:5]

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from([b"", head[:1], head, head + bytes(12), b"[", b"{"]), st.binary(max_size=60))
    def holds(beginning: bytes, rest: bytes) -> None:
        value = beginning + rest
        if value[:1] in (b"[", b"{"):
            assert cipher.open(value, HERE) == value
        else:
            with pytest.raises(StoreError):
                cipher.open(value, HERE)

    holds()


def test_without_a_key_a_sealed_value_is_refused_and_others_pass() -> None:
    """A store that lost its key setting says so, instead of calling its journal damaged."""
    cipher = Cipher([NEW])
    sealed = cipher.seal(VALUE, HERE)
    with pytest.raises(StoreError) as told:
        PLAIN.open(sealed, HERE)
    assert str(told.value) == (
        f"a value of the journal was sealed with key {cipher.key_ids[0]}, and no key is given: set "
        "ENRICHCORE_STORE_KEY or [store] key to the keys that this journal was written with"
    )
    with pytest.raises(StoreError, match=r"^a value of the journal was sealed with key unknown, and no key"):
        PLAIN.open(sealed[:9], HERE)
    for value in (VALUE, b"", b"\0answer", b"text"):
        assert PLAIN.seal(value, HERE) is PLAIN.open(value, HERE) is value
        assert key_id(value) is None


# --- what is never said -------------------------------------------------------------------------------------------


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that hang on to it."""
    seen: list[BaseException | None] = [None]
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if error not in seen:
            seen.append(error)
            assert error is not None
            yield error
            waiting += [error.__cause__, error.__context__]


def shown(value: object) -> str:
    """A value as a tool that shows variables would show it, objects of our own from within."""
    within = [getattr(value, slot) for slot in getattr(type(value), "__slots__", ()) if hasattr(value, slot)]
    return f"{value!r} {value} {within}"


def everything_said(error: BaseException) -> str:
    """Messages, arguments, attributes and notes of a chain of errors, and the variables of our frames below them."""
    said = []
    for one in chain(error):
        said += [repr(one), *map(str, [one, *one.args, *vars(one).items(), getattr(one, "object", "")])]
        trace = one.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename == module.__file__ and code.co_name != "load_cipher":  # it has what its caller has
                said += [shown(value) for value in trace.tb_frame.f_locals.values()]
            trace = trace.tb_next
    return "\n".join(said)


def traces(secret: bytes) -> Iterator[str]:
    """Forms in which a part of a secret would be seen: eight bytes in a row, as text, hex, base64 or a repr."""
    for part in (secret[n : n + 8] for n in range(len(secret) - 7)):
        yield from (part.hex(), part.hex().upper(), repr(part)[2:-1], part.decode("latin-1"))
        # Three bytes are four digits: of eight bytes, six stand alone wherever they begin.
        yield from (base64.b64encode(part[n : n + 6]).decode() for n in range(3))


def test_the_search_for_traces_finds_them() -> None:
    """The tests below can fail: a key in a message, an attribute, a cause and a variable is seen."""
    for form in (NEW.hex(), NEW.hex().upper(), text(NEW), repr(NEW), NEW.decode("latin-1")):
        assert any(trace in form for trace in traces(NEW)), form
        cause = UnicodeEncodeError("ascii", form, 0, 1, "cause")
        outer = ConfigError("outer")
        outer.__context__ = cause
        assert any(trace in everything_said(outer) for trace in traces(NEW))


FAILURES: dict[str, Callable[[], Any]] = {
    **{f"from_text, {why}": partial(Cipher.from_text, wrong) for wrong, why in MISTAKES.items()},
    "keys of a wrong length": lambda: Cipher([NEW, OLD, OTHER[:31]]),
    "keys given twice": lambda: Cipher([NEW, OLD, NEW]),
    "a wrong configuration": lambda: load_cipher(text(NEW) + "," + text(OLD)[1:], {}),
    "another place": lambda: Cipher([NEW, OLD]).open(Cipher([NEW]).seal(VALUE, HERE), b"there"),
    "another key": lambda: Cipher([OLD, OTHER]).open(Cipher([NEW]).seal(VALUE, HERE), HERE),
    "cut": lambda: Cipher([OLD, NEW]).open(Cipher([NEW]).seal(VALUE, HERE)[:-1], HERE),
    "strict": lambda: Cipher([NEW, OLD], strict=True).open(b"[" + bytes(9), HERE),
    "foreign": lambda: Cipher([NEW, OLD]).open(b"x" * 90, HERE),
    "no key": lambda: PLAIN.open(Cipher([NEW]).seal(VALUE, HERE), HERE),
    "pickled": lambda: pickle.dumps(Cipher([NEW, OLD])),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_key_and_no_value_in_any_error(failure: str) -> None:
    """Neither in the message nor in what hangs on to the error, nor in the variables that a traceback would show."""
    with pytest.raises((EnrichcoreError, TypeError)) as told:
        FAILURES[failure]()
    said = everything_said(told.value)
    for secret in (NEW, OLD, VALUE):
        assert [trace for trace in traces(secret) if trace in said] == []
    assert list(chain(told.value)) == [told.value]


def test_no_byte_of_a_refused_value_is_shown() -> None:
    """A plain value under `strict` and a foreign one may be a person's: the message has nothing of them."""
    for value in (VALUE, b"+12025550143 Zoe", b"\xf8\xf8"):
        with pytest.raises(StoreError) as told:
            Cipher([NEW], strict=True).open(value, HERE)
        assert not any(part in str(told.value) for part in ("2025550143", "Zo", "f8", "\\x"))


def test_no_key_in_any_text_of_a_cipher() -> None:
    """Its repr shows the ids, newest first, and whether plain values are refused; nothing in it holds a key."""
    cipher = Cipher([NEW, OLD])
    new, old = cipher.key_ids
    assert repr(cipher) == str(cipher) == f"{cipher}" == f"Cipher({new}, {old})"
    assert repr(Cipher([NEW], strict=True)) == f"Cipher({new}, strict)"
    for said in (shown(cipher), shown(Cipher.from_text(text(NEW, OLD)))):
        assert [trace for secret in (NEW, OLD) for trace in traces(secret) if trace in said] == []
    assert not hasattr(cipher, "__dict__")


def test_an_id_does_not_show_a_part_of_its_key() -> None:
    """It is four bytes of a hash, other for each key."""
    ids = [Cipher([key(n)]).key_ids[0] for n in range(50)]
    assert len(set(ids)) == 50
    assert all(len(bytes.fromhex(one)) == 4 and one not in key(n).hex() for n, one in enumerate(ids))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_cipher_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match=r"^a Cipher is not pickled, since that would write its keys down"):
        pickle.dumps([Cipher([NEW])], protocol)


def test_a_copy_is_the_cipher_itself() -> None:
    """Copying, also of what holds one, makes no second place for the keys."""
    cipher = Cipher([NEW])
    assert copy.copy(cipher) is copy.deepcopy(cipher) is cipher
    assert copy.deepcopy({"cipher": cipher})["cipher"] is cipher
