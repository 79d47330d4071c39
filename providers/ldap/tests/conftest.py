"""A real slapd on loopback, with invented people, and certificates of its own."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import attrs
import pytest
from enrichcore_ldap_cases import ADA

SUFFIX = "dc=engines,dc=example"
USER, PASSWORD = f"cn=reader,{SUFFIX}", "canary-password-0001"
PEOPLE = f"ou=people,{SUFFIX}"
SIZE_LIMIT = 10
ODD = "O\\Neill (Z*)"
"""A last name that means something else in a filter."""


@attrs.frozen
class Directory:
    """Where slapd listens, and what trusts it."""

    url: str
    sealed: str
    ca_file: str
    trap: list[object]
    """Who came to the server that is only referred to."""

    base = PEOPLE
    user = USER
    password = PASSWORD


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _entry(uid: str, **values: str | list[str]) -> str:
    lines = [f"dn: uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", f"uid: {uid}"]
    for name, given in values.items():
        several = [given] if isinstance(given, str) else given
        lines += [f"{name}:: {b64encode(value.encode()).decode()}" for value in several]
    return "\n".join(lines)


def _people(trap: int) -> str:
    engines = {"o": "Engines"}
    namesakes = [
        _entry(f"smith{n}", cn="Sam Smith", givenName="Sam", sn="Smith", mail=f"sam{n}@engines.example",
               mobile=f"+44 7700 9004{n:02d}") for n in range(SIZE_LIMIT + 5)
    ]  # fmt: skip
    return "\n\n".join([
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Engines\ndc: engines",
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people",
        "\n".join([f"dn: {USER}", "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: reader",
                   f"userPassword: {PASSWORD}"]),
        _entry("ada", homePhone="+44 20 7946 0999", facsimileTelephoneNumber="+44 20 7946 0666", **ADA),
        _entry("grace1", cn="Grace Hopper", givenName="Grace", sn="Hopper", mail="grace@engines.example",
               mobile="+44 7700 900201", **engines),
        _entry("grace2", cn="Grace Hopper", givenName="Grace", sn="Hopper", mail="grace@compilers.example",
               mobile="+44 7700 900202", o="Compilers"),
        _entry("alan", cn="Alan Turing", givenName="Alan", sn="Turing", mail="alan@engines.example", **engines),
        _entry("odd", cn=f"Zo\u00eb {ODD}", givenName="Zo\u00eb", sn=ODD, mail="o'neill+tag@engines.example",
               mobile="+44 7700 900301", **engines),
        _entry("shared1", cn="Kay McNulty", givenName="Kay", sn="McNulty", mail="office@engines.example",
               mobile="+44 7700 900501", **engines),
        _entry("shared2", cn="Fran Bilas", givenName="Fran", sn="Bilas", mail="office@engines.example",
               mobile="+44 7700 900502", **engines),
        "\n".join([f"dn: ou=elsewhere,{PEOPLE}", "objectClass: referral", "objectClass: extensibleObject",
                   "ou: elsewhere", f"ref: ldap://127.0.0.1:{trap}/ou=elsewhere,{PEOPLE}"]),
        *namesakes,
    ]) + "\n"  # fmt: skip


def _certificate(folder: Path, name: str) -> None:
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
        folder / "cert.pem", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2",
    ]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


@contextlib.contextmanager
def trap() -> Iterator[tuple[int, list[object]]]:
    """A server that nobody should ask; it notes who comes."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def watch() -> None:
            with contextlib.suppress(OSError):
                while True:
                    visitor, address = door.accept()
                    came.append(address)
                    visitor.close()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield int(door.getsockname()[1]), came
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(scope="session")
def _slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory | str]:
    program = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap:/usr/libexec")
    schemas = next((p for p in map(Path, ("/etc/ldap/schema", "/etc/openldap/schema")) if p.is_dir()), None)
    if program is None or schemas is None or shutil.which("openssl") is None:
        yield "slapd or openssl is not installed"
        return
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "db").mkdir()
    _certificate(folder, "localhost")
    modules = Path("/usr/lib/ldap")
    load = f"modulepath {modules}\nmoduleload back_mdb\n" if (modules / "back_mdb.so").exists() else ""
    plain, sealed = _free(), _free()
    with trap() as (port, came):
        includes = "".join(f"include {schemas}/{name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        (folder / "slapd.conf").write_text(
            f"{includes}pidfile {folder}/slapd.pid\n{load}"
            f"TLSCACertificateFile {folder}/cert.pem\nTLSCertificateFile {folder}/cert.pem\n"
            f"TLSCertificateKeyFile {folder}/key.pem\nsizelimit {SIZE_LIMIT}\nreferral ldap://127.0.0.1:{port}\n"
            f"database mdb\nsuffix {SUFFIX}\ndirectory {folder}/db\nmaxsize 10485760\n"
            f"access to attrs=userPassword by anonymous auth by * none\naccess to * by users read by * none\n"
        )
        (folder / "people.ldif").write_text(_people(port), encoding="utf-8")
        add = [program, "-T", "add", "-f", folder / "slapd.conf", "-l", folder / "people.ldif"]
        subprocess.run([str(part) for part in add], check=True, capture_output=True)
        listen = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{sealed}"
        with subprocess.Popen(
            [program, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", listen],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as server:  # fmt: skip
            try:
                _await(server, plain)
                yield Directory(
                    f"ldap://localhost:{plain}", f"ldaps://localhost:{sealed}", str(folder / "cert.pem"), came
                )
            finally:
                server.terminate()


def _await(server: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(500):
        assert server.poll() is None, "slapd ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError("slapd does not listen")


@pytest.fixture
def directory(_slapd: Directory | str, require: Callable[[str], NoReturn]) -> Directory:
    """Slapd with its people."""
    if isinstance(_slapd, str):
        require(_slapd)
    return _slapd
