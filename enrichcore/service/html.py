"""What every page of the service keeps to: text is escaped, and nothing is loaded or run but one known style sheet."""

import base64
import hashlib
import html


def text(value: object) -> str:
    """A value as text inside an element or a quoted attribute."""
    return html.escape(str(value))


def policy(style: str, *, forms: str = "'none'") -> str:
    """The content security policy of a page with this style sheet in it; `forms` is where its forms may go."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
