"""Mutants: one small thing in a module is changed, as a mistake would change it."""

import ast
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATIONS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_NAMES: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_Change = tuple[str, Callable[[], ast.AST | None]]
"""What is changed, and what stands there instead; None takes a statement away."""


@attrs.frozen
class Mutant:
    """A module with one thing changed."""

    line: int
    what: str
    tree: ast.Module


def mutants(path: Path) -> Iterator[Mutant]:
    """All mutants of a module. What only describes it is left alone: docstrings, annotations, messages of errors."""
    source = ast.parse(path.read_text("utf-8"))
    places = [node for node in _behaviour(source) if isinstance(node, ast.expr | ast.stmt)]
    for index, place in enumerate(places):
        for number, (what, _) in enumerate(_changes(place)):
            tree = copy.deepcopy(source)
            node = [node for node in _behaviour(tree) if isinstance(node, ast.expr | ast.stmt)][index]
            other = _changes(node)[number][1]()
            _Swap(node, other).visit(tree)
            yield Mutant(place.lineno, what, ast.fix_missing_locations(tree))


def _behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that decide what a module does."""
    yield node
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            if isinstance(child, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert):
                yield child
            elif not _is_text(child):
                yield from _behaviour(child)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> list[_Change]:
    found: list[_Change] = []
    match node:
        case ast.Compare(ops=[op]):
            others = _COMPARISONS[type(op)]
            found += [(f"{type(op).__name__} becomes {o.__name__}", _with(node, ops=[o()])) for o in others]
        case ast.BinOp(op=op) if type(op) in _OPERATIONS:
            new = _OPERATIONS[type(op)]
            found.append((f"{type(op).__name__} becomes {new.__name__}", _with(node, op=new())))
        case ast.AugAssign(op=op) if type(op) in _OPERATIONS:
            new = _OPERATIONS[type(op)]
            found.append((f"{type(op).__name__} becomes {new.__name__}", _with(node, op=new())))
        case ast.BoolOp(op=ast.And()):
            found.append(("and becomes or", _with(node, op=ast.Or())))
        case ast.BoolOp():
            found.append(("or becomes and", _with(node, op=ast.And())))
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            found.append((f"{type(node.op).__name__} goes", lambda: operand))
        case ast.Constant(value=bool() as value):
            found.append((f"{value} becomes {not value}", _with(node, value=not value)))
        case ast.Constant(value=int() | float() as value):
            found.append((f"{value} becomes {value + 1}", _with(node, value=value + 1)))
        case ast.Constant(value=str() as value):
            found.append((f"{value[:20]!r} becomes another text", _with(node, value=value + "?")))
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            found.append((f"{name} becomes {_NAMES[name]}", _with(node, id=_NAMES[name])))
        case ast.IfExp(body=body, orelse=orelse):
            found += [("always the first", lambda: body), ("always the second", lambda: orelse)]
        case ast.If() | ast.While():
            found += [("never", _with(node, test=ast.Constant(False)))]
            if isinstance(node, ast.If):
                found += [("always", _with(node, test=ast.Constant(True)))]
        case ast.Return(value=value) if value is not None and not (isinstance(value, ast.Constant) and not value.value):
            found.append(("returns None", _with(node, value=ast.Constant(None))))
        case ast.Continue():
            found.append(("continue becomes break", ast.Break))
        case ast.Break():
            found.append(("break becomes continue", ast.Continue))
        case ast.Raise() | ast.Delete():
            found.append((f"no {type(node).__name__.lower()}", lambda: None))
        case ast.Expr(value=ast.Call() | ast.Await()):
            found.append(("not called", lambda: None))
    return found


def _with(node: ast.AST, **changed: object) -> Callable[[], ast.AST]:
    def make() -> ast.AST:
        new = copy.copy(node)
        for name, value in changed.items():
            setattr(new, name, value)
        return new

    return make


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Put one node in the place of another."""
        if node is self._old:
            return ast.copy_location(ast.Pass() if self._new is None else self._new, node)
        self.generic_visit(node)
        return node
