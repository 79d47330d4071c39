"""Written forms: what stands in a cell or an answer, made ready to be parsed."""

import re
import unicodedata

MAX_TEXT = 250
"""Longer text is not a number, whatever it holds, and reading it would cost in proportion."""

# A hidden digit. One x may start an extension, two never do.
_MASK = re.compile(r"[*\u2022\u25cf\u25cb\u25a0\u2588\u2026\u2217\u204e]|[xX]{2,}|\u00b7{2,}|#{2,}|\?{2,}|_{2,}|\.{3,}")
# A semicolon parts a list unless a parameter of RFC 3966 follows it.
_PARTS = re.compile(r"[|\r\n]+|;(?!\s*(?:ext|phone-context|isub|postd)\s*=)", re.IGNORECASE)
_FINER_PARTS = re.compile(
    r"\s*(?:(?<!,),(?!,)|//?|[\\&\u3001]|<br ?/?>)\s*|\s+(?:or|and|oder|ou|et|und|o|y|e|en|och|og|eller|of|[-+])\s+"
    r"|\s{2,}|\t|(?<=\d)\s*(?=\+\s*\d)"
    r"|(?<=\d)\s+(?=(?:t|m|f|h|w|d|o|c|tel|telefon|phone|ph|mob|mobile|cell|fax|work|home|office|direct)\b)",
    re.IGNORECASE,
)
_GAPS = re.compile(r"\s+")
# The number of something else, said so; with a plus it is a phone number all the same (ID is a country too).
_OF_SOMETHING_ELSE = re.compile(
    r"[^\w+]*(?:(?:id|order|ord|inv|invoice|ref|reference|account|acct|acc|case|ticket|sku|po|vat|ssn|iban|isbn|ean|zip|"
    r"postcode|plz|cust|customer|item|part|serial|uid|uuid)\b[^+]*$|(?:https?|ftp)://(?!wa\.me/|api\.whatsapp\.com/)|www\.|"
    r"-?\d{1,3}\.\d{3,}\s*,\s*-?\d{1,3}\.\d{3,}$)",
    re.IGNORECASE,
)
_FAX = re.compile(r"\W*(?:tele)?fax\b|\W*f\s*[.:]", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]\d]*)[)\]]")
_LABEL_BEHIND = re.compile(
    r"(?<=\d)[\s,:/-]+(?:mobile|mobil|mob|cell|cellular|cellphone|cel|handy|work|office|home|direct|main|phone|telephone|"
    r"telefon|tel|private|privat|business|buero|b\u00fcro|gesch\u00e4ftlich|dienstlich|portable|fixe|bureau|domicile|trabajo|"
    r"movil|m\u00f3vil|celular|casa|oficina|lavoro|cellulare|ufficio|fisso|mobiel|thuis|werk|landline|desk|whatsapp|"
    r"personal|primary|preferred)\W*$",
    re.IGNORECASE,
)
_EXTENSION_WORDS = re.compile(
    r"(?<=\d)[\s,;(/-]*(?:poste|ramal|durchwahl|dw|nst|nebenstelle|interno|toestel|tst|wewn|wew|linka|klapka|dahili|ankn|"
    r"anknytning|lokal|\u0432\u043d|\u0434\u043e\u043f|\u5185\u7dda|\u5167\u7dda|\u5206\u673a|\u5206\u6a5f|"
    r"\uad50\ud658|\ub0b4\uc120)[\s.:]*(\d{1,6})\)?\s*$",
    re.IGNORECASE,
)
# What most cells hold, told apart before the rest is tried: digits in groups, no gap that could part two numbers.
_ONE = re.compile(r"\+?\(?\d(?:[ (). -]?[\d()])*(?<!\.0)")
_LETTER_OR_GAP = re.compile(r"[A-Za-z\t.]|\s{2}")
_DECIMAL = re.compile(r"(\+?\d{7,15})\.0")
_DIGIT = re.compile(r"[0-9]")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 18
_MOST_PARTS = 16
_FEWEST_SPELT = 3
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_EXTENSION = re.compile(r"\s*(?:e?xt|xten|int\b|anexo|доб|[x#~])", re.IGNORECASE)
_URI = re.compile(r"(?:^|\W)tel:|;\s*[a-z-]+=.*", re.IGNORECASE | re.DOTALL)
_TIME = r"(?:[ T]+[0-2]?\d:[0-5]\d.*)?"
_DATE = re.compile(
    r"[0-3]?\d/[0-3]?\d/(?:[12]\d)?\d\d"
    rf"|[0-3]?\d([.-])[01]?\d\1(?:19|20)\d\d{_TIME}|(?:19|20)\d\d([-/.])[01]?\d\2[0-3]?\d{_TIME}"
)
_X_BETWEEN_DIGITS = re.compile(r"\d\s*[x\u00d7]\s*\d", re.IGNORECASE)


