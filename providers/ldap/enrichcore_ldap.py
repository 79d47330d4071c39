"""LDAP: the numbers of your own people from a directory such as Active Directory or OpenLDAP, by name or email address.

One search below `base`, over a connection that was bound before and is used again.

| answer | meaning | billed |
|---|---|---|
| one entry that fits and has a number | hit | no |
| no entry, several that fit, more than the server gives, or no number | miss | no |
| 49, 48, 8, 50, 53, or 1 before a bind | the name or the password is refused, or may not search | no |
| 10 | the server refers to another one; it is not followed | no |
| 3, 11, 51, 52 | the server failed, or is busy | no |
| other codes, such as 32 for a wrong `base` | our question is wrong | no |
| no connection, or no TLS with a certificate that is trusted | unsent | no |
| it stops in the middle | maybe sent | no |

Nobody is guessed: of several entries that fit none is taken. References to other servers are never followed, so that
the password goes nowhere else; it is only sent encrypted, or to this machine.

Sources: RFC 4511 (codes, StartTLS), RFC 4513 (binds), RFC 4515 (escaping), RFC 2798 and RFC 4519 (attributes), at
https://www.rfc-editor.org, and https://ldap3.readthedocs.io, read on 2026-11-25. The library, ldap3, is pure Python;
its last release is of 2021, with candidates for the next one up to 2026.
"""

import asyncio
import contextlib
import importlib
import os
import queue
import re
import ssl
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from enrichcore.errors import (
    ConfigError,
    KeyRefused,
    MaybeSent,
    ProviderError,
    RequestRefused,
    ServerError,
    Unreadable,
    Unsent,
)
from enrichcore.identity import is_entry_of
from enrichcore.model import Credits, EmailQuery, Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Http, Provider, hookimpl

MOST = 25
"""Entries of one search: whoever has more namesakes is not found anyway."""
CONNECT, ANSWER = 5, 10
"""Seconds for a connection, and for one answer."""
IDLE = 8
"""Connections that are kept open."""
KINDS = {"mobile": "mobile", "othermobile": "mobile", "homephone": "home", "otherhomephone": "home"}
SUCCESS, TIME_LIMIT, SIZE_LIMIT, REFERRAL, OPERATIONS = 0, 3, 4, 10, 1
REFUSED = frozenset({8, 48, 49, 50, 53})
FAILED = frozenset({TIME_LIMIT, 11, 51, 52})
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)
_FILTER = re.compile(r"\(.+\)", re.DOTALL)
_REGION = re.compile(r"[A-Za-z]{2}", re.ASCII)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def _fail(key: str, expected: str, got: object) -> ConfigError:
    return ConfigError(f"[providers.ldap] {key}: expected {expected}, got {got!r}")


