"""Domains of companies: from a URL, a host or a bare domain to lower-case A-labels."""

import re
import unicodedata

from enrichcore.identity.text import normalized

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])")
# Typed in a hurry, and typed before one that was there already.
_SCHEME = re.compile(r"(?:(?:https?|ftp):/{0,2}|//){1,2}", re.IGNORECASE)
_AROUND = " \t\r\n<>\u00a0\u200b\u200e\u200f\u2060\ufeff"
_END_OF_HOST = re.compile(r"[/?#\\]")
_PORT = re.compile(r":[0-9]{0,5}")
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
_MAX_HOST = 253
_MAX_TEXT = 4096


def clean_domain(text: object) -> str | None:
    """The domain in `text`, a URL or a host, lower-case with A-labels and without `www.`.

    None for an address literal, a host without a dot, a label that cannot be one, or an email address.
    """
    if not isinstance(text, str):
        return None
    if len(text) > _MAX_TEXT:
        return None
    text = text.strip().strip(_AROUND)
    if not text:
        return None
    scheme = _SCHEME.match(text)
    if scheme is not None:
        text = text[scheme.end() :]
    end = _END_OF_HOST.search(text)
    if end is not None:
        text = text[: end.start()]
    if scheme is not None:
        text = text.rpartition("@")[2]
    port = text.rfind(":")
    if port != -1:
        if not _PORT.fullmatch(text, port):
            return None
        text = text[:port]
    host = clean_host(text)
    while host is not None and host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def clean_host(text: str) -> str | None:
    """A bare host name, lower-case with A-labels; None if it is not one. Nothing is cut off but a final dot."""
    if not text.isascii():
        mapped = _mapped(text)
        if mapped is None:
            return None
        text = mapped
    host = text.lower()
    host = host.removesuffix(".")
    if len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        return None
    if "--" in host and not all(map(_valid_hyphens, host.split("."))):
        return None
    return host


def _mapped(text: str) -> str | None:
    """`text` with its U-labels as A-labels, by the mapping of IDNA 2008 with UTS 46 (ß and ς stay letters)."""
    if len(text) > _MAX_HOST:
        return None
    text = normalized("NFKC", normalized("NFKC", text.translate(_DOTS)).translate(_DOTS))
    labels = []
    # Letter by letter, because lower() makes a Σ at the end of a word another letter than elsewhere.
    for label in normalized("NFC", "".join(c.lower() for c in text)).split("."):
        if label.isascii():
            labels.append(label)
            continue
        if not _is_u_label(label):
            return None
        labels.append("xn--" + label.encode("punycode").decode("ascii"))
    return ".".join(labels)


def _is_u_label(label: str) -> bool:
    """Whether a label is letters, marks, digits and inner hyphens, and does not start with a mark."""
    kinds = [unicodedata.category(c)[0] for c in label]
    if kinds[0] == "M" or label[0] == "-" or label[-1] == "-" or label[2:4] == "--":
        return False
    return all(kind in "LMN" or c == "-" for kind, c in zip(kinds, label, strict=True))


def _valid_hyphens(label: str) -> bool:
    """Whether hyphens in the third and fourth place stand in an A-label that decodes to itself."""
    if label[2:4] != "--":
        return True
    if not label.startswith("xn--"):
        return False
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        return not decoded.isascii() and _mapped(decoded) == label
    except (UnicodeError, ValueError, OverflowError):
        return False
