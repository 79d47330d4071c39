"""Numbers that regulators keep for fiction, each with its source. They reach nobody, so nobody sells them honestly.

Sources, read 2026-11-22 unless said otherwise:
- NANP 555-0100 to 555-0199 in any area code, https://www.nanpa.com/numbering/555-line-numbers
- Ofcom, https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama (twenty blocks of a thousand,
  counted by https://www.bbc.com/news/blogs-magazine-monitor-32348371)
- ACMA, https://www.acma.gov.au/phone-numbers-use-tv-shows-films-and-creative-works
- ARCEP, plan of numbering, article 2.5.12, https://www.legifrance.gouv.fr/jorf/article_jo/JORFARTI000037263033
- BNetzA, Mitteilung 148/2021, Amtsblatt 7/2021 page 489: five areas and twelve mobile numbers or blocks, as reported by
  https://www.teltarif.de/drama-rufnummern-fiktiv-bundesnetzagentur-filme/news/84487.html (2026-11-24)
- PTS, https://www.pts.se (telefonnummer för användning i böcker och filmer), general knowledge
- ComReg, Numbering Conditions of Use (020 91x xxxx), general knowledge
"""

from enrichcore.phone.line_type import LineType

_LAND, _MOBILE, _NONE = LineType.LANDLINE, LineType.MOBILE, LineType.UNKNOWN

PREFIXES: dict[int, tuple[tuple[str, int, LineType], ...]] = {
    44: (
        *((f"{area}4960", 10, _LAND) for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)),
        ("1632960", 10, _LAND),
        ("1914980", 10, _LAND),
        ("2079460", 10, _LAND),
        ("2896496", 10, _LAND),
        ("2920180", 10, _LAND),
        ("3069990", 10, _NONE),
        ("7700900", 10, _MOBILE),
        ("8081570", 10, _NONE),
        ("9098790", 10, _NONE),
    ),
    61: (
        *((f"{area}{block}", 9, _LAND) for area in (2, 3, 7, 8) for block in (5550, 7010)),
        *(
            (f"49157{number}", 9, _MOBILE)
            for number in (
                "0006", "0110", "0156", "0157", "0158", "0159", "0313", "0737", "1266", "1491", "1804", "2549", "2665",
                "2983", "3087", "3770", "4118", "4632", "5254", "5789", "6398", "6801", "7426", "7644", "8148", "8888",
                "8957", "9212", "9455", "9760",
            )
        ),
        ("1800160401", 10, _NONE),
        *((f"{kind}97570{last}", 10, _NONE) for kind in (1800, 1300) for last in (7, 8, 9)),
        *((f"{kind}97571{last}", 10, _NONE) for kind in (1800, 1300) for last in (0, 1)),
    ),
    33: (
        ("19900", 9, _LAND),
        ("26191", 9, _LAND),
        ("35301", 9, _LAND),
        ("46571", 9, _LAND),
        ("53649", 9, _LAND),
        ("63998", 9, _MOBILE),
    ),
    49: (
        ("3023125", 10, _LAND),
        ("6990009", 10, _LAND),
        ("4066969", 10, _LAND),
        ("2214710", 10, _LAND),
        ("8999998", 10, _LAND),
        *(
            (number, len(number), _MOBILE)
            for number in (
                "15228817386", "15228895456", "15254599371", "1729925904", "1729968532", "1729973185", "1729973186",
                "1729980752", "1749091317", "1749464308",
            )
        ),
        ("17139200", 10, _MOBILE),
        ("176040690", 11, _MOBILE),
    ),
    46: (
        ("3139006", 9, _LAND),
        ("4062804", 9, _LAND),
        ("84650004", 9, _LAND),
        ("84650040", 10, _LAND),
        ("9803192", 9, _LAND),
        ("701740", 9, _MOBILE),
    ),
    353: (("2091", 9, _NONE),),
}  # fmt: skip
"""By country code: the beginning of the national number, its length in digits, and the kind of line it stands for."""

_BEGINNINGS = {code: tuple(prefix for prefix, _, _ in ranges) for code, ranges in PREFIXES.items()}
_NANP_LENGTH = 10


def fiction_line(country_code: int, national: str) -> LineType | None:
    """What kind of line a fictional number stands for; None where the number is not known to be fiction."""
    if country_code == 1:
        fictional = len(national) == _NANP_LENGTH and national[3:8] == "55501" and national[0] not in "01"
        return _NONE if fictional else None
    beginnings = _BEGINNINGS.get(country_code)
    if beginnings is None or not national.startswith(beginnings):
        return None
    for prefix, length, line in PREFIXES[country_code]:
        if len(national) == length and national.startswith(prefix):
            return line
    return None
