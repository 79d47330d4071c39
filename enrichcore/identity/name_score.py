"""How alike two whole names are, as a number. For ranking and measuring: the match never decides on a name alone."""

from enrichcore.identity.name import name_key
from enrichcore.identity.name_side import Side
from enrichcore.identity.scripts import is_latin, romanised
from enrichcore.identity.spellings import EVERY
from enrichcore.identity.words_fit import Fit, fit
from enrichcore.identity.written import Written, in_order, take_apart

_WORTH = {Fit.SAME: 1.0, Fit.SPELLED: 0.95, Fit.NICKNAME: 0.9, Fit.INITIAL: 0.7, Fit.CLOSE: 0.85}
_LEAST_ALIKE = 0.72
_EXTRA = 0.25
"""What a word counts that only one of the names has, as a share of one that contradicts."""
_MOST_LETTERS = 40
_LONGEST = 4096


def name_score(one: object, other: object) -> float:
    """0 to 1: 1 for the same words in any order, near 0 where each name has words that the other has not."""
    if not isinstance(one, str) or not isinstance(other, str):
        return 0.0
    return _score(in_order(one[:_LONGEST])[0], in_order(other[:_LONGEST])[0])


def _latin(text: str) -> Written:
    written = take_apart(text)
    return written if is_latin(written.words) else take_apart(romanised(name_key(text)))


def _score(one: str, other: str) -> float:
    mine, theirs = _latin(one), _latin(other)
    if not mine.words or not theirs.words:
        return 0.0
    if mine.words == theirs.words:
        return 1.0
    a = Side(mine, {*theirs.words, *(theirs.spelled or ())})
    b = Side(theirs, {*mine.words, *(mine.spelled or ())})
    pairs = []
    for i, forms in enumerate(a.forms):
        for j, others in enumerate(b.forms):
            worth = 1.0 if not forms.isdisjoint(others) else _alike(a.words[i], b.words[j])
            if worth:
                pairs.append((-worth, abs(i - j), i, j))
    used_a: set[int] = set()
    used_b: set[int] = set()
    together = 0.0
    lost = 0.0
    for worth, _, i, j in sorted(pairs):
        if i in used_a or j in used_b:
            continue
        used_a.add(i)
        used_b.add(j)
        weight = _weight(a, i) + _weight(b, j)
        together += -worth * weight
        lost += (1 + worth) * weight
    rest_a = sum(_weight(a, i) for i in range(len(a.words)) if i not in used_a)
    rest_b = sum(_weight(b, j) for j in range(len(b.words)) if j not in used_b)
    contradiction, extra = 2 * min(rest_a, rest_b), abs(rest_a - rest_b)
    whole = together + lost + contradiction + _EXTRA * extra
    if together and mine.generation and theirs.generation and mine.generation != theirs.generation:
        whole *= 2
    return together / whole if whole else 0.0


def _weight(side: Side, i: int) -> float:
    if side.light[i]:
        return 0.2
    return 0.4 if len(side.words[i]) == 1 else 1.0


def _alike(one: str, other: str) -> float:
    level = fit(one, other, given=True, languages=EVERY, strong=True)
    level = max(level, fit(one, other, given=False, languages=EVERY, strong=True))
    if level:
        return _WORTH[level]
    ratio = 1 - edits(one, other) / max(len(one), len(other))
    return ratio * ratio if ratio >= _LEAST_ALIKE else 0.0


def edits(one: str, other: str) -> int:
    """How many letters are added, left out or changed to make one word of the other; 40 letters count."""
    one, other = one[:_MOST_LETTERS], other[:_MOST_LETTERS]
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
