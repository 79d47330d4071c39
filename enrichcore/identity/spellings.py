"""One name in the Latin spellings of several countries: Evgeniy and Yevgeny, Hsiu-ying and Xiuying, Yoo and Yu.

Such spellings are only held to be one name where the language is known to be written so (by a country, by the form of
the name) or where an id says that it is one person anyway: Meyer and Meier are two families, Zaytsev and Zaitsev one.
"""

import re
from collections.abc import Iterable

from enrichcore.identity.text import words

SLAVIC, ARABIC, GREEK, INDIC, KOREAN, JAPANESE, HEBREW, MALAY, CZECH = (
    "slavic", "arabic", "greek", "indic", "korean", "japanese", "hebrew", "malay", "czech",
)  # fmt: skip
EVERY = frozenset({SLAVIC, ARABIC, GREEK, INDIC, KOREAN, JAPANESE, HEBREW, MALAY, CZECH})

_COUNTRIES = {
    **dict.fromkeys(words("""
RU UA BY KZ KG UZ TM TJ MD BG RS MK ME BA MN GE AM AZ LV LT EE
"""), SLAVIC,
    ),
    **dict.fromkeys(words("""
MA DZ TN LY EG SD SA AE QA BH KW OM YE JO LB SY IQ PS MR IR AF PK SO DJ KM SN ML
"""), ARABIC,
    ),
    **dict.fromkeys(("ID", "MY", "BN"), MALAY),
    **dict.fromkeys(("CZ", "SK"), CZECH),
    "IL": HEBREW,
    **dict.fromkeys(("GR", "CY"), GREEK),
    **dict.fromkeys(("IN", "BD", "LK", "NP"), INDIC),
    **dict.fromkeys(("KR", "KP"), KOREAN),
    "JP": JAPANESE,
}  # fmt: skip
FAMILY_FIRST = words("""
CN TW HK MO SG KR KP JP VN HU KH MN KZ KG UZ TJ TM RU UA BY AZ MY
""")
"""Countries where the family name is often written first."""
SURNAMES_FIRST = words("""
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang deng
han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren shen yao lai ouyang situ
sima chan wong cheung lau leung kwok ho lam tse chow tsang yip yeung fung kwan chiu hui tam mak ng au chung szeto
kim lee park choi jung jeong kang cho yoon jang lim shin oh seo kwon hwang ahn yoo ryu hong jeon ko moon bae baek
nam nguyen tran le pham huynh hoang phan vu vo dang bui do ngo duong ly dinh truong luong trinh mai sato suzuki
takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi matsumoto inoue
kimura hayashi shimizu saito mori ikeda hashimoto abe ishikawa ogawa okada fujita goto hasegawa murakami kondo ishii
nagy kovacs toth szabo horvath varga kiss molnar nemeth farkas balogh papp takacs juhasz lakatos meszaros olah simon
racz
""")
"""Surnames of countries where they stand first."""

_SLAVIC_FORM = re.compile(
    r".{2,}(?:[oe]va?|sk[iy]y?|skii|skaya|skaia|ska|enko|[cy]huk|[iy]uk|[oe]vi?ych|[oe]vich|[oe]vna|[a-z]{2}[iy]an)"
)
_ARABIC_WORDS = words("""
al el ul bin ibn bint abu abd abdul abdel abdal mohammed mohamed muhammad mohammad ahmed ahmad ali hassan hussein
hossein khan shaikh sheikh sayed syed
""")
_GREEK_FORM = re.compile(r"papa.*|.*(?:poulos|poulou|idis|iadis|adis|akis|aki|oglou|atos|akos|atou|ellis|otis)")
_WADE_GILES = re.compile(
    r"hs|ts[aeiou]|tz|ch(?:ih|ien|iang|iao|ieh|un[g]?$)|k'|p'|t'|[ck]uo$|jen|ssu|szu|yeh$|hsueh|kuang|ien$"
)
_PINYIN = re.compile(r"x|q|zh|z[aeiou]|c[aeou]")