def _address(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    fine = False
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            parts = urlsplit(value)
            fine = parts.scheme in ("ldap", "ldaps") and bool(parts.hostname) and parts.port != 0
            fine = fine and not (parts.username or parts.query or parts.fragment or parts.path.strip("/"))
    if not fine:
        raise _fail(field.name, "an address such as 'ldaps://ldap.engines.example'", value)


def _text(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None and not (isinstance(value, str) and value and "\0" not in value):
        raise ConfigError(f"[providers.ldap] {field.name}: expected text that is not empty")  # it may be the password


def _base(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or "=" not in value:
        raise _fail(field.name, "where the people are, such as 'ou=people,dc=engines,dc=example'", value)


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _attributes(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, tuple) or not value:
        raise _fail(field.name, "a list of attributes", value)
    for name in value:
        if not isinstance(name, str) or not _ATTRIBUTE.fullmatch(name):
            raise _fail(field.name, "names of attributes such as 'mobile'", name)


def _filter(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or not _FILTER.fullmatch(value) or value.count("(") != value.count(")"):
        raise _fail(field.name, "a filter such as '(objectClass=person)'", value)


def _flag(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, bool):
        raise _fail(field.name, "true or false", value)


@attrs.frozen(kw_only=True)
class LdapSettings:
    """Where the directory is, and what its people look like.

    `url`: `ldaps://` or `ldap://`, with a port where it is not the usual one. `base`: below what the people are.
    `user`: the name to bind as (a DN, or `name@domain` of Active Directory); without it the bind is anonymous.
    `password`, or better the environment variable that `password_env` names. `start_tls`: whether `ldap://` is
    encrypted before anything else is said. `ca_file`: the certificates to trust in place of the system's. `phones`,
    `emails`, `companies`: the attributes that hold them, the most wanted first. `filter`: what every entry must be.
    """

    url: str = attrs.field(validator=_address)
    base: str = attrs.field(validator=_base)
    user: str | None = attrs.field(default=None, validator=_text)
    password: str | None = attrs.field(default=None, validator=_text, repr=False)
    password_env: str = attrs.field(default="LDAP_PASSWORD", validator=_text)
    start_tls: bool = attrs.field(default=True, validator=_flag)
    ca_file: str | None = attrs.field(default=None, validator=_text)
    phones: tuple[str, ...] = attrs.field(
        default=("mobile", "telephoneNumber"), converter=_listed, validator=_attributes
    )
    emails: tuple[str, ...] = attrs.field(default=("mail",), converter=_listed, validator=_attributes)
    companies: tuple[str, ...] = attrs.field(default=("o", "company"), converter=_listed, validator=_attributes)
    filter: str = attrs.field(default="(objectClass=person)", validator=_filter)

    @property
    def host(self) -> str:
        """The host of `url`."""
        return urlsplit(self.url).hostname or ""

    @property
    def encrypted(self) -> bool:
        """Whether TLS begins with the connection or right after it."""
        return self.start_tls or self.url.startswith("ldaps")


@attrs.frozen(repr=False)
class Entry:
    """One entry: its values by attribute, in lower case, in the server's order."""

    values: Mapping[str, tuple[str, ...]]

    def all(self, *names: str) -> list[str]:
        """Every value of these attributes."""
        return [value for name in names for value in self.values.get(name.lower(), ())]

    def first(self, *names: str) -> str | None:
        """The first value of the first of these attributes that has one."""
        return next(iter(self.all(*names)), None)


class Ldap(Provider):
    """https://www.rfc-editor.org/rfc/rfc4511, read 2026-11-25. Your own: asked first, once it is configured."""

    name = "ldap"
    docs = "https://www.rfc-editor.org/rfc/rfc4511"
    price = Price.free()
    rate = ("50/s",)  # a server of your own: a cautious guess
    timeout = 20.0
    typical = 0.1
    first_party = True
    Settings = LdapSettings
    _lib: Any = None
    _tls: Any = None
    _password: str | None = None

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue(IDLE)

    @property
    def reaches_out(self) -> bool:
        """Unless the server is on this machine."""
        return self.settings is None or self.settings.host not in _LOCAL

    async def setup(self) -> None:
        """Make ready; the server is not asked yet.

        Raises:
            ConfigError: the password is missing or would be sent in clear, or `ca_file` cannot be read.
        """
        own: LdapSettings = self.settings
        self._password = own.password or os.environ.get(own.password_env) or None
        if own.user is not None and self._password is None:  # a bind without one succeeds, as nobody
            raise ConfigError(f"[providers.ldap] user needs a password: set {own.password_env}")
        if own.user is not None and not own.encrypted and own.host not in _LOCAL:
            raise ConfigError("[providers.ldap] the password would be sent in clear: use ldaps:// or start_tls = true")
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        own: LdapSettings = self.settings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of pyasn1, which ldap3 takes by an old name
            self._lib = importlib.import_module("ldap3")
            importlib.import_module("ldap3.core.exceptions")
        try:
            context = ssl.create_default_context(cafile=str(Path(own.ca_file).expanduser()) if own.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"[providers.ldap] ca_file: cannot read {own.ca_file}: {error.strerror}") from None

        class Verified(self._lib.Tls):  # type: ignore[misc, name-defined]
            """Certificates and names are checked by the standard library, and always."""

            def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002 - ldap3's own
                connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)

        self._tls = Verified()

    async def aclose(self) -> None:
        """Close the connections."""
        await asyncio.to_thread(self._drain)

    def _drain(self) -> None:
        while True:
            try:
                _close(self._idle.get_nowait())
            except queue.Empty:
                return

    @hookimpl
    def phone_by_name(self, query: NameQuery) -> Hit | Miss:
        """By first and last name; company and domain are compared here."""
        first, last, full = map(self._escaped, (query.first_name, query.last_name, query.full_name))
        named = f"(|(&(givenName={first})(sn={last}))(cn={full})(displayName={full}))"
        return self._answer([entry for entry in self._search(named) if self._is(entry, query)])

    @hookimpl
    def phone_by_email(self, query: EmailQuery) -> Hit | Miss:
        """By email address."""
        wanted = "".join(f"({name}={self._escaped(query.email)})" for name in self.settings.emails)
        asked = query.email.casefold()
        found = self._search(f"(|{wanted})")
        return self._answer([e for e in found if asked in map(str.casefold, e.all(*self.settings.emails))])

    async def balance(self, http: Http) -> Credits:  # noqa: ARG002 - the signature to override
        """Nothing is ever used up; the detail says that the server lets us in."""
        connection = await asyncio.to_thread(self._connect)
        self._keep(connection)
        return Credits(remaining=None, detail=f"bound as {self.settings.user or 'nobody (anonymous)'}")

    # --- who it is ------------------------------------------------------------------------------------------------

    def _is(self, entry: Entry, query: NameQuery) -> bool:
        """Whether it is the person, and what the entry says of a company agrees in one thing."""
        given, surname = entry.first("givenName"), entry.first("sn")
        return is_entry_of(
            query.full_name,
            query.company,
            query.domain,
            names=[*entry.all("cn", "displayName"), *([f"{given} {surname}"] if given and surname else [])],
            emails=entry.all(*self.settings.emails),
            companies=entry.all(*self.settings.companies),
        )

    def _answer(self, entries: list[Entry]) -> Hit | Miss:
        """The numbers of the only one; of several none is known to be meant."""
        if len(entries) != 1:
            return Miss()
        [entry] = entries
        own: LdapSettings = self.settings
        region = entry.first("c")
        country = region.upper() if region and _REGION.fullmatch(region) else None
        numbers: dict[str, Number] = {}
        for attribute in own.phones:
            for raw in entry.all(attribute):
                if any(map(str.isdecimal, raw)):
                    kind = KINDS.get(attribute.lower(), "work")
                    numbers.setdefault(raw, Number(raw, type=kind, country=country))
        mail = entry.first(*own.emails)
        person = Person(
            name=entry.first("displayName", "cn"),
            company=entry.first(*own.companies),
            domain=mail.rpartition("@")[2].lower() if mail and "@" in mail else None,
            title=entry.first("title"),
            country=country,
            email=mail,
        )
        return Hit(*numbers.values(), person=person) if numbers else Miss(person)

    # --- the connection -------------------------------------------------------------------------------------------

    def _escaped(self, value: str) -> str:
        return str(self._lib.utils.conv.escape_filter_chars(value))

    def _search(self, condition: str) -> list[Entry]:
        """The entries that fit; none where there are more than the server gives at once."""
        own: LdapSettings = self.settings
        names = {"givenName", "sn", "cn", "displayName", "title", "c", *own.phones, *own.emails, *own.companies}
        request = {
            "search_base": own.base,
            "search_filter": f"(&{own.filter}{condition})",
            "attributes": sorted(names),
            "size_limit": MOST,
            "time_limit": ANSWER,
        }
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = None
        if connection is not None:
            try:
                result, entries = self._asked(connection, request)
            except MaybeSent:  # servers close connections that nobody used for a while
                connection = None
        if connection is None:
            connection = self._connect()
            result, entries = self._asked(connection, request)
        self._keep(connection)
        if result == SIZE_LIMIT:
            return []
        if result != SUCCESS:
            raise _error(result)
        return entries

    def _asked(self, connection: Any, request: Mapping[str, Any]) -> tuple[int, list[Entry]]:
        """One search over a bound connection, which is closed where it broke.

        Raises:
            ProviderError: no answer came, or one that cannot be read.
        """
        exceptions = self._lib.core.exceptions
        try:
            _, result, response, _ = connection.search(**request)
            if result["type"] != "searchResDone":
                raise ValueError("an answer to something else")
            return int(result["result"]), [_entry(one) for one in response or () if one["type"] == "searchResEntry"]
        except exceptions.LDAPInvalidFilterError:
            _close(connection)
            raise RequestRefused("the filter cannot be read; is `filter` right?") from None
        except (exceptions.LDAPException, OSError) as error:
            _close(connection)
            raise MaybeSent(f"the directory broke off ({type(error).__name__})") from None
        except (LookupError, TypeError, ValueError) as error:
            _close(connection)
            raise Unreadable(f"the directory's answer cannot be read ({type(error).__name__})") from None

    def _connect(self) -> Any:
        """A connection, encrypted where it should be, and bound.

        Raises:
            ProviderError: there is none.
        """
        lib, own = self._lib, self.settings
        exceptions = lib.core.exceptions
        parts = urlsplit(own.url)
        sealed = parts.scheme == "ldaps"
        server = lib.Server(
            own.host, port=parts.port or (636 if sealed else 389), use_ssl=sealed, tls=self._tls, get_info=lib.NONE,
            connect_timeout=CONNECT,
        )  # fmt: skip
        connection = lib.Connection(
            server, user=own.user, password=self._password if own.user else None, client_strategy=lib.SAFE_SYNC,
            authentication=lib.SIMPLE if own.user else lib.ANONYMOUS, auto_referrals=False, check_names=False,
            receive_timeout=ANSWER, return_empty_attributes=False, raise_exceptions=False, read_only=True,
        )  # fmt: skip
        try:
            connection.open(read_server_info=False)
            if own.start_tls and not sealed:
                connection.start_tls(read_server_info=False)
            _, result, _, _ = connection.bind(read_server_info=False)
        except (exceptions.LDAPException, OSError) as error:
            _close(connection)
            raise Unsent(f"no connection to the directory ({type(error).__name__})") from None
        if result["result"] != SUCCESS:
            _close(connection)
            raise _error(int(result["result"]), binding=True)
        return connection

    def _keep(self, connection: Any) -> None:
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            _close(connection)


def _close(connection: Any) -> None:
    with contextlib.suppress(Exception):  # it may be gone already
        connection.unbind()
    if connection.socket is not None:
        connection.socket.close()


def _error(code: int, *, binding: bool = False) -> ProviderError:
    if code in REFUSED or code == OPERATIONS:
        return KeyRefused(f"the directory does not let us {'in' if binding else 'search'} (result {code})")
    if code == REFERRAL:
        return RequestRefused("the directory refers to another server, which is not followed: name that one in `url`")
    if code in FAILED:
        return ServerError(f"the directory failed (result {code})")
    return RequestRefused(f"the directory refuses the search (result {code}); is `base` right?")


def _entry(found: Mapping[str, Any]) -> Entry:
    values: dict[str, tuple[str, ...]] = {}
    for name, raws in found["raw_attributes"].items():
        texts = (raw.decode("utf-8", "replace").strip() for raw in raws)
        values[name.partition(";")[0].lower()] = tuple(text for text in texts if text and "\ufffd" not in text)
    return Entry(values)