def to_ascii(text: str) -> str:
    """`text` with digits of every script, full-width signs, dashes and spaces as ASCII, and without hidden marks."""
    letters = []
    for c in unicodedata.normalize("NFKC", text):
        if c.isascii():
            letters.append(c)
        elif c.isdecimal():
            letters.append(str(unicodedata.decimal(c)))
        else:
            kind = unicodedata.category(c)
            if kind == "Pd" or c == "\u2212":
                letters.append("-")
            elif kind == "Zs" or c == "\u00b7":
                letters.append(" ")
            elif kind not in {"Cf", "Mn", "Me"}:
                letters.append(c)
    return "".join(letters)


def is_masked(text: str) -> bool:
    """Whether digits are hidden behind stars, bullets or x's."""
    return _MASK.search(text) is not None


def parts(text: str) -> list[str]:
    """The numbers of a list, in order and made plain; one where the text is no list, none where it is no number."""
    if _ONE.fullmatch(text) is not None:
        return [text]
    if _OF_SOMETHING_ELSE.match(text) is not None:
        return []
    found = []
    for coarse in _PARTS.split(text):
        part = coarse.strip()
        if not part:
            continue
        finer = _FINER_PARTS.split(part)
        # `089/1234567` is one number and `+1…/+44…` are two: a part must be long enough to be one.
        pieces = finer if len(finer) > 1 and all(map(_may_be_a_number, finer)) else [part]
        found += [plain for piece in pieces if _FAX.match(piece) is None and (plain := _plain(piece))]
    return found[:_MOST_PARTS]


def _plain(part: str) -> str:
    """A number without the words around it: what kind of line it is, and `Durchwahl 12` as `ext 12`."""
    if part.isascii() and not _LETTER_OR_GAP.search(part):
        return part
    part = _GAPS.sub(" ", part)
    found = _DECIMAL.fullmatch(part)
    if found is not None:
        return found[1]  # a spreadsheet's number
    shorter = _BRACKETS.sub(lambda m: " " if len(set(filter(str.isalpha, m[1].lower()))) > 1 else m[0], part)
    shorter = _LABEL_BEHIND.sub("", shorter.strip())
    return _EXTENSION_WORDS.sub(r" ext \1", shorter)


def _may_be_a_number(piece: str) -> bool:
    return _FEWEST_DIGITS <= len(_DIGIT.findall(piece)) <= _MOST_DIGITS and _EXTENSION.match(piece) is None


def is_date(text: str) -> bool:
    """Whether `text` is nothing but a date, with or without a time: what a shifted column puts in a phone's place."""
    return _DATE.fullmatch(text.strip()) is not None


def has_stray_x(text: str) -> bool:
    """Whether an x stands between digits, where only an extension could explain it."""
    return _X_BETWEEN_DIGITS.search(text) is not None


def is_spelt(text: str, national: str) -> bool:
    """Whether digits of `national` come from letters of `text`: a word as in 1-800-FLOWERS, or a mask as in NNNN."""
    text = _URI.sub(" ", text)
    if sum(map(str.isalpha, text)) < _FEWEST_SPELT:
        return False
    return national not in "".join(_DIGIT.findall(text))


def without_trunk_zero(text: str) -> str | None:
    """`text` without the `(0)` that is dialled inside a country only; None where there is none."""
    shorter = _TRUNK_ZERO.sub("", text, count=1)
    return None if shorter == text or not shorter.strip() else shorter
