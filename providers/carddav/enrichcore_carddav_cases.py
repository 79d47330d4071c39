"""What a CardDAV server answers, for the contract suite: `enrichcore providers test carddav`."""

from typing import Any
from xml.sax.saxutils import escape

from enrichcore.testing import Act, Case, Cases, reply

CARD = """\
BEGIN:VCARD
VERSION:3.0
UID:5f1c
N:Ellsworth;Mara;;;
FN:Mara Ellsworth
ORG:Northquay Ltd;Operations
TITLE:Operations Director
EMAIL;TYPE=WORK:mara@northquay.example
TEL;TYPE=CELL:+1 202 555 0123
TEL;TYPE=WORK,VOICE:+1 503 555 0142
TEL;TYPE=WORK,FAX:+1 503 555 0199
END:VCARD
"""
CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Ltd",
    "domain": "northquay.example",
    "email": "mara@northquay.example",
}


def found(*cards: str, more: bool = False) -> Act:
    """A multistatus with these cards; `more` says that the server has others that it did not give."""
    listed = "".join(
        f"<D:response><D:href>/ada/contacts/{number}.vcf</D:href><D:propstat><D:prop><D:getetag>&quot;{number}&quot;"
        f"</D:getetag><C:address-data>{escape(card)}</C:address-data></D:prop><D:status>HTTP/1.1 200 OK</D:status>"
        "</D:propstat></D:response>"
        for number, card in enumerate(cards)
    )
    if more:
        listed += (
            "<D:response><D:href>/ada/contacts/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>"
            "<D:error><D:number-of-matches-within-limits/></D:error></D:response>"
        )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:" '
        f'xmlns:C="urn:ietf:params:xml:ns:carddav">{listed}</D:multistatus>'
    )
    return reply(207, body=body.encode(), headers={"Content-Type": "application/xml; charset=utf-8"})


BOOK = (
    '<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><response>'
    "<href>/ada/contacts/</href><propstat><prop><resourcetype><CR:addressbook /><collection /></resourcetype></prop>"
    "<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
)
SILENT = "\n".join(line for line in CARD.splitlines() if not line.startswith("TEL")) + "\n"
_ANSWERS: dict[str, Any] = {
    "found": found(CARD),
    "not_found": [found(), found(SILENT), found(CARD, more=True), found(CARD, CARD)],
    "fields": CONTACT,
    "phones": ("+1 202 555 0123", "+1 503 555 0142"),
    "person": {
        "name": "Mara Ellsworth",
        "company": "Northquay Ltd",
        "title": "Operations Director",
        "email": "mara@northquay.example",
    },
}
CASES = Cases(
    Case("name", **_ANSWERS),
    Case("email", **_ANSWERS),
    errors={
        "key_refused": [
            reply(401, text="<h1>Unauthorized</h1>"),
            reply(403, text="Access to the requested resource forbidden."),
        ],
        "request_refused": [reply(404, text="The requested resource could not be found."), reply(405)],
        "server_error": reply(503, text="busy"),
    },
    balance=reply(207, body=BOOK.encode(), headers={"Content-Type": "application/xml"}),
    settings={"base_url": "https://dav.books.example/ada/contacts"},
)
