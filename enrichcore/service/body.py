"""Reading a request's body: strict JSON, then the fields of a contact, with every fault named at once."""

import json
import re
from typing import Any, NoReturn

from enrichcore.errors import InvalidContact
from enrichcore.model.contact import FIELDS, MAX_FIELD, MAX_RECORD_ID, Contact
from enrichcore.service.refusal import Faulty, invalid_request

MAX_BODY = 64 * 1024
MAX_DEPTH = 16
# A string, whole or cut off by the end: without the second form an unclosed one would be tried again at every quote.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+\\?(?:"|\Z)|[\[\]{}]', re.DOTALL)


def read_contact(body: bytes) -> Contact:
    """The contact that a body describes.

    Raises:
        Refusal: the JSON is nested too deep or names a key twice.
        Faulty: it is not JSON, not an object, or a field of it cannot be what it should.
    """
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(body)
    try:
        values = _decode(body.decode())
    except ValueError as error:
        where: list[str | int] = ["body"]
        if not body:
            raise Faulty([_fault(where, "Field required", "missing")]) from None
        if isinstance(error, json.JSONDecodeError):
            where.append(error.pos)
        raise Faulty([_fault(where, "The body is not valid JSON in UTF-8", "json_invalid")]) from None
    if not isinstance(values, dict):
        raise Faulty([_fault(["body"], "Input should be an object", "model_attributes_type")])
    sent = {field: values[field] for field in FIELDS if field in values}
    try:
        contact = Contact(**sent)
    except InvalidContact:
        raise Faulty(_faults(sent)) from None
    if contact.record_id is None:
        raise Faulty(_faults(sent))
    return contact


def _check_depth(body: bytes) -> None:
    depth = 0
    for token in _TOKENS.finditer(body):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise invalid_request(f"The body is nested deeper than {MAX_DEPTH}.", limit=MAX_DEPTH)
        elif first in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise invalid_request("The body names a key twice.")
    return made


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).decode


def _faults(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that is wrong, in the order of the contract; the core says what that is."""
    found = []
    if "record_id" not in sent:
        found.append(_fault(["body", "record_id"], "Field required", "missing"))
    elif sent["record_id"] is None:
        found.append(_fault(["body", "record_id"], "Input should be a string", "string_type"))
    for field, value in sent.items():
        try:
            contact = Contact(**{field: value})
        except InvalidContact as error:
            message = f"Expected {error.expected}, got {error.got}"
            found.append(_fault(["body", field], message, _kind(field, value)))
        else:
            if field == "record_id" and value is not None and contact.record_id is None:
                found.append(_fault(["body", field], "Expected text that is not blank, got none", "string_too_short"))
    return found


def _kind(field: str, value: object) -> str:
    if not isinstance(value, str):
        return "string_type"
    long = len(value) > (MAX_RECORD_ID if field == "record_id" else MAX_FIELD)
    return "string_too_long" if long else "string_unicode"


def _fault(loc: list[str | int], msg: str, kind: str) -> dict[str, Any]:
    return {"loc": loc, "msg": msg, "type": kind}
