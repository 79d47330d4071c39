"""Names of companies: the form that is shown and sent, and the form that is compared."""

from enrichcore.identity.domain import clean_domain
from enrichcore.identity.email import clean_email
from enrichcore.identity.legal_forms import AT_THE_END, AT_THE_START, JOINED
from enrichcore.identity.name import name_key
from enrichcore.identity.text import is_placeholder, tidy

_COMMON_TLDS = frozenset(
    {"com", "net", "org", "edu", "gov", "info", "biz", "io", "ai", "co", "app", "dev", "eu", "tech"}
)

_AND: dict[int, str] = {
    **dict.fromkeys(map(ord, "&+\uff06\ufe60\uff0b\ufe62"), " and "),
    **dict.fromkeys(map(ord, "\u2122\u00ae\u00a9\u2120"), " "),  # the marks of a trade name are no letters
}


def _words(name: str) -> list[str]:
    # An ampersand and a plus are a word: Smith & Daughters is Smith and Daughters.
    return name_key(name.translate(_AND)).split()


_END = frozenset(tuple(_words(form)) for form in AT_THE_END)
_START = frozenset(tuple(_words(form)) for form in AT_THE_START)
_LAST_WORDS = frozenset(form[-1] for form in _END) | {"and"}
_FIRST_WORDS = frozenset(form[0] for form in _START)
_START_LENGTHS = tuple(sorted({len(form) for form in _START}, reverse=True))
_LENGTHS = tuple(sorted({len(form) for form in _END}, reverse=True))
_JOINED = tuple(sorted((name_key(form) for form in JOINED), key=len, reverse=True))
_NOT_A_NAME = ({"the"}, {"and"}, {"the", "and"})


def clean_company(text: object) -> str | None:
    """A company's name tidied; None for a placeholder, a URL, a bare domain or an email address."""
    if not isinstance(text, str):
        return None
    if text.isalnum() and text.isascii():  # one plain word: there is nothing to tidy, and it is no address
        return None if is_placeholder(text) else text
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
    if text.isalnum() and text.isascii():
        return text.lower()
    words = _words(text)
    if len(words) == 1 and words[0].isascii():
        return words[0]
    _strip(words)
    while words and not (words[0].isascii() and words[-1].isascii()) and _strip_joined(words):
        _strip(words)
    return " ".join(words)


def _strip(words: list[str]) -> bool:
    """Take the forms at both ends off `words`, a list that is changed; whether there were any. Linear in the words."""
    start, end = 0, len(words)
    while True:
        n = _form_at_the_end(words, start, end)
        if n:
            end -= n
        elif n := _form_at_the_start(words, start, end):
            start += n
        else:
            break
    changed = end - start < len(words)
    words[:] = words[start:end]
    return changed


def _form_at_the_start(words: list[str], start: int, end: int) -> int:
    """How many words the legal form before the name has; 0 where there is none, or nothing would be left."""
    if end - start < 2 or words[start] not in _FIRST_WORDS:  # noqa: PLR2004
        return 0
    for n in _START_LENGTHS:
        if tuple(words[start : start + n]) in _START and _is_name(words, start + n, end):
            return n
    return 0


def _form_at_the_end(words: list[str], start: int, end: int) -> int:
    """How many words the legal form at the end has; 0 where there is none, or nothing would be left."""
    if end - start < 2 or words[end - 1] not in _LAST_WORDS:  # noqa: PLR2004 - a name and a form
        return 0
    for n in _LENGTHS:
        if n < end - start and tuple(words[end - n : end]) in _END and _is_name(words, start, end - n):
            return n
    return 1 if words[end - 1] == "and" and _is_name(words, start, end - 1) else 0


def _is_name(words: list[str], start: int, end: int) -> bool:
    # A longer list has a word that is neither an article nor a conjunction, or is a name all the same.
    return end > start and (end - start > 2 or set(words[start:end]) not in _NOT_A_NAME)  # noqa: PLR2004


def _strip_joined(words: list[str]) -> bool:
    """Take the forms that are written without a space off the first and the last word; whether there were any."""
    last, first = words[-1], words[0]
    end = len(last)
    while form := next((f for f in _JOINED if last.endswith(f, 0, end)), None):
        if end == len(form) and len(words) == 1:
            break
        end -= len(form)
    if end < len(last):
        words[-1:] = [last[:end]] if end else []
        return True
    start = 0
    while form := next((f for f in _JOINED if first.startswith(f, start)), None):
        if start + len(form) == len(first) and len(words) == 1:
            break
        start += len(form)
    if start:
        words[:1] = [first[start:]] if start < len(first) else []
        return True
    return False
