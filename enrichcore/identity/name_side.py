"""The words of one name, made to meet the words of another."""

from enrichcore.identity.nicknames import TWO_WORDS
from enrichcore.identity.words_fit import Fit
from enrichcore.identity.written import Written

_VOWELS = frozenset("aeiouy")
_ARTICLES = ("al", "el", "ul", "il")


class Side:
    """The words of one name or part, made to meet the words of the other: parted where those are, joined likewise."""

    __slots__ = ("forms", "light", "match", "words")

    def __init__(self, written: Written, others: set[str], *, initials: bool = True) -> None:
        """Join neighbours that the other name writes as one word, and part short forms that stand for two names."""
        words, light = list(written.words), list(written.light)
        spelled = list(written.spelled or written.words)
        i = 0
        while i < len(words):
            if words[i] not in others and spelled[i] not in others:
                if words[i] in _ARTICLES and i + 1 < len(words):
                    article = next((a for a in _ARTICLES if a + words[i + 1] in others), None)
                    words[i] = spelled[i] = article or words[i]
                for n in (2, 3, 4):
                    if i + n > len(words):
                        break
                    for forms in (words, spelled):
                        joined = "".join(forms[i : i + n])
                        if joined in others and len(joined) > n:
                            words[i : i + n], spelled[i : i + n] = [joined], [joined]
                            light[i : i + n] = [all(light[i : i + n])]
                            break
                    else:
                        continue
                    break
                if (
                    i == 0
                    and initials
                    and not light[0]
                    and len(words[0]) in {2, 3}
                    and (words[0] == "aj" or _VOWELS.isdisjoint(words[0]))
                    and {other[:1] for other in others}.issuperset(words[0])
                ):
                    letters = list(words[0])
                    words[:1] = spelled[:1] = letters
                    light[:1] = [False] * len(letters)
                    continue
                pair = max(TWO_WORDS.get(words[i], ()), key=lambda p: len(others.intersection(p)), default=())
                if not others.isdisjoint(pair):
                    words[i : i + 1] = spelled[i : i + 1] = list(pair)
                    light[i : i + 1] = [False, False]
            i += 1
        self.words, self.light = words, light
        self.forms = [{w, s} for w, s in zip(words, spelled, strict=True)]
        self.match: list[tuple[int, Fit] | None] = [None] * len(words)

    def heavy(self) -> list[str]:
        """The words that make the name; all of them, where none does."""
        return [w for w, light in zip(self.words, self.light, strict=True) if not light] or self.words

    def first_heavy(self) -> int:
        """Where the first of them stands."""
        return self.light.index(False) if False in self.light else 0

    def matched_heavy(self) -> list[tuple[int, Fit]]:
        """The matches of the words that make the name; of any word, where none does."""
        found = [m for m, light in zip(self.match, self.light, strict=True) if m is not None and not light]
        return found or ([m for m in self.match if m is not None] if all(self.light) else [])
