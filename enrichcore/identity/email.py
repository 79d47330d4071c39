"""Email addresses: the form that is shown and sent, and the form that is compared."""

import re
import unicodedata

from enrichcore.identity.domain import clean_host
from enrichcore.identity.mail_hosts import GMAIL, PLUS
from enrichcore.identity.text import normalized

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9]{1,63}\.)+[a-z]{2,63}")
_ASCII_REST = re.compile(r"[^\x00-\x7f]")
_MAX_LOCAL = 64
_MAX_EMAIL = 254


def clean_email(text: object) -> str | None:
    """An address as it is sent: the local part as written, the domain lower-case with A-labels; None if not one.

    Quoted local parts, comments and address literals are refused: no vendor takes them.
    """
    if not isinstance(text, str):
        return None
    if _PLAIN.fullmatch(text) and len(text) <= _MAX_LOCAL:
        return text
    text = text.strip()
    if len(text) > _MAX_EMAIL + len("<mailto:>"):
        return None
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    local, at, domain = text.rpartition("@")
    if not at or not local or len(local) > _MAX_LOCAL:
        return None
    if not local.isascii():
        local = normalized("NFC", local)
        if not all(c.isascii() or unicodedata.category(c)[0] in "LMN" for c in local):
            return None
    if not _LOCAL.fullmatch(_ASCII_REST.sub("x", local)):
        return None
    host = clean_host(domain)
    if host is None:
        return None
    email = f"{local}@{host}"
    return email if len(email) <= _MAX_EMAIL else None


def email_key(email: str) -> str:
    """The comparison form of an address: no case, and without what its host is known to ignore.

    Idempotent. Never send it: it is not what the person calls their address.
    """
    plain = email.isascii()
    email = email.lower() if plain else normalized("NFC", normalized("NFD", email).casefold())
    local, _, host = email.rpartition("@")
    if host not in PLUS:
        return email
    local = local.partition("+")[0] or local
    if host in GMAIL:
        return f"{local.replace('.', '') or local}@gmail.com"
    return f"{local}@{host}"
