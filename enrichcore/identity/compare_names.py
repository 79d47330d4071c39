"""Whether two written names can be one person's.

The words of one name are laid beside the words of the other. A word that only one of them has means little: people have
more names than they use. A word on each side that the other does not have is a contradiction: López Cano is not López
Vidal.
"""

from enum import IntEnum

from enrichcore.identity.name_side import Side
from enrichcore.identity.nicknames import is_given_name
from enrichcore.identity.scripts import in_latin, is_latin
from enrichcore.identity.spellings import JAPANESE, SURNAMES_FIRST, one_chinese_name
from enrichcore.identity.two_names import OF_BOTH_GENDERS, one_gender_turns
from enrichcore.identity.words_fit import Fit, fit, woman_and_man
from enrichcore.identity.written import OFFICE_OF, OFFICE_SIGNS, OFFICES, Written, in_order, take_apart


class NameFit(IntEnum):
    """How well two whole names fit, and in which part they differ."""

    UNKNOWN = 0
    """One of the two says no name."""
    OTHER_PERSON = 1
    OTHER_FIRST = 2
    OTHER_LAST = 3
    """The same first name and another surname: a marriage, if an id says so."""
    OTHER_GENERATION = 4
    OFFICE = 5
    """The record of a team, an assistant or a switchboard."""
    UNREADABLE = 6
    """The other name is in a script that does not tell how it would be written in this one."""
    SWAPPED = 7
    """First and last name in the other order, where both could be either: James Thomas and Thomas James."""
    TURNED = 8
    """The same, where neither is known as a given name: an unknown custom, or two people."""
    THIN = 9
    """Only one of the two names, or nothing but initials."""
    CLOSE = 10
    """A slip of the pen apart; said only where an id has already said that it is one person."""
    PARTIAL = 11
    SAME = 12


def compare_names(
    sent_first: str | None,
    sent_last: str | None,
    said_first: str | None,
    said_last: str | None,
    said_name: str | None,
    *,
    languages: frozenset[str] = frozenset(),
    family_first: bool = False,
    strong: bool = False,
) -> NameFit:
    """How the name that was sent fits the name that was said, given as parts or as a whole.

    `languages` are those whose Latin spellings may vary, `family_first` tells of a country where the surname may stand
    first, `strong` of an id that is the same: only then a slip of the pen is a fit.
    """
    if not sent_first and not sent_last:
        return NameFit.UNKNOWN
    if said_first and said_last:
        readings: tuple[str, ...] = (f"{said_first} {said_last}",)
    elif whole := said_name or said_first or said_last:
        readings = in_order(whole) if "," in whole else (whole,)
    else:
        return NameFit.UNKNOWN
    first = take_apart(sent_first, "first") if sent_first else NOBODY
    last = take_apart(sent_last, "last") if sent_last else NOBODY
    best = NameFit.UNKNOWN
    for i, reading in enumerate(readings):
        said = take_apart(reading)
        turned = family_first or (i == 0 and len(readings) > 1)
        found = _compare(first, last, said, reading, languages=languages, turned=turned, strong=strong)
        if found is NameFit.SAME:
            return found
        best = found if i == 0 or found > max(best, NameFit.OFFICE) else best
    return best


NOBODY = Written((), ())


def _compare(
    first: Written, last: Written, said: Written, text: str, *, languages: frozenset[str], turned: bool, strong: bool
) -> NameFit:
    if not said.words or not (first.words or last.words):
        return NameFit.UNKNOWN
    if OFFICE_OF.search(text):
        return NameFit.OFFICE
    if first.words + last.words == said.words:
        return NameFit.SAME if first.words and last.words else NameFit.THIN
    if first.words == last.words == said.words and not is_given_name(said.words[0]):
        return NameFit.SAME  # a person with one name, in a form that asks for two
    joined, ours = "".join(said.words), ("".join(first.words), "".join(last.words))
    if all(ours) and (joined == ours[0] + ours[1] or (joined == ours[1] + ours[0] and not is_latin(said.words))):
        return NameFit.SAME if not _other_generation(first, last, said) else NameFit.OTHER_GENERATION
    if not is_latin(said.words) or not is_latin(first.words + last.words):
        if any(sign in text for sign in OFFICE_SIGNS):
            return NameFit.OFFICE
        found = in_latin(first, last, said)
        if isinstance(found, bool):
            return NameFit.PARTIAL if found else NameFit.OTHER_PERSON
        if found is None:
            return NameFit.UNREADABLE
        first, last, said, tongue = found
        languages |= {tongue}
        turned = turned or tongue == JAPANESE
    found_fit = Alignment(first, last, said, languages, strong=strong).verdict(turned=turned)
    if found_fit >= NameFit.SWAPPED and _other_generation(first, last, said):
        return NameFit.OTHER_GENERATION
    return found_fit


