"""Encryption at rest: what a store seals before it writes a person's data, and opens after it has read it.

A sealed value is, byte by byte:

    1   version, 0xF8: no text in UTF-8 has this byte, so a sealed value is never taken for a plain one
    4   id of the key, from a keyed hash of it
    12  nonce, random, from the operating system
    n   what was sealed, encrypted with AES-256-GCM (NIST SP 800-38D)
    16  tag; it also covers the version, the key's id and the place in the table

The first key seals and every key opens: that is how keys are changed.
"""

import base64
import hmac
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from enrichcore.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZE: Final = 32
"""Bytes of a key."""
OVERHEAD: Final = 33
"""Bytes by which a sealed value is longer than what was sealed."""
VARIABLE: Final = "ENRICHCORE_STORE_KEY"
"""The environment variable that holds the keys, newest first, separated by commas."""
SETTING: Final = "[store] key"
"""The same in the configuration file."""

_VERSION: Final = b"\xf8"
_HEAD: Final = 5
_NONCE: Final = 12
_BODY: Final = _HEAD + _NONCE
_PLAIN: Final = (b"[", b"{")
_ID: Final = b"enrichcore store key id 1"
_DISTINCT: Final = 12
"""Different bytes in a key. 32 random ones have fewer once in 10^24 keys; a placeholder nearly always has."""
_EXPECTED: Final = (
    "expected 32 random bytes as base64 (44 characters) or hex (64), several separated by commas, the newest first; "
    "`openssl rand -base64 32` makes one"
)


