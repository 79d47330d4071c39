"""Python source as documentation: a name as a stub file would have it, and its docstrings as Markdown.

Nothing is taken from live objects but where a module lies, so that every signature is shown as it was written.
"""

import ast
import importlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

WIDTH = 100
Function = ast.FunctionDef | ast.AsyncFunctionDef
Assignment = ast.Assign | ast.AnnAssign
_LABELS = ("property", "classmethod", "staticmethod")


@cache
def parsed(module: str) -> ast.Module:
    """The syntax tree of a module."""
    path = importlib.import_module(module).__file__
    assert path is not None
    return ast.parse(Path(path).read_text("utf-8"))


def find(module: str, name: str) -> tuple[ast.stmt, str]:
    """Where `name` of `module` is defined, through imports, and the docstring that belongs to it.

    Raises:
        LookupError: it is not defined anywhere.
    """
    for node, said in documented(parsed(module).body):
        if name in _names(node):
            return node, said
    for other in ast.walk(parsed(module)):
        if isinstance(other, ast.ImportFrom) and other.module and name in [alias.name for alias in other.names]:
            return find(other.module, name)
    raise LookupError(f"{module} has no {name}")


def documented(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Definitions and assignments with their docstrings; that of an assignment is the text behind it."""
    for node, after in pairwise([*body, ast.Pass()]):
        if isinstance(node, ast.ClassDef | Function):
            yield node, ast.get_docstring(node) or ""
        elif isinstance(node, Assignment):
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            yield node, " ".join(text.split()) if isinstance(text, str) else ""


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | Function):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _public(node: ast.stmt) -> bool:
    names = _names(node)
    return bool(names) and all(not name.startswith("_") or name == "__init__" for name in names)


def stub(node: ast.stmt) -> str:
    """`node` as one would write it in a stub file: no bodies, no docstrings, nothing private."""
    if isinstance(node, Function):
        return signature(node)
    if isinstance(node, ast.AnnAssign):
        value = _default(node.value)
        return f"{ast.unparse(node.target)}: {_type(node.annotation)}" + (f" = {value}" if value else "")
    if not isinstance(node, ast.ClassDef):
        return _value(ast.unparse(node))
    lines = [f"@{ast.unparse(decorator)}" for decorator in node.decorator_list]
    bases = ", ".join(map(ast.unparse, node.bases))
    head = f"class {node.name}({bases}):" if bases else f"class {node.name}:"
    members = [stub(member) for member, _ in documented(node.body) if _public(member)]
    if not members:
        return "\n".join([*lines, f"{head} ..."])
    return "\n".join([*lines, head, *(f"    {line}" for member in members for line in member.split("\n"))])


def _default(value: ast.expr | None) -> str:
    """A default; of an `attrs.field(...)` the one that it declares."""
    if value is None:
        return ""
    if not (isinstance(value, ast.Call) and ast.unparse(value.func) == "attrs.field"):
        return _value(ast.unparse(value))
    said = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords}
    return _value(said.get("default", f"{said['factory']}()" if "factory" in said else ""))


def _value(text: str) -> str:
    """A value in the quotes of this project; a private name becomes `...`."""
    text = re.sub(r"\b_[A-Z]+\b", "...", text)
    return text if '"' in text else text.replace("'", '"')


def _type(annotation: ast.expr) -> str:
    """A type without the quotes of a forward reference."""
    text = ast.unparse(annotation)
    return _value(text) if "Literal" in text else text.replace("'", "")


def signature(node: Function) -> str:
    """A function's head, one argument a line where it is long."""
    labels = "".join(f"@{label}\n" for label in map(ast.unparse, node.decorator_list) if label in _LABELS)
    head = ("async def " if isinstance(node, ast.AsyncFunctionDef) else "def ") + node.name
    returns = f" -> {_type(node.returns)}" if node.returns is not None else ""
    arguments = list(_arguments(node.args))
    line = f"{head}({', '.join(arguments)}){returns}: ..."
    if len(line) > WIDTH:
        line = f"{head}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){returns}: ..."
    return labels + line


def _arguments(args: ast.arguments) -> Iterator[str]:
    """The arguments of a function one by one, with their stars and slashes."""
    places = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(places) - len(args.defaults)) + [*args.defaults]
    for number, (argument, default) in enumerate(zip(places, defaults, strict=True), 1):
        yield _argument(argument, default)
        if number == len(args.posonlyargs):
            yield "/"
    if args.vararg is not None or args.kwonlyargs:
        yield f"*{_argument(args.vararg, None)}" if args.vararg is not None else "*"
    for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _argument(argument, default)
    if args.kwarg is not None:
        yield f"**{_argument(args.kwarg, None)}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    if argument.annotation is None:
        return argument.arg + (f"={_default(default)}" if default is not None else "")
    return f"{argument.arg}: {_type(argument.annotation)}" + (f" = {_default(default)}" if default is not None else "")


def prose(docstring: str) -> str:
    """A docstring as Markdown: its sections `Args` and `Raises` become lists."""
    lines: list[str] = []
    section = False
    for line in docstring.split("\n"):
        if line in ("Args:", "Raises:"):
            section = True
            lines += [f"*{line[:-1]}*", ""]
        elif section and (item := re.match(r"    (\w+): (.*)", line)):
            lines.append(f"- `{item[1]}`: {item[2]}")
        elif section and line.startswith("      "):
            lines[-1] += " " + line.strip()
        else:
            section = section and line.startswith(" ")
            lines.append(line)
    return "\n".join(lines)


def entry(module: str, name: str) -> str:
    """One name: its stub, what it is, and its documented members."""
    node, said = find(module, name)
    parts = [f"### `{name}`", f"```pyi\n{stub(node)}\n```"]
    if said:
        parts.append(prose(said))
    if isinstance(node, ast.ClassDef):
        parts += [
            f"**`{_names(member)[0]}`** · {prose(text)}"
            for member, text in documented(node.body)
            if text and _public(member)
        ]
    return "\n\n".join(parts)
