"""A name as it is written, taken apart: its words, which of them may be missing, and the generation it states."""

import re

import attrs

from enrichcore.identity.name import name_key
from enrichcore.identity.text import normalized, words

TITLES = words("""
mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend herr frau mme mlle monsieur madame sr sra srta don
dona ing dipl diplom mag magister hon honorable capt captain col colonel maj major sgt lt lieutenant gen general med
habil hc jur phil rer nat pol oec theol arch ir drs mgr bc mudr mvdr judr phdr rndr paeddr doc inz univ dott dottssa
ssa avv rag geom cav comm dato datuk datin tan sri tun haji hajji hadji hj hjh pak bapak ibu pn encik puan cik tuan
shri smt kum pandit adv advocate ca er engr arq lic licda lcda abg dra dga eng engo sig signor signora mstr mister
monsignor msgr fr father sister brother pastor rabbi imam sheikh shaikh sayyid syed bey bay bayan sn docteur maitre me
pr ba prof univ kand dott cand ald cllr amb ambassador president senator prasident
""")
"""Forms of address and degrees. They may be in a name or missing, and never contradict."""

POST_NOMINALS = words("""
phd md mba cpa cfa cma fsa asa acca ca aca fca esq pmp rn bsn msn np pa lpn dds dmd do dvm jd llm llb msc bsc ma ba bs
ms meng beng btech mtech mph mpa mfa mha med edd psyd dphil dba obe mbe cbe kbe dbe gbe om ch kc qc sc pe shrm cissp
cisa cism cisco facs frcp frcs frsa mrcp mrics frics mcips cips fcma acma cima phr sphr scp cp csm cspo psm itil
prince2 six sigma lss cfp chfc clu cpcu cia cfe caia frm fie mie ceng ieng ra aia leed ap rd ldn lcsw lmft lpc msw csc
ccna ccnp ccie aws mcse mcp csp gphr ccp cams esquire ret retd usn usaf usmc usa ot pt dpt atc ot otr ccc slp csw dr
mag bakk dipl ing mgr csc drsc dis llm ll.m jp mp mep msp mla mlc ao am oam ac
""")
"""Letters that follow a name."""

PARTICLES = words("""
de da do dos das du del della dello dei degli delle di la le li las los lo el al ul as es ez ash at van von vom zum
der den dem vander vanden ter ten te zu zur af av bin ibn ben bint binti abu abi abd san na ap ab mac mc fitz st und
vant
""")

_GENERATIONS = {
    "jr": 2, "jnr": 2, "ii": 2, "2nd": 2, "sr": 1, "snr": 1, "iii": 3, "3rd": 3, "iv": 4, "4th": 4,
}  # fmt: skip
_AFTER_TWO = {
    "junior": 2, "senior": 1, "jun": 2, "sen": 1, "v": 5, "5th": 5, "vi": 6, "filho": 2, "fo": 2, "fh": 2, "neto": 3,
    "sobrinho": 12, "fils": 2, "pere": 1, "ml": 2, "hijo": 2, "padre": 1, "figlio": 2, "pai": 1, "bisneto": 4,
}  # fmt: skip
"""The last word states a generation only after a first name and a surname: Sen and Neto are surnames too."""
_JOINING = frozenset("yei")
"""Between two surnames: Ortega y Gasset."""
_BEFORE = {"ifj": 2, "id": 1, "ozd": 0}

OFFICES = words("""
assistente assistentes asistente ayudante adjointe segretaria secretario sekreter sekreterya sihteeri titkar titkarsag
asystent asystentka asistent asistentka sekretarka sekretarstvi pisarna sekreteren receptionist receptie empfang accueil
portineria centralita telefonzentrale vaxel telefonvaxel vaihde centrala ustredna recepce recepcia recepcion
office assistant assistants assistenz assistentin assistent secretary secretariat secretaria secretariado sekretariat
sekretarin sekretariatet segreteria secretaire sekretarz sekretariatas vorzimmer buro bureau team desk reception
recepcion recepcao rezeption recepcja helpdesk hotline switchboard zentrale centrale standard direzione direction
direktion gerencia dept department abteilung departamento ufficio helpline frontdesk mainline
""")
"""Words that make of a name the place where someone answers for the person."""

