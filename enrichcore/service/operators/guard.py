"""Guard: who may ask the operators' listener. It has no login, so a browser must not be lured into asking for somebody.

Two lures are known. A page elsewhere can send a form here (cross-site request forgery): its Origin gives it away. And a
name that an attacker owns can be made to point at a loopback address (DNS rebinding), so that the attacker's page and
this one have the same origin: then the Host is that name, which nobody has configured.
"""

import ipaddress
import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers

LOOPBACK: Final = "localhost"
_SAFE: Final = frozenset({"GET", "HEAD"})
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9a-z._-]+))(?::[0-9]{1,5})?")
FORM: Final = "application/x-www-form-urlencoded"


def refusal(method: str, headers: Headers, names: Collection[str]) -> str | None:
    """Why a request is refused, as a sentence; None when it may be answered.

    A Host that is an address, `localhost` or one of `names` is ours. Whatever changes something must come from a page
    of the same origin.
    """
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _is_ours(hosts[0], names):
        return "This page is not served under that name. Ask by address, or add the name to [service] operators_hosts."
    if method in _SAFE:
        return None
    origins = headers.getlist("origin")
    if len(origins) != 1 or origins[0] not in (f"http://{hosts[0]}", f"https://{hosts[0]}"):
        return "A lookup spends money, so it can be asked for from this page alone: the header Origin says otherwise."
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "A lookup spends money, so it can be asked for from this page alone: this came from another site."
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return f"The body must be {FORM}."
    return None


def _is_ours(host: str, names: Collection[str]) -> bool:
    parts = _HOST.fullmatch(host.lower())
    if parts is None:
        return False
    name = parts[1] or parts[2]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return parts[1] is None and (name == LOOPBACK or name in names)
    return True