_FOLDS: dict[str, tuple[tuple[str, str], ...]] = {
    SLAVIC: (
        ("shch", "sc"), ("sch", "sc"), ("szcz", "sc"), ("x", "ks"), ("zh", "z"), ("kh", "h"), ("ch", "c"),
        ("cz", "c"),
        ("ts", "c"), ("tz", "c"), ("yo", "e"), ("jo", "e"), ("io", "e"), ("ye", "e"), ("je", "e"), ("ie", "e"),
        ("yu", "u"), ("ju", "u"), ("iu", "u"), ("ya", "ia"), ("ja", "ia"), ("ou", "u"), ("w", "v"),
        ("y", "i"), ("j", "i"), ("ii", "i"), ("ei", "e"), ("aia", "aa"), ("ai", "a"), ("oi", "o"),
    ),
    ARABIC: (
        ("abdul", "abdl"), ("abdel", "abdl"), ("abdal", "abdl"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("kh", "h"),
        ("dh", "d"), ("th", "t"), ("gh", "g"), ("q", "k"), ("dj", "j"), ("w", "u"), ("y", "i"), ("o", "u"),
        ("aa", "a"), ("ei", "ai"), ("iu", "u"),
    ),
    GREEK: (
        ("ch", "h"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("ou", "u"), ("oy", "u"), ("ei", "i"),
        ("oi", "i"), ("eu", "ef"), ("ev", "ef"), ("au", "af"), ("av", "af"), ("ai", "e"), ("y", "i"), ("ng", "g"),
        ("nt", "d"), ("mp", "b"), ("b", "v"), ("x", "ks"), ("c", "k"), ("geo", "go"), ("gio", "go"),
    ),
    INDIC: (
        ("ou", "au"), ("ow", "au"), ("ee", "i"), ("oo", "u"), ("aa", "a"), ("ksh", "ks"), ("x", "ks"), ("zh", "l"),
        ("th", "t"), ("dh", "d"), ("bh", "b"), ("sh", "s"), ("w", "v"), ("y", "i"), ("iam", "ian"),
    ),
    HEBREW: (
        ("ch", "h"), ("kh", "h"), ("tz", "c"), ("ts", "c"), ("z", "c"), ("w", "v"), ("ph", "f"), ("oo", "u"),
        ("ou", "u"),
        ("ee", "i"), ("ay", "ai"), ("y", "i"), ("ei", "e"), ("ck", "k"), ("ie", "i"), ("ii", "i"),
    ),
    MALAY: (("oe", "u"), ("dj", "j"), ("tj", "c"), ("ch", "c"), ("ee", "i"), ("oo", "u"), ("y", "i"), ("kh", "h"),
    ("sy", "s"), ("sh", "s")),
    CZECH: (),
    KOREAN: (
        ("hyun", "hion"), ("kyun", "kion"), ("gyun", "kion"), ("myun", "mion"), ("byun", "bion"), ("pyun", "bion"),
        ("young", "iong"), ("yung", "iong"), ("hui", "hi"), ("yeo", "io"), ("yoo", "iu"), ("you", "iu"),
        ("yu", "iu"), ("yo", "io"), ("ya", "ia"), ("ye", "ie"),
        ("woo", "u"), ("wu", "u"), ("eo", "u"), ("eu", "u"), ("oo", "u"), ("ou", "u"), ("ae", "e"), ("ai", "e"),
        ("ay", "e"), ("ee", "i"), ("rh", "l"), ("oe", "e"), ("oi", "e"), ("uh", "u"), ("ah", "a"), ("oh", "o"),
        ("y", "i"),
        ("ch", "j"), ("g", "k"), ("p", "b"), ("t", "d"), ("ck", "k"), ("r", "l"), ("sh", "s"),
    ),
    JAPANESE: (
        ("oh", "o"), ("ou", "o"), ("oo", "o"), ("uu", "u"), ("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("fu", "hu"),
        ("ji", "zi"), ("mb", "nb"), ("mp", "np"), ("sh", "sy"), ("ch", "ty"), ("j", "zy"), ("l", "r"), ("yy", "y"),
    ),
}  # fmt: skip
_CHINESE_INITIALS = (
    ("hs", "x"), ("tz", "c"), ("ts", "c"), ("zh", "q"), ("ch", "q"), ("j", "q"), ("z", "c"), ("g", "k"), ("d", "t"),
    ("b", "p"),
)  # fmt: skip
_CHINESE_FINALS = (
    ("iung", "iong"), ("ung", "ong"), ("ien", "ian"), ("ieh", "ie"), ("ueh", "ue"), ("uei", "ui"), ("kuo", "kuo"),
    ("ih", "i"), ("yeh", "ye"), ("szu", "si"), ("ssu", "si"),
)  # fmt: skip


def tongues(countries: Iterable[str | None], family: Iterable[str], words: Iterable[str]) -> frozenset[str]:
    """The languages whose spellings may vary here: by the countries, the form of the surname and words of the names."""
    found = {_COUNTRIES[c] for c in countries if c in _COUNTRIES}
    if not _ARABIC_WORDS.isdisjoint(words):
        found.add(ARABIC)
    for word in family:
        if _SLAVIC_FORM.fullmatch(word):
            found.add(SLAVIC)
        if _GREEK_FORM.fullmatch(word):
            found.add(GREEK)
    return frozenset(found)


def folded(word: str, tongue: str) -> str:
    """`word` with the Latin spellings that one language lets vary made equal."""
    if tongue == ARABIC and word[:2] == "el":
        word = "al" + word[2:]
    for written, plain in _FOLDS[tongue]:
        if written in word:
            word = word.replace(written, plain)
    if tongue == ARABIC:
        word = word.removesuffix("h")
    return without_doubles(word)


def without_doubles(word: str) -> str:
    """`word` with each run of one letter as one letter."""
    return "".join(c for i, c in enumerate(word) if i == 0 or c != word[i - 1])


def one_spelling(one: str, other: str, languages: frozenset[str]) -> bool:
    """Whether two words are spellings of one name in one of `languages`."""
    for tongue in languages:
        mine = folded(one, tongue)
        if mine and mine == folded(other, tongue):
            return True
    return SLAVIC in languages and _ukrainian(one, other)


def _ukrainian(one: str, other: str) -> bool:
    # A Ukrainian h is a Russian g, and the other way about.
    if not ("h" in one and "g" in other) and not ("g" in one and "h" in other):
        return False
    return folded(one.replace("kh", "x").replace("g", "h"), SLAVIC) == folded(
        other.replace("kh", "x").replace("g", "h"), SLAVIC
    )


def one_chinese_name(one: str, other: str) -> bool:
    """Whether one of two joined names in Latin letters is in Wade-Giles and the other the same name in pinyin."""
    if not (_WADE_GILES.search(one) and _PINYIN.search(other)) and not (
        _WADE_GILES.search(other) and _PINYIN.search(one)
    ):
        return False
    return _chinese(one) == _chinese(other)


def _chinese(word: str) -> str:
    for written, plain in (*_CHINESE_FINALS, *_CHINESE_INITIALS):
        word = word.replace(written, plain)
    return word


def skeleton(word: str) -> str:
    """The consonants of a word without vowels, doubles and what scripts without vowels confuse."""
    for written, plain in (
        ("kh", "h"), ("ch", "s"), ("sh", "s"), ("gh", "g"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("ts", "s"),
        ("tz", "s"), ("dj", "j"), ("ck", "k"), ("q", "k"), ("c", "k"), ("w", "v"), ("z", "s"), ("x", "ks"),
        ("p", "b"), ("r", "r"),
    ):  # fmt: skip
        word = word.replace(written, plain)
    return without_doubles("".join(c for c in word if c.isalnum() and c not in "aeiouyh"))
