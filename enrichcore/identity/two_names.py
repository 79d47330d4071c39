"""Given names that come from one name and are two: Julie and Julia sit at neighbouring desks.

General knowledge. Bars part groups, slashes part the names of a group, and words between two slashes are spellings or
short forms of one name. Anything on one side of a slash is held apart from anything on the other.
"""

import itertools
from collections.abc import Sequence

from enrichcore.identity.text import words

_GROUPS = """
anna/anne/hannah|ann/hannah|anne/hanna hanne|maria mary/marie/marion|julia/julie/juliet juliette|julia/juliana
|sofia sophia/sofie sophie|clara klara/claire clare|christina kristina cristina/christine kristine/kristin kristen
|helen/helena/helene|luca/lucas lukas/luc/luke|marco marko/marcos/marcus markus/mark marc|andre/andreas andres/andrew
|andrea/andreas/andrew|camilla camila/camille|carolina karolina/caroline karoline|elisa/elise|emilia/emilie
|gabriela gabriella/gabriele gabrielle|isabella/isabelle|johanna/johanne|joanna/joanne|josefina/josefine
|laura/laure/lauri|paula/pauli/pauline paulina|renata/renate|simona/simone/simon|susanna susana/susanne
|nicola/nicolas|jude/judy|michael/michel|frank/franz frans|ian/sean shaun shawn/jack/juan/giovanni/ivan/eoin
|katrin kathrin/katja katya/kasia kaska/catalina|liz lizzie/beth/betty/lisa/elsie/bettina/babette|peggy/rita/greta
|leo/leon/leonardo|leon/leonard|lena/lene|lina/line|tina/tine|stina/stine|gitta/gitte|greta/grete|lotta/lotte
|sanna/sanne|hilda/hilde|jana/jane|kari/karin|diana/diane|irena/irene|angela/angele|artur arthur/artem
|rene/renee|andre/andree|jo/john|joe/jo
"""


def _index() -> dict[str, frozenset[str]]:
    others: dict[str, set[str]] = {}
    for group in _GROUPS.split("|"):
        names = [set(name.split()) for name in group.split("/")]
        for name in names:
            for spelling in name:
                others.setdefault(spelling, set()).update(*(other for other in names if other is not name))
    return {name: frozenset(found) for name, found in others.items()}


OTHERS = _index()
"""From a given name to those that it is not."""


def two_names(one: str, other: str) -> bool:
    """Whether two given names of one origin are held to be two people's."""
    return other in OTHERS.get(one, ())


OF_BOTH_GENDERS = frozenset({"sasha", "sascha", "sanya", "shura", "zhenya", "zhenia", "jenya", "valya", "valia"})
"""Short forms that stand for a man's name and for a woman's: Sasha Petrov is not Aleksandra Petrova."""

_MEN_BEFORE_MARIA = words("""
jose jean rainer carl karl klaus angel luis jesus joao gian johann josef joseph erich antonio anton carlos pedro
francesco franz juan hans pier marco giovanni giuseppe luigi carlo ignacio francisco max paul otto ernst
""")
_TURNED_BY = {
    **dict.fromkeys(("maria", "marie"), _MEN_BEFORE_MARIA),
    **dict.fromkeys(("jose", "jesus", "joao", "angel", "josep"), frozenset({"maria"})),
}
"""A name that means a man or a woman, and the names before it that make it mean the other."""


def one_gender_turns(name: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a word before a name that both have makes it the other gender's: José María and María."""
    return any(
        word in others and before in _TURNED_BY.get(word, ()) and before not in others
        for before, word in itertools.pairwise(name)
    )
