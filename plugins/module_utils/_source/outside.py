# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sets a field of a class from outside of its body, such as C(Model.field = ...) or C(setattr): pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .find import ClassFound
from .kinds import Kinds
from .tree import FUNCTIONS, dotted, enclosing, mentions

_SETTERS = ("setattr", "delattr", "__setattr__", "__delattr__", "add_to_class", "contribute_to_class")
_MAPPINGS = ("update", "setdefault", "__setitem__")
_QUESTIONS = ("getattr", "hasattr", "isinstance", "issubclass", "print")
_SELF = ("cls", "klass", "__class__", "self.__class__")

# The line, the sentence, and whether it is certain that the line sets the field.
Found = tuple[int, str, bool]


def set_from_outside(found: ClassFound, node: ast.ClassDef, name: str, field: str, kinds: Kinds) -> Iterator[Found]:
    """Each line of the file that sets the field of this class, or may set it."""
    owner = _Owner(found, node, name, kinds)
    for one in found.parents:
        if isinstance(one, ast.Attribute) and one.attr == field and not isinstance(one.ctx, ast.Load):
            yield from _by_attribute(owner, one, getattr(found.parents[one], "value", None))
        elif isinstance(one, ast.Subscript) and not isinstance(one.ctx, ast.Load):
            if isinstance(one.slice, ast.Constant) and one.slice.value == field and owner.is_inside(one.value):
                yield one.lineno, f"Line {one.lineno} sets {field} in a mapping of {name}.", True
        elif isinstance(one, ast.Call):
            yield from _by_call(owner, one, field)


def _by_attribute(owner: _Owner, target: ast.Attribute, value: ast.AST | None) -> Iterator[Found]:
    line, text = target.lineno, dotted(target.value) or "a class"
    certain = owner.is_meant(target.value) or owner.gets_a_field(target.value, target.attr, [value])
    if certain or (owner.is_at_import(target) and owner.is_unknown(target.value)):
        maybe = "" if certain else ", which may be the class"
        yield line, f"Line {line} sets {target.attr} of {text}{maybe}.", certain


def _by_call(owner: _Owner, call: ast.Call, field: str) -> Iterator[Found]:
    method_of = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    called = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if called in _SETTERS and given:
        target, name, *values = [*method_of, *given, None] if called == "add_to_class" else [*given, None]
        meant = owner.is_meant(target) or owner.gets_a_field(target, field, [*values, *method_of])
        if isinstance(name, ast.Constant):
            if meant and name.value == field:
                yield call.lineno, f"Line {call.lineno} sets {field} through {called}.", True
        elif meant or (owner.is_at_import(call) and owner.is_unknown(target)):
            yield call.lineno, f"Line {call.lineno} may set names through {called} that only a run shows.", False
    elif called in _MAPPINGS and mentions(call, field) and any(map(owner.is_inside, method_of)):
        yield call.lineno, f"Line {call.lineno} sets {field} in a mapping of the class.", True
    elif called in ("exec", "eval") and owner.is_at_import(call):
        is_known = isinstance(given[0], ast.Constant) and not mentions(call, field, in_text=True) if given else True
        sentence = f"Line {call.lineno} may set names through {called} that only a run shows."
        yield from [] if is_known else [(call.lineno, sentence, False)]
    elif called not in _QUESTIONS and mentions(call, field) and owner.is_at_import(call):
        sentence = f"Line {call.lineno} gives the class and the name {field} to {called or 'a call'}."
        yield from [(call.lineno, sentence, False)] if any(map(owner.is_meant, given)) else []


class _Owner:
    """Tells whether an expression of the file is the class that is meant."""

    def __init__(self, found: ClassFound, node: ast.ClassDef, name: str, kinds: Kinds) -> None:
        self._found, self._node, self._kinds = found, node, kinds
        self._names = {name, *_aliases(found, name)}
        self._other_classes = set(found.classes) - self._names

    def is_meant(self, expression: ast.AST | None) -> bool:
        """Whether it is the class, by its name, another name of it, or the usual names of its own methods for it."""
        if expression is None or dotted(expression) in self._names:
            return expression is not None
        is_type = isinstance(expression, ast.Call) and dotted(expression.func) == "type" and len(expression.args) == 1
        return (dotted(expression) in _SELF or is_type) and enclosing(
            expression, ast.ClassDef, self._found.parents
        ) is self._node

    def is_inside(self, expression: ast.AST) -> bool:
        """Whether the class is a part of it, as in C(Model._columns)."""
        return any(self.is_meant(one) for one in ast.walk(expression))

    def gets_a_field(self, expression: ast.AST | None, field: str, values: list[ast.AST | None]) -> bool:
        """Whether it may be the class, and what it gets is a field, as in a decorator that sets one."""
        if expression is None or not self.is_unknown(expression):
            return False
        if dotted(expression) in _SELF and enclosing(expression, ast.ClassDef, self._found.parents) not in (
            None,
            self._node,
        ):
            return False
        return any(isinstance(one, ast.Call) and self._kinds.problem(field, one) is None for one in values)

    def is_unknown(self, expression: ast.AST | None) -> bool:
        """Whether it is neither another class of the file, nor an instance, nor an import."""
        text = dotted(expression) if expression else None
        root = (text or "").partition(".")[0]
        return text not in self._other_classes and root != "self" and root not in self._kinds.imports

    def is_at_import(self, node: ast.AST) -> bool:
        """Whether it runs when the file is imported, and is not within the class itself."""
        parents = self._found.parents
        around = enclosing(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef), parents)
        return not isinstance(around, (*FUNCTIONS, ast.Lambda)) and around is not self._node


def _aliases(found: ClassFound, name: str) -> Iterator[str]:
    """Other names that the file gives the class: C(Alias = Model), C(for model in (Model, Other))."""
    for one in found.parents:
        if isinstance(one, ast.Assign) and dotted(one.value) == name:
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))
        elif isinstance(one, (ast.For, ast.comprehension)) and any(dotted(part) == name for part in ast.walk(one.iter)):
            yield from [one.target.id] if isinstance(one.target, ast.Name) else []