OFFICE_OF = re.compile(
    r"\b(?:pa|ea|asst|assistant|secretary|office|bureau) (?:to|of|for)\b|\bc/o\b|\bcare of\b|\battn\b|"
    r"\bz\. ?hd\b|'s (?:pa|ea|office)\b",
    re.IGNORECASE,
)

OFFICE_SIGNS = (
    "\u4ee3\u8868",
    "\u53d7\u4ed8",
    "\u7dcf\u52d9",
    "\u5ba2\u670d",
    "\u524d\u53f0",
    "\u603b\u673a",
    "\u7e3d\u6a5f",
    "\u79d8\u66f8",
    "\u79d8\u4e66",
    "\u4eba\u4e8b\u90e8",
    "\u55b6\u696d\u90e8",
    "\ub300\ud45c\ubc88\ud638",
    "\uace0\uac1d\uc13c\ud130",
    "\ube44\uc11c",
    "\u041f\u0440\u0438\u0435\u043c\u043d\u0430\u044f",
    "\u041f\u0440\u0438\u0451\u043c\u043d\u0430\u044f",
    "\u043e\u0442\u0434\u0435\u043b",
    "\u041e\u0442\u0434\u0435\u043b",
    "\u0441\u0435\u043a\u0440\u0435\u0442\u0430\u0440",
    "\u0421\u0435\u043a\u0440\u0435\u0442\u0430\u0440",
    "\u05de\u05d6\u05db\u05d9\u05e8",
    "\u05de\u05e8\u05db\u05d6\u05d9\u05d9\u05d4",
    "\u0627\u0633\u062a\u0642\u0628\u0627\u0644",
    "\u0633\u0643\u0631\u062a\u064a\u0631",
)
"""The same in other scripts, where a word has no blanks around it: reception, secretary, department, main number."""

_BRACKETS = re.compile(
    r"[(\[{\u3010\uff08\u201c\u201e\u00ab\"]([^()\[\]{}\u3010\u3011\uff08\uff09\u201c\u201d\u201e\u00ab\u00bb\"]*)"
    r"[)\]}\u3011\uff09\u201d\u00bb\"]"
)
_CUT = re.compile(r"\s[-\u2013\u2014/\u00b7~:]+\s|[|\u2022#\uff5c\u25ba\u2605;]|\s@")
_DOTTED = re.compile(r"\b(?:[^\W\d_]{1,4}\.){1,4}(?:[^\W\d_]{1,4}\b\.?)?")
_DIGRAPHS = str.maketrans({
    "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "oe", "\u00e5": "aa", "\u0111": "dj", "\u00f0": "dh",
    "\u00c4": "ae", "\u00d6": "oe", "\u00dc": "ue", "\u00d8": "oe", "\u00c5": "aa", "\u0110": "dj", "\u00d0": "dh",
})  # fmt: skip
_APOSTROPHES = re.compile("(?<=[^\\W\\d_])['\u2019\u2018`\u02bc\u00b4](?=[^\\W\\d_])")
_MAX_WORDS = 12
_MAX_WORD = 64
_LAST = "last"


@attrs.frozen
class Written:
    """A name taken apart.

    `words` are in comparison form, with titles, degrees and nicknames where they stand. `light` says which of them may
    be missing without meaning anything. `spelled` are the words with umlauts written out, or None where that is the
    same. `generation` is 1 for a senior, 2 for a junior.
    """

    words: tuple[str, ...]
    light: tuple[bool, ...]
    generation: int | None = None
    spelled: tuple[str, ...] | None = None
    comma: bool = False

    @property
    def heavy(self) -> tuple[str, ...]:
        """The words that make the name."""
        return tuple(w for w, light in zip(self.words, self.light, strict=True) if not light)


