"""Names of companies: the form that is shown and sent, and the form that is compared."""

from enrichcore.identity.domain import clean_domain
from enrichcore.identity.email import clean_email
from enrichcore.identity.legal_forms import AT_THE_END, AT_THE_START, JOINED
from enrichcore.identity.name import name_key
from enrichcore.identity.text import is_placeholder, tidy

_COMMON_TLDS = frozenset(
    {"com", "net", "org", "edu", "gov", "info", "biz", "io", "ai", "co", "app", "dev", "eu", "tech"}
)


def _words(name: str) -> list[str]:
    # An ampersand is a word: Smith & Daughters is Smith and Daughters.
    return name_key(name.replace("&", " and ").replace("\uff06", " and ").replace("\ufe60", " and ")).split()


_END = frozenset(tuple(_words(form)) for form in AT_THE_END)
_START = frozenset(tuple(_words(form)) for form in AT_THE_START)
_LAST_WORDS = frozenset(form[-1] for form in _END) | {"and"}
_FIRST_WORDS = frozenset(form[0] for form in _START)
_LENGTHS = tuple(sorted({len(form) for form in _END}, reverse=True))
_JOINED = tuple(sorted((name_key(form) for form in JOINED), key=len, reverse=True))
_NOT_A_NAME = ({"the"}, {"and"}, {"the", "and"})


def clean_company(text: str) -> str | None:
    """A company's name tidied; None for a placeholder, a URL, a bare domain or an email address."""
    name = tidy(text)
    if is_placeholder(name) or not any(map(str.isalnum, name)):
        return None
    if " " not in name and ("." in name or "/" in name) and _is_website(name):
        return None
    if "@" in name and clean_email(name) is not None:
        return None
    return name


def _is_website(name: str) -> bool:
    """Whether a word with a dot is a website. `J.Crew` is a company, `Booking.com` and `engines.example` are sites."""
    if "://" in name:
        return True
    domain = clean_domain(name)
    if domain is None:
        return False
    if name[:4].lower() == "www.":
        return True
    last = name.partition("/")[0].rstrip(".").rpartition(".")[2]
    return last == last.lower() or last.lower() in _COMMON_TLDS


def company_key(text: str) -> str:
    """The comparison form of a company's name: as for names, and without its legal form.

    Idempotent. A name that is nothing but a legal form is kept.
    """
    words = _words(text)
    if len(words) > 1 and (words[-1] in _LAST_WORDS or words[0] in _FIRST_WORDS):
        words = _stripped(words)
    key = " ".join(words)
    if key.isascii():
        return key
    shorter = _without_joined(key)
    # A form written without a space may have hidden another before it.
    return key if shorter == key else company_key(shorter)


def _stripped(words: list[str]) -> list[str]:
    while True:
        shorter = _one_form_less(words)
        if shorter is None:
            return words
        words = shorter


def _one_form_less(words: list[str]) -> list[str] | None:
    if words[-1] in _LAST_WORDS:
        for n in _LENGTHS:
            if n < len(words) and tuple(words[-n:]) in _END and _is_name(words[:-n]):
                return words[:-n]
        if words[-1] == "and" and _is_name(words[:-1]):
            return words[:-1]
    if words[0] in _FIRST_WORDS and (words[0],) in _START and _is_name(words[1:]):
        return words[1:]
    return None


def _is_name(words: list[str]) -> bool:
    return bool(words) and set(words) not in _NOT_A_NAME


def _without_joined(key: str) -> str:
    """`key` without one form at either end; unchanged where there is none or nothing would be left."""
    for form in _JOINED:
        if len(key) > len(form) and (key.endswith(form) or key.startswith(form)):
            shorter = name_key(key[: -len(form)] if key.endswith(form) else key[len(form) :])
            if shorter:
                return shorter
    return key
