"""Contact: how an application says who runs it, to public services that want to be able to reach somebody."""

from typing import Any

import attrs


def _contact(value: Any) -> str:
    fine = isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value
    if not fine or not ("@" in value or value.startswith("https://")):
        raise ValueError(f"contact: expected an email address or an https address, got {value!r}")
    return str(value)


@attrs.frozen(kw_only=True)
class ContactSettings:
    """`contact`: an email address or a page by which those who run the service can reach you; their policy wants it."""

    contact: str = attrs.field(converter=_contact)

    def agent(self, name: str) -> dict[str, str]:
        """The header field that says which provider asks, and for whom."""
        return {"User-Agent": f"enrichcore-{name.replace('_', '-')}/0.1 ({self.contact})"}