class Cipher:
    """Seals values with the first of `keys` and opens what any of them has sealed.

    A value is bound to its place (see `place`): in another row it does not open. Plain values, written before there
    was a key, are read as they are unless `strict`. Use it from any thread; it is not pickled, and a copy is itself.

    Raises:
        ConfigError: the library `cryptography` is missing, there is no key, or one is not 32 bytes or given twice.
    """

    __slots__ = ("_head", "_invalid", "_keys", "_sealer", "_strict")

    def __init__(self, keys: Sequence[bytes], *, strict: bool = False) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._strict = strict
        aead, self._invalid = _library()
        problem = _problem(keys)
        if problem is not None:
            del keys  # a traceback that shows variables shows no key
            raise ConfigError(f"the store's keys: {problem}")
        for key in keys:
            self._keys[_head(key)] = aead(key)
        self._head, self._sealer = next(iter(self._keys.items()))

    @classmethod
    def from_text(cls, text: str, *, name: str = VARIABLE, strict: bool = False) -> "Cipher":
        """The cipher whose keys are in `text`, newest first, separated by commas; `name` says where they were given.

        Raises:
            ConfigError: as for the class, or a key is not base64 or hex. It never shows what was given.
        """
        keys = _read(text)
        del text  # a traceback that shows variables shows no key
        if isinstance(keys, str):
            raise ConfigError(f"{name}: {keys}; {_EXPECTED}")
        return cls(keys, strict=strict)

    @staticmethod
    def generate() -> str:
        """A new random key as base64."""
        return base64.b64encode(os.urandom(SIZE)).decode("ascii")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the keys, the one that seals first. They may be shown: no key follows from its id."""
        return tuple(head[1:].hex() for head in self._keys)

    def seal(self, value: bytes, about: bytes) -> bytes:
        """`value` encrypted, to be opened only with the same `about`."""
        nonce = os.urandom(_NONCE)
        head = self._head
        return head + nonce + self._sealer.encrypt(nonce, value, head + about)

    def open(self, value: bytes, about: bytes) -> bytes:
        """What was sealed, or a plain value as it is.

        Raises:
            StoreError: its key is not here, it is damaged or from another place, or it is plain and must not be.
        """
        head = value[:_HEAD]
        key = self._keys.get(head)
        if key is None:
            if value[:1] in _PLAIN and not self._strict:
                return value
        elif len(value) >= OVERHEAD:
            try:
                return key.decrypt(value[_HEAD:_BODY], value[_BODY:], head + about)
            except self._invalid:
                pass  # told below, where nothing hangs on to the error of the library
        raise StoreError(self._trouble(head))

    def _trouble(self, head: bytes) -> str:
        """Why a value that begins with `head` was not opened."""
        if head[:1] in _PLAIN:
            return (
                "a value of the journal is not encrypted, and this store was told to accept only what is: it was "
                "written without a key, or put there by somebody else. Read it without `strict` if you trust it"
            )
        if head in self._keys:
            return (
                f"a value of the journal, sealed with key {head[1:].hex()}, does not open: it is damaged or cut "
                "short, or was moved here from another row. Run `enrichcore store check`, or restore the journal from "
                "a backup"
            )
        if head[:1] == _VERSION and len(head) == _HEAD:
            return (
                f"a value of the journal was sealed with key {head[1:].hex()}, and the keys given here are "
                f"{', '.join(self.key_ids)}. Add the missing key behind them, in {VARIABLE} or {SETTING}; if there "
                "never was one of that id, the value is damaged: restore the journal from a backup"
            )
        return (
            "a value of the journal is neither sealed nor plain: it is damaged, or was written by another version. Run "
            "`enrichcore store check`, or restore the journal from a backup"
        )

    def __repr__(self) -> str:
        """The ids of the keys, never the keys."""
        return f"Cipher({', '.join(self.key_ids)}{', strict' if self._strict else ''})"

    def __copy__(self) -> "Cipher":
        return self

    def __deepcopy__(self, _memo: object) -> "Cipher":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Cipher is not pickled, since that would write its keys down: give the other process its own")


class Plain:
    """What a store without a key uses in place of a `Cipher`: values stay as they are, sealed ones are refused."""

    __slots__ = ()

    def seal(self, value: bytes, _about: bytes) -> bytes:
        """The value itself."""
        return value

    def open(self, value: bytes, _about: bytes) -> bytes:
        """The value itself.

        Raises:
            StoreError: it is sealed.
        """
        if value[:1] == _VERSION:
            raise StoreError(
                f"a value of the journal was sealed with key {key_id(value) or 'unknown'}, and no key is given: set "
                f"{VARIABLE} or {SETTING} to the keys that this journal was written with"
            )
        return value


PLAIN: Final = Plain()


def load_cipher(configured: str | None, env: Mapping[str, str], *, strict: bool = False) -> Cipher | None:
    """The cipher with the keys of ENRICHCORE_STORE_KEY, else of `[store] key` (`configured`); None without either.

    Raises:
        ConfigError: what is given holds no keys; an empty text is no key either, and does not mean "without".
    """
    if VARIABLE in env:
        return Cipher.from_text(env[VARIABLE], strict=strict)
    return None if configured is None else Cipher.from_text(configured, name=SETTING, strict=strict)


def place(column: str, tenant: str, row: bytes) -> bytes:
    """Where a value stands, as `about`: no two different places give the same bytes.

    `column` is a table and a column, such as `attempts.payload`; `row` identifies the row in it.
    """
    who = tenant.encode("utf-8", "surrogatepass")
    return b"%b\0%d\0%b%b" % (column.encode("ascii"), len(who), who, row)


def key_id(value: bytes) -> str | None:
    """The id of the key that sealed `value`; None if it is not sealed."""
    return value[1:_HEAD].hex() if value[:1] == _VERSION and len(value) >= OVERHEAD else None


def _library() -> "tuple[type[AESGCM], type[Exception]]":
    try:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - an optional dependency
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "encryption at rest needs the library `cryptography`, which cannot be imported: "
            "pip install 'enrichcore[crypto]'"
        ) from error
    return AESGCM, InvalidTag


def _head(key: bytes) -> bytes:
    """What values sealed with `key` begin with: the version and the id of the key."""
    return _VERSION + hmac.digest(key, _ID, "sha256")[: _HEAD - 1]


def _problem(keys: Sequence[bytes]) -> str | None:
    """What is wrong with `keys`, without showing one."""
    if not keys:
        return "there is none"
    heads: dict[bytes, int] = {}
    for number, key in enumerate(keys, 1):
        if len(key) != SIZE:
            return f"key {number} has {len(key)} bytes, not {SIZE}"
        first = heads.setdefault(_head(key), number)
        if first != number:
            if key == keys[first - 1]:
                return f"keys {first} and {number} are the same"
            return f"keys {first} and {number} have the same id, by a rare chance: make another new key"
    return None


def _read(text: str) -> list[bytes] | str:
    """The keys in `text`, or what is wrong with them."""
    if not text.strip():
        return "it is empty"
    keys = []
    for number, part in enumerate(text.split(","), 1):
        key = _key(part.strip())
        if key is None:
            return f"key {number} has another form ({len(part.strip())} characters)"
        if len(set(key)) < _DISTINCT:
            return f"key {number} is not random"
        keys.append(key)
    return _problem(keys) or keys


def _key(text: str) -> bytes | None:
    """A key from hex or base64, also the kind for URLs and without padding; None if it is neither."""
    digits = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        key = bytes.fromhex(text) if len(text) == 2 * SIZE else base64.b64decode(digits + "=", validate=True)
    except ValueError:
        return None
    return key if len(key) == SIZE else None
