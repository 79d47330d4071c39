"""Page: a page as a light tree of boxes and the lines of text in them, read in one pass and linear time.

A full HTML5 parser is no choice for a stranger's bytes: repairing badly nested formatting lets two megabytes grow into
gigabytes. What counts here is which text stands in which box, and that needs no repair.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

import attrs

MOST_TAGS: Final = 60_000
MOST_TEXT: Final = 400_000
_LONGEST_TAG: Final = 8192
_DEEPEST: Final = 200
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_SILENT = frozenset(
    ["script", "style", "template", "svg", "select", "textarea", "iframe", "noembed", "object", "head", "title"]
)
_RAW = frozenset({"script", "style", "textarea", "title", "iframe"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "em",
        "font",
        "i",
        "img",
        "label",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "ins",
        "del",
    ]
)
_CLOSES: Final = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"},
    "th": {"td", "th"}, "p": {"p"},
}  # fmt: skip
_HOLDS: Final = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "tr": {"table"}, "td": {"tr"}, "th": {"tr"}}
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,64})(?:\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?""")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:-]{0,40}")


@attrs.define(eq=False, repr=False)
class Box:
    """An element. `first` to `last` are its lines; `kids` the elements directly inside."""

    tag: str
    attributes: dict[str, str]
    parent: "Box | None"
    kids: list["Box"] = attrs.field(factory=list)
    first: int = 0
    last: int = 0
    text: list[str] = attrs.field(factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The class names, in lower case."""
        return frozenset(self.attributes.get("class", "").lower().split())

    def up(self) -> Iterator["Box"]:
        """This box and those around it, from the inside."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.parent


@attrs.define(eq=False, repr=False)
class Line:
    """One line of text as a reader sees it; `links` are addresses, each with the text that leads there."""

    box: Box
    text: str = ""
    links: list[tuple[str, str]] = attrs.field(factory=list)
    loud: bool = False
    """Whether it is a heading, a term or set in bold."""


@attrs.define(eq=False, repr=False)
class Page:
    """A page as it was read."""

    root: Box
    lines: list[Line]
    boxes: list[Box]
    scripts: list[str]
    """What stands in the JSON-LD scripts."""


def _tags(text: str) -> Iterator[tuple[str, str, str]]:
    """Runs of text as `("", text, "")`, tags as `(name, attributes, "/" for an end tag)`."""
    at, size = 0, len(text)
    while at < size:
        start = text.find("<", at)
        if start < 0:
            yield "", text[at:], ""
            return
        if start > at:
            yield "", text[at:start], ""
        if text.startswith("<!--", start):
            end = text.find("-->", start + 4)
            at = size if end < 0 else end + 3
            continue
        slash = "/" if text.startswith("/", start + 1) else ""
        name = _NAME.match(text, start + 1 + len(slash))
        if name is None:
            if text[start + 1 : start + 2] in ("!", "?", "/"):
                end = text.find(">", start)
                at = size if end < 0 else end + 1
            else:
                yield "", "<", ""
                at = start + 1
            continue
        end = _end_of_tag(text, name.end())
        tag = name[0].lower()
        yield tag, text[name.end() : end], slash
        at = end + 1
        if not slash and tag in _RAW:
            close = re.compile(f"</{tag}", re.IGNORECASE).search(text, at)
            until = size if close is None else close.start()
            yield "", text[at:until], ""
            at = until


def _end_of_tag(text: str, at: int) -> int:
    """Where a tag ends; a quote that is never closed ends at the first `>`."""
    limit = min(len(text), at + _LONGEST_TAG)
    quote = ""
    for place in range(at, limit):
        c = text[place]
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'" and text[place - 1] in "= ":
            quote = c
        elif c == ">":
            return place
    plain = text.find(">", at, limit)
    return plain if plain >= 0 else limit


class _Builder:
    def __init__(self) -> None:
        self.root = Box("html", {}, None)
        self.stack = [self.root]
        self.lines: list[Line] = []
        self.boxes: list[Box] = [self.root]
        self.scripts: list[str] = []
        self.line: Line | None = None
        self.silent = 0
        self.left = MOST_TEXT

    def text(self, raw: str) -> None:
        top = self.stack[-1]
        if top.tag == "script" and "ld+json" in top.attributes.get("type", "").lower():
            self.scripts.append(raw)
        if self.silent or self.left <= 0:
            return
        text = html.unescape(raw[: self.left])
        self.left -= len(text)
        top.text.append(text)
        if self.line is None:
            if not text.strip():
                return
            block = next((box for box in reversed(self.stack) if box.tag not in _INLINE), self.root)
            loud = any(box.tag in ("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "dt") for box in self.stack)
            self.line = Line(block, loud=loud)
            self.lines.append(self.line)
        self.line.text += text
        link = next((box for box in reversed(self.stack) if box.tag == "a" and box.attributes.get("href")), None)
        if link is not None and text.strip():
            self.line.links.append((link.attributes["href"].strip(), " ".join(text.split())))

    def end_line(self) -> None:
        if self.line is not None:
            self.line.text = " ".join(self.line.text.split())
            self.line = None

    def start(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self.end_line()
            return
        for inside in _CLOSES.get(tag, ()):
            for place in range(len(self.stack) - 1, 0, -1):
                if self.stack[place].tag == inside:
                    self.close_to(place)
                    break
                if self.stack[place].tag in _HOLDS.get(tag, {"div", "section", "td", "li", "body"}):
                    break
        found = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(attributes)}
        if tag in ("html", "body"):
            self.root.attributes.update(found)
            return
        if tag not in _INLINE:
            self.end_line()
        parent = self.stack[-1]
        box = Box(tag, found, parent, first=len(self.lines), last=len(self.lines))
        parent.kids.append(box)
        self.boxes.append(box)
        if tag in _VOID or len(self.stack) >= _DEEPEST:
            return
        self.stack.append(box)
        self.silent += tag in _SILENT

    def end(self, tag: str) -> None:
        for place in range(len(self.stack) - 1, 0, -1):
            if self.stack[place].tag == tag:
                self.close_to(place)
                return

    def close_to(self, place: int) -> None:
        while len(self.stack) > place:
            box = self.stack.pop()
            if box.tag not in _INLINE:
                self.end_line()
            box.last = len(self.lines)
            self.silent -= box.tag in _SILENT


def read_page(text: str) -> Page:
    """The page that `text` describes; what comes after so many tags or letters is left out."""
    builder = _Builder()
    for count, (tag, rest, slash) in enumerate(_tags(text)):
        if count > 2 * MOST_TAGS:
            break
        if not tag:
            builder.text(rest)
        elif slash:
            builder.end(tag)
        else:
            builder.start(tag, rest)
    builder.close_to(1)
    builder.end_line()
    builder.root.last = len(builder.lines)
    return Page(builder.root, builder.lines, builder.boxes, builder.scripts)