def take_apart(text: str, part: str = "name") -> Written:
    """The words of `text`, a `first` name, a `last` name or a whole `name`."""
    if text.isascii() and text.isalpha():
        word = text.lower()[:_MAX_WORD]
        return Written((word,), (False,))
    aside: list[str] = []
    if not text.isascii() or '"' in text or "(" in text or "[" in text:
        plain = normalized("NFKC", text)
        aside = _BRACKETS.findall(plain)
        shorter = _BRACKETS.sub(" ", plain)
        text = shorter if any(map(str.isalpha, shorter)) else plain
        aside = aside if text is shorter else []
    cut = _CUT.split(text, 1)
    text = cut[0] if any(map(str.isalpha, cut[0])) else text
    if "." in text:
        text = _DOTTED.sub(_undotted, text)
    text = _APOSTROPHES.sub("", text)
    words = name_key(text).split()[:_MAX_WORDS]
    spelled = None
    if not text.isascii():
        other = name_key(with_digraphs(text)).split()[:_MAX_WORDS]
        spelled = other if other != words and len(other) == len(words) else None
    light = [False] * len(words)
    generation = _generation(words, light, part)
    _mark(words, light, part)
    for extra in aside:
        more = name_key(extra).split()[: _MAX_WORDS - len(words)]
        words += more
        light += [True] * len(more)
        if spelled is not None:
            spelled += more
    return Written(
        tuple(w[:_MAX_WORD] for w in words), tuple(light), generation, None if spelled is None else tuple(spelled)
    )


def with_digraphs(text: str) -> str:
    """`text` with umlauts and their like written with two letters: Müller as Mueller, Søren as Soeren."""
    return text if text.isascii() else normalized("NFC", text).translate(_DIGRAPHS)


def _undotted(found: re.Match[str]) -> str:
    letters = found[0].replace(".", "").lower()
    return f" {letters} " if letters in TITLES or letters in POST_NOMINALS else found[0]


def _generation(words: list[str], light: list[bool], part: str) -> int | None:
    if part == "first" or len(words) < 2:  # noqa: PLR2004 - a name and what follows it
        return None
    if words[0] in _BEFORE:
        light[0] = True
        return _BEFORE[words[0]] or None
    least = 1 if part == _LAST else 2
    for i in range(len(words) - 1, 0, -1):
        word = words[i]
        found = _GENERATIONS.get(word)
        if found is None and i >= least:
            found = _AFTER_TWO.get(word)
        if found is not None:
            light[i] = True
            return found
        if word not in POST_NOMINALS and word not in TITLES:
            return None
    return None


def _mark(words: list[str], light: list[bool], part: str) -> None:
    """Mark titles, degrees and particles as light, unless nothing else would be left."""
    heavy = len(words) - sum(light)
    last = len(words) - 1
    for i, word in enumerate(words):
        if light[i] or heavy == 1:
            continue
        if (
            word in PARTICLES
            or (word in _JOINING and part != "first" and 0 < i < last)
            or (word in TITLES and (part != _LAST) and (i == 0 or light[i - 1] or i == last))
            or (word in POST_NOMINALS and part != "first" and i > 0 and all(light[i + 1 :]) and heavy > 2)  # noqa: PLR2004
        ):
            light[i] = True
            heavy -= 1
    if part != "first":  # degrees stand in rows
        for i in range(last, 0, -1):
            if light[i]:
                continue
            if words[i] in POST_NOMINALS and heavy > 2:  # noqa: PLR2004
                light[i] = True
                heavy -= 1
            else:
                break


def in_order(name: str) -> tuple[str, ...]:
    """The readings of a name with a comma: `Last, First` as `First Last`, and the part before the comma alone."""
    before, comma, after = name.partition(",")
    if not comma or not any(map(str.isalpha, before)) or not any(map(str.isalpha, after)):
        return (name.replace(",", " "),)
    # A generation belongs behind the surname, wherever the comma stands: `Babbage, Charles Jr.`
    words = after.replace(",", " ").split()
    suffix = " ".join(w for w in words if name_key(w) in _GENERATIONS)
    given = " ".join(w for w in words if name_key(w) not in _GENERATIONS)
    before = before.strip()
    if not any(map(str.isalpha, given)):
        return (f"{before} {suffix}",)
    return (f"{given} {before} {suffix}".rstrip(), f"{before} {suffix}".rstrip())
