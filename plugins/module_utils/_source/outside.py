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
_QUESTIONS = ("getattr", "hasattr", "isinstance", "issubclass", "print")
_SELF = ("cls", "klass", "__class__", "self.__class__")

# The line, the sentence, and whether it is certain that the line sets the field.
Found = tuple[int, str, bool]


def set_from_outside(found: ClassFound, node: ast.ClassDef, name: str, field: str, kinds: Kinds) -> Iterator[Found]:
    """Each line of the file that sets the field of this class, or may set it."""
    owner = _Owner(found, node, name)
    for one in ast.walk(found.tree):
        if isinstance(one, ast.Attribute) and one.attr == field and not isinstance(one.ctx, ast.Load):
            if owner.is_meant(one.value) or owner.may_be_meant(one.value, found.parents[one], field, kinds):
                yield (
                    one.lineno,
                    f"Line {one.lineno} sets {field} of {dotted(one.value) or 'a class'} by assignment.",
                    True,
                )
        elif isinstance(one, ast.Subscript) and not isinstance(one.ctx, ast.Load):
            key = one.slice
            if isinstance(key, ast.Constant) and key.value == field and owner.is_inside(one.value):
                yield one.lineno, f"Line {one.lineno} sets {field} in a mapping of {name}.", True
        elif isinstance(one, ast.Call):
            yield from _by_call(owner, one, field, kinds)


def _by_call(owner: _Owner, call: ast.Call, field: str, kinds: Kinds) -> Iterator[Found]:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)
    line = call.lineno
    targets = [*call.args, *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if called in _SETTERS:
        name = next((one for one in given if not owner.is_meant(one) and not owner.is_a_name(one, call)), None)
        meant = any(owner.is_meant(one) or owner.may_be_meant(one, call, field, kinds) for one in targets)
        if isinstance(name, ast.Constant):
            if meant and name.value == field:
                yield line, f"Line {line} sets {field} through {called}.", True
        elif meant or (owner.is_at_import(call) and not any(dotted(one) in owner.other_classes for one in targets)):
            yield line, f"Line {line} sets names through {called} that only a run shows.", False
    elif (
        called not in _QUESTIONS
        and mentions(call, field)
        and owner.is_at_import(call)
        and any(map(owner.is_meant, given))
    ):
        yield line, f"Line {line} gives the class and the name {field} to {called or 'a call'}.", False


class _Owner:
    """Tells whether an expression of the file is the class that is meant."""

    def __init__(self, found: ClassFound, node: ast.ClassDef, name: str) -> None:
        self._found, self._node = found, node
        self._names = {name, *_aliases(found.tree, name)}
        self.other_classes = set(found.classes) - self._names

    def is_meant(self, expression: ast.AST) -> bool:
        """Whether it is the class, by its name, another name of it, or the usual names of its own methods for it."""
        text = dotted(expression)
        if text in self._names:
            return True
        is_type = isinstance(expression, ast.Call) and dotted(expression.func) == "type" and len(expression.args) == 1
        return (text in _SELF or is_type) and enclosing(expression, ast.ClassDef, self._found.parents) is self._node

    def is_inside(self, expression: ast.AST) -> bool:
        """Whether the class is a part of it, as in C(Model._columns)."""
        return any(self.is_meant(one) for one in ast.walk(expression))

    def is_a_name(self, expression: ast.AST, call: ast.Call) -> bool:
        """Whether it stands where setattr takes the object: first of two and more."""
        return len(call.args) > 2 and expression is call.args[0]

    def may_be_meant(self, expression: ast.AST, around: ast.AST, field: str, kinds: Kinds) -> bool:
        """Whether it is no other class of the file, and what it gets is a field, as in a decorator that sets one."""
        text = dotted(expression)
        if text is None or text in self.other_classes or text == "self":
            return False
        values = [getattr(around, "value", None), *getattr(around, "args", [])]
        return any(isinstance(one, ast.Call) and kinds.problem(field, one) is None for one in values) and (
            text not in _SELF or enclosing(expression, ast.ClassDef, self._found.parents) in (None, self._node)
        )

    def is_at_import(self, node: ast.AST) -> bool:
        """Whether it runs when the file is imported, and is not within the class itself."""
        parents = self._found.parents
        around = enclosing(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef), parents)
        return not isinstance(around, (*FUNCTIONS, ast.Lambda)) and around is not self._node


def _aliases(tree: ast.Module, name: str) -> Iterator[str]:
    """Other names that the file gives the class: C(Alias = Model), C(for model in (Model, Other))."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and dotted(one.value) == name:
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))
        elif isinstance(one, (ast.For, ast.comprehension)) and any(dotted(part) == name for part in ast.walk(one.iter)):
            yield from [one.target.id] if isinstance(one.target, ast.Name) else []
