"""A real Radicale on loopback, with an address book of invented people."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import attrs
import httpx
import pytest

LOGIN = ("ada", "canary-password-0001")
BOOK = (
    '<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype>'
    "<collection /><CR:addressbook /></resourcetype></prop></set></mkcol>"
)


def card(uid: str, first: str, last: str, *lines: str, version: str = "3.0") -> str:
    """One card."""
    head = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:{uid}", f"N:{last};{first};;;", f"FN:{first} {last}"]
    return "\r\n".join([*head, *lines, "END:VCARD", ""])


PEOPLE = {
    "mara": card("mara", "Mara", "Ellsworth", "ORG:Northquay Ltd;Operations", "TITLE:Operations Director",
                 "EMAIL;TYPE=WORK:mara@northquay.example", "TEL;TYPE=CELL:+1 202 555 0123",
                 "TEL;TYPE=WORK,VOICE:+1 503 555 0142", "TEL;TYPE=WORK,FAX:+1 503 555 0199",
                 "URL:https://www.linkedin.com/in/mara-ellsworth", "PHOTO;ENCODING=b;TYPE=JPEG:AAAA"),
    "four": card("four", "Vera", "Four", "EMAIL:vera@northquay.example",
                 'TEL;VALUE=uri;TYPE="voice,cell":tel:+44-7700-900105', "TEL;VALUE=uri;TYPE=pager:tel:+44-7700-900106",
                 version="4.0"),
    "grace1": card("grace1", "Grace", "Hopper", "ORG:Engines", "EMAIL:grace@engines.example", "TEL:+44 7700 900201"),
    "grace2": card("grace2", "Grace", "Hopper", "ORG:Compilers", "EMAIL:grace@compilers.example",
                   "TEL:+44 7700 900202"),
    "odd": card("odd", "Zo\u00eb", "O'N\u00e9ill <&> \"X\"", "EMAIL:zoe+tag@engines.example",
                "TEL;CELL:+44 7700 900301"),
    "share1": card("share1", "Kay", "McNulty", "EMAIL:office@engines.example", "TEL:+44 7700 900501"),
    "share2": card("share2", "Fran", "Bilas", "EMAIL:office@engines.example", "TEL:+44 7700 900502"),
    "team": card("team", "Sales", "Team", "X-ADDRESSBOOKSERVER-KIND:group", "EMAIL:sales@engines.example",
                 "TEL:+44 7700 900601"),
    **{f"sam{n}": card(f"sam{n}", "Sam", "Smith", f"EMAIL:sam{n}@engines.example", f"TEL:+44 7700 9007{n:02d}")
       for n in range(60)},
}  # fmt: skip


@attrs.frozen
class AddressBook:
    """Where it is, and who may read it."""

    url: str
    key: str = ":".join(LOGIN)


@pytest.fixture(scope="session")
def _radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddressBook | None]:
    if find_spec("radicale") is None:
        yield None
        return
    folder = tmp_path_factory.mktemp("radicale")
    (folder / "users").write_text(":".join(LOGIN) + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-W", "ignore", "-m", "radicale", "--config", "", "--server-hosts", f"127.0.0.1:{port}",
        "--auth-type", "htpasswd", "--auth-htpasswd-filename", str(folder / "users"), "--auth-htpasswd-encryption",
        "plain", "--auth-delay", "0", "--storage-filesystem-folder", str(folder / "books"),
    ]  # fmt: skip
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ}) as server,
    ):
        try:
            yield AddressBook(_filled(server, folder, f"http://127.0.0.1:{port}/ada/contacts"))
        finally:
            server.terminate()


def _filled(server: "subprocess.Popen[bytes]", folder: Path, url: str) -> str:
    with httpx.Client(auth=LOGIN, trust_env=False, timeout=20) as client:
        for _ in range(600):
            assert server.poll() is None, (folder / "log").read_text()
            with contextlib.suppress(httpx.TransportError):
                made = client.request("MKCOL", f"{url}/", content=BOOK, headers={"Content-Type": "application/xml"})
                assert made.status_code == 201, made.text
                break
            time.sleep(0.05)
        for name, text in PEOPLE.items():
            put = client.put(f"{url}/{name}.vcf", content=text.encode(), headers={"Content-Type": "text/vcard"})
            assert put.status_code == 201, put.text
    return url


@pytest.fixture
def book(_radicale: AddressBook | None, require: Callable[[str], NoReturn]) -> AddressBook:
    """Radicale with its people."""
    if _radicale is None:
        require("radicale is not installed")
    return _radicale