def _other_generation(first: Written, last: Written, said: Written) -> bool:
    # A missing suffix says nothing: people drop it. Senior and III are as different as senior and junior.
    sent = last.generation or first.generation
    return sent is not None and said.generation is not None and sent != said.generation


class Alignment:
    """The words of two names beside each other, and what that says."""

    def __init__(
        self, first: Written, last: Written, said: Written, languages: frozenset[str], *, strong: bool
    ) -> None:
        """Lay the best fits first, each word at most once."""
        theirs = set(said.words).union(said.spelled or ())
        ours = set(first.words + last.words).union(first.spelled or (), last.spelled or ())
        self.given, self.family = Side(first, theirs), Side(last, theirs, initials=False)
        self.said = Side(said, ours)
        self.languages, self.strong = languages, strong
        self._lay()

    def _lay(self) -> None:
        """Match the words of the same spelling first, then by all that else may make two words one."""
        said = self.said
        for side in (self.given, self.family):
            for i, forms in enumerate(side.forms):
                for j, others in enumerate(said.forms):
                    if said.match[j] is None and not forms.isdisjoint(others):
                        side.match[i], said.match[j] = (j, Fit.SAME), (i, Fit.SAME)
                        break
        open_said = [j for j, match in enumerate(said.match) if match is None]
        if not open_said:
            return
        found = []
        for side, given in ((self.given, True), (self.family, False)):
            for i, match in enumerate(side.match):
                if match is not None or side.light[i] and len(side.words[i]) < 3:  # noqa: PLR2004, RUF021
                    continue
                for j in open_said:
                    if said.light[j] and len(said.words[j]) == 1:
                        continue
                    level = fit(side.words[i], said.words[j], given=given, languages=self.languages, strong=self.strong)
                    if level:
                        # Of equal fits the one in the same order: initials would otherwise change places.
                        found.append(
                            (-level, abs(i - j if given else len(said.words) - j - len(side.words) + i), i, j, given)
                        )
        for below, _, i, j, given in sorted(found):
            level = Fit(-below)
            side = self.given if given else self.family
            if side.match[i] is None and said.match[j] is None:
                side.match[i], said.match[j] = (j, level), (i, level)

    def verdict(self, *, turned: bool) -> NameFit:
        """What the layout says of the two names. `turned` says that the surname may well stand first."""
        given, family, said = self.given, self.family, self.said
        if not given.words or not family.words:
            side = given if given.words else family
            return NameFit.THIN if side.matched_heavy() else NameFit.OTHER_PERSON
        g, f = given.matched_heavy(), family.matched_heavy()
        if any(w in OFFICES for w, m in zip(said.words, said.match, strict=True) if m is None):
            return NameFit.OFFICE
        rest = [j for j, m in enumerate(said.match) if m is None and not said.light[j]]
        if not g and not f:
            return self._joined(NameFit.OTHER_PERSON)
        if not g:
            return NameFit.THIN if not rest else self._joined(NameFit.OTHER_FIRST)
        if not f:
            if not rest:
                return NameFit.THIN
            exact = max(level for _, level in g) >= Fit.SPELLED and len(given.words[0]) > 1
            return self._joined(NameFit.OTHER_LAST if exact else NameFit.OTHER_PERSON)
        if all(len(w) == 1 for w in said.heavy()) or all(len(w) == 1 for w in given.heavy() + family.heavy()):
            return NameFit.THIN
        conflict = self._conflict(rest, g, f) or (None if self.strong else self._people_of_one_family(f))
        if conflict is not None:
            return conflict
        levels = [level for _, level in g + f]
        first_g, first_f = min(j for j, _ in g), min(j for j, _ in f)
        swapped = first_f < first_g
        if swapped and not turned:
            known = is_given_name(family.heavy()[-1]), is_given_name(given.heavy()[0])
            if all(known):
                return NameFit.SWAPPED
            if not any(known) and not self._surname_first():
                return NameFit.TURNED
        if min(levels) is Fit.CLOSE:
            return NameFit.CLOSE
        whole = (
            min(levels) is Fit.SAME
            and given.match[given.first_heavy()] is not None
            and len(f) == len(family.heavy())
            and (not rest or not swapped)
            and all(first_g < j < first_f for j in rest)
            and not any(said.light[j] for j, _ in f)
        )
        return NameFit.SAME if whole else NameFit.PARTIAL

    def _conflict(self, rest: list[int], g: list[tuple[int, Fit]], f: list[tuple[int, Fit]]) -> NameFit | None:
        """The part in which each name has a word that the other has not, if there is one."""
        given, family, said = self.given, self.family, self.said
        if self._marks_differ():
            return NameFit.OTHER_FIRST
        if not rest:
            return None
        open_given = [
            w for w, m, light in zip(given.words, given.match, given.light, strict=True) if m is None and not light
        ]
        open_family = [
            w for w, m, light in zip(family.words, family.match, family.light, strict=True) if m is None and not light
        ]
        if not open_given and not open_family:
            return None
        g_at, f_at = [j for j, _ in g], [j for j, _ in f]
        first_match = next(
            (
                i
                for i, (m, light) in enumerate(zip(family.match, family.light, strict=True))
                if m is not None and not light
            ),
            0,
        )
        early = any(m is None and not light for m, light in zip(family.match[:first_match], family.light, strict=False))
        behind = max(f_at) if min(g_at) < min(f_at) else None
        for j in rest:
            word = said.words[j]
            in_family = j > behind if behind is not None else j < min(f_at)
            between = not in_family and (behind is None or j > min(g_at))
            if open_given and not in_family:
                return NameFit.OTHER_FIRST
            if open_family and (in_family or (between and (early or not self._could_be_given(word)))):
                return NameFit.OTHER_LAST
        return None

    def _people_of_one_family(self, f: list[tuple[int, Fit]]) -> NameFit | None:
        """The part that tells two relatives apart, though every word of one name is in the other."""
        at = [j for j, _ in f]
        if at != sorted(at):
            return NameFit.OTHER_LAST  # García López is the child of other parents than López García
        if one_gender_turns(self.given.words, self.said.words) or one_gender_turns(self.said.words, self.given.words):
            return NameFit.OTHER_FIRST
        for i, match in enumerate(self.family.match):
            if match is not None and woman_and_man(self.family.words[i], self.said.words[match[0]], self.languages):
                # Its two forms are one woman's or two people's: it takes a first name to say that they are one.
                told = any(
                    m is not None and m[1] > Fit.INITIAL and not {w, self.said.words[m[0]]} & OF_BOTH_GENDERS
                    for w, m in zip(self.given.words, self.given.match, strict=True)
                )
                return None if told else NameFit.OTHER_FIRST
        return None

    def _surname_first(self) -> bool:
        """Whether the words themselves say that a surname stands first: an initial behind it, or an East Asian one."""
        initial = all(level is Fit.INITIAL or len(self.said.words[j]) == 1 for j, level in self.given.matched_heavy())
        return initial or self.family.heavy()[0] in SURNAMES_FIRST

    def _could_be_given(self, word: str) -> bool:
        return len(word) == 1 or is_given_name(word) or word.endswith(("vich", "vna", "ovych", "uly", "kyzy"))

    def _marks_differ(self) -> bool:
        """Whether one name is marked as a man's and the other as a woman's: Nguyen Van Minh and Nguyen Thi Minh."""
        sent, said = {*self.given.words, *self.family.words}, set(self.said.words)
        for men, women in (
            ({"van"}, {"thi"}),
            ({"bin", "ibn"}, {"binti", "bint"}),
            ({"oglu", "ogly", "uly"}, {"kyzy", "qizi", "kizi"}),
        ):
            if (sent & men and said & women and not said & men) or (sent & women and said & men and not said & women):
                return True
        return False

    def _joined(self, otherwise: NameFit) -> NameFit:
        """The names written without their gaps: Abd el-Rahman Alotaiby and Abdulrahman Al-Otaibi."""
        if len(self.said.words) == len(self.given.words) + len(self.family.words):
            return otherwise  # the gaps are where they should be
        first, last, said = "".join(self.given.words), "".join(self.family.words), "".join(self.said.words)
        for sent in (first + last, last + first):
            if sent == said or one_chinese_name(sent, said) or self._one_spelling(sent, said):
                return NameFit.PARTIAL
        # The given names have met, and only the family's are written with other gaps: Al-Harthy and Alharthi.
        rest = "".join(w for w, m in zip(self.said.words, self.said.match, strict=True) if m is None)
        met = all(m is not None or light for m, light in zip(self.given.match, self.given.light, strict=True))
        if met and rest and not any(self.family.match) and self._one_spelling(last, rest):
            return NameFit.PARTIAL
        return otherwise

    def _one_spelling(self, sent: str, said: str) -> bool:
        return fit(sent, said, given=False, languages=self.languages, strong=False) >= Fit.SPELLED
