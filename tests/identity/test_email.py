"""Email addresses: what is sent and what is compared."""

import pytest

from enrichcore.identity import clean_email, email_class, email_key


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("ada@engines.example", "ada@engines.example"),
        (" Ada.King@ENGINES.Example ", "Ada.King@engines.example"),
        ("<ada@engines.example>", "ada@engines.example"),
        ("mailto:ada@engines.example?subject=x", "ada@engines.example"),
        ("ada+crm@engines.example", "ada+crm@engines.example"),
        ("o'brien@engines.example", "o'brien@engines.example"),
        ("ada@m\u00fcller.example", "ada@xn--mller-kva.example"),
        ("jose\u0301@engines.example", "jos\u00e9@engines.example"),
        ("ada@www.engines.example", "ada@www.engines.example"),
        ("1@engines.example", "1@engines.example"),
    ],
)
def test_an_address_is_sent_as_written(text: str, email: str) -> None:
    """Only the domain is normalised: the local part belongs to its host."""
    assert clean_email(text) == email


@pytest.mark.parametrize(
    "text",
    [
        "nope", "n/a", "", "@", "@engines.example", "ada@", "ada@engines", "ada@@engines.example",
        "a b@engines.example",
        ".ada@engines.example", "ada.@engines.example", "a..b@engines.example", "ada@192.0.2.1", "ada@[192.0.2.1]",
        '"ada"@engines.example', "ada@engines..example", "Ada <ada@engines.example>", "ada(x)@engines.example",
        f"{'a' * 65}@engines.example", "a,b@engines.example", "ada@engines.example\nx", "a" * 100_000,
        "\u202eada@engines.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """Syntax only: nothing is looked up."""
    assert clean_email(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@engines.example", "ADA@ENGINES.example"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada+crm@gmail.com", "ada@googlemail.com"),
        ("ada+crm@outlook.com", "ada@outlook.com"),
        ("ada+crm@hotmail.co.uk", "ada@hotmail.co.uk"),
        ("ada+crm@proton.me", "ada@proton.me"),
        ("ada+crm@icloud.com", "ada@icloud.com"),
        ("ada+crm@fastmail.com", "ada@fastmail.com"),
        ("jos\u00e9@engines.example", "jose\u0301@engines.example"),
    ],
)
def test_one_mailbox_has_one_key(one: str, other: str) -> None:
    """What a host is known to ignore is not compared."""
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.da@engines.example", "ada@engines.example"),
        ("ada+crm@engines.example", "ada@engines.example"),
        ("a.da@outlook.com", "ada@outlook.com"),
        ("ada@outlook.com", "ada@hotmail.com"),
        ("ada@gmail.com.example", "a.da@gmail.com.example"),
        ("ada+x@live.example", "ada@live.example"),
    ],
)
def test_another_host_may_mean_every_sign(one: str, other: str) -> None:
    """Dots and plus are dropped only where the host is known to ignore them."""
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ada@engines.example", "work"),
        ("ada.lovelace@engines.example", "work"),
        ("ada@gmail.com", "free_mail"),
        ("ada@googlemail.com", "free_mail"),
        ("ada@mailinator.com", "disposable"),
        ("ada@x.mailinator.com", "disposable"),
        ("info@engines.example", "role"),
        ("sales.uk@engines.example", "role"),
        ("no-reply@engines.example", "role"),
        ("NO_REPLY@engines.example", "role"),
        ("kundenservice@engines.example", "role"),
        ("marketing.lead@engines.example", "role"),
        ("info+crm@gmail.com", "role"),
        ("sales.person@engines.example", "work"),
        ("info.lovelace@engines.example", "work"),
        ("nope", None),
    ],
)
def test_addresses_have_a_class(text: str, kind: str | None) -> None:
    """A role before the host, a throw-away host before one of personal mail, and work for the rest."""
    assert email_class(text) == kind
