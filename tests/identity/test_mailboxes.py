"""What a mailbox tells of its owner, and hosts that tell nothing of an employer."""

import pytest

from enrichcore.identity import email_class
from enrichcore.identity.mail_hosts import is_free_mail
from enrichcore.identity.mailboxes import spells_name


@pytest.mark.parametrize(
    ("local", "first", "last"),
    [
        ("paul.ostrander", "Paul", "Ostrander"),
        ("p.ostrander", "Paul", "Ostrander"),
        ("postrander", "Paul", "Ostrander"),
        ("ostranderp", "Paul", "Ostrander"),
        ("paul.q.ostrander", "Paul", "Ostrander"),
        ("bill.ostrander", "William", "Ostrander"),
        ("paulostrander", "Paul", "Ostrander"),
        ("ostrander.paul", "Paul", "Ostrander"),
        ("m.soler", "Marta", "Soler Vidal"),
    ],
)
def test_a_mailbox_spells_a_name(local: str, first: str, last: str) -> None:
    assert spells_name(f"{local}@engines.example", first, last)


@pytest.mark.parametrize(
    ("local", "first", "last"),
    [
        ("paula.ostrander", "Paul", "Ostrander"),
        ("paulaostrander", "Paul", "Ostrander"),
        ("john.ostrander", "Jo", "Ostrander"),
        ("martin.ostrander", "Martina", "Ostrander"),
        ("ostrander", "Paul", "Ostrander"),
        ("k.ostrander", "Paul", "Ostrander"),
    ],
)
def test_a_mailbox_that_begins_like_a_name_is_anothers(local: str, first: str, last: str) -> None:
    assert not spells_name(f"{local}@engines.example", first, last)


@pytest.mark.parametrize(
    "local",
    [
        "accueil",
        "comercial",
        "amministrazione",
        "verkoop",
        "biuro",
        "kundeservice",
        "asiakaspalvelu",
        "atendimento",
        "rh",
        "soporte",
        "customer.service",
        "hr.department",
        "accounts.payable",
        "iletisim",
        "info2",
        "infos",
        "financeiro",
    ],
)
def test_a_role_has_a_word_in_every_language(local: str) -> None:
    assert email_class(f"{local}@engines.example") == "role"


@pytest.mark.parametrize("local", ["hugo.contact", "pa.smith", "it.smith", "hr.muller", "marketa", "salesi"])
def test_a_person_is_no_role(local: str) -> None:
    assert email_class(f"{local}@engines.example") == "work"


@pytest.mark.parametrize(
    "host",
    ["yahoo.com.mx", "yahoo.ie", "hotmail.com.mx", "gmx.fr", "live.co.uk", "telia.com", "foxmail.com", "sapo.pt"],
)
def test_personal_mail_is_known_in_every_country(host: str) -> None:
    assert is_free_mail(host)


@pytest.mark.parametrize(
    "host", ["yahoo.engines.example", "live.tv", "mail.yahoo.ie", "outlook.example", "engines.example"]
)
def test_a_host_that_only_looks_so_is_an_employers(host: str) -> None:
    assert not is_free_mail(host)
