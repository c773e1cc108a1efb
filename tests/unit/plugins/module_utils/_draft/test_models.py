# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model files as people write them: what is read of their text is what the engine makes of them when it runs them."""

from __future__ import annotations

import sys
import textwrap
import types
import warnings
from pathlib import Path
from typing import Any, cast

import pytest
from cassandra.cqlengine import columns, usertype
from cassandra.cqlengine import models as engine

from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.type_parser import parse_type
from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.compare import make_draft
from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.files import File, Files
from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.models import FileRead, read_models
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import (
    PARTITION_KEY,
    Column,
    Table,
)

HEAD = "import uuid\nfrom cassandra.cqlengine import columns\nfrom cassandra.cqlengine.models import Model\n"
DJANGO = "from cassandra.cqlengine import columns\nfrom django_cassandra_engine.models import DjangoCassandraModel\n"
KEY = "    id = columns.UUID(primary_key=True)\n"


def read(source: str, keyspace: str | None = "shop") -> FileRead:
    files = Files({"models.py": textwrap.dedent(source).encode()}.get)
    return read_models(cast(File, files.file("models.py")), keyspace)


# Each is read and run: both have the same tables and columns.
FILES = {
    "plain": HEAD + "class Order(Model):\n" + KEY + "    customer = columns.Text(required=True, index=True)\n",
    "words": HEAD + "class HTTPServerLog2Entry(Model):\n" + KEY,
    "underscores": HEAD + "class __Hidden_Thing(Model):\n" + KEY,
    "long": HEAD + f"class {'VeryLongName' * 6}(Model):\n" + KEY,
    "table name": HEAD + "class A(Model):\n    __table_name__ = 'Orders2'\n" + KEY,
    "case": HEAD + "class A(Model):\n    __table_name__ = 'Orders'\n    __table_name_case_sensitive__ = True\n" + KEY,
    "keyspace": HEAD + "class A(Model):\n    __keyspace__ = 'Other'\n" + KEY,
    "keyspace None": HEAD + "class A(Model):\n    __keyspace__ = None\n" + KEY,
    "constants": HEAD + "SPACE = 'zoo'\nNAME = 'lions'\nclass A(Model):\n    __keyspace__ = SPACE\n"
    "    __table_name__ = NAME\n    a = columns.Text(db_field=NAME)\n" + KEY,
    "module alias": "import cassandra.cqlengine.columns as c\nfrom cassandra.cqlengine import models\n"
    "class A(models.Model):\n    id = c.TimeUUID(primary_key=True)\n    a = c.BigInt()\n",
    "whole module": "import cassandra.cqlengine.columns\nimport cassandra.cqlengine.models\n"
    "class A(cassandra.cqlengine.models.Model):\n    id = cassandra.cqlengine.columns.Inet(primary_key=True)\n",
    "single classes": "from cassandra.cqlengine.columns import Text as T, Integer\n"
    "from cassandra.cqlengine.models import Model as Base\nclass A(Base):\n    id = Integer(True)\n    a = T()\n",
    "star": "from cassandra.cqlengine.columns import *\nfrom cassandra.cqlengine.models import Model\n"
    "class A(Model):\n    id = UUID(primary_key=True)\n    a = Map(Text, Integer)\n",
    "star after other imports": "from uuid import UUID\nfrom typing import List, Set\nfrom cassandra.cqlengine.models import *\n"
    "from cassandra.cqlengine.columns import *\nclass A(Model):\n    id = UUID(primary_key=True)\n    a = List(Set(Text))\n",
    "star before other imports": "from cassandra.cqlengine.columns import *\nfrom uuid import UUID\n"
    "from cassandra.cqlengine.models import Model\nclass A(Model):\n    id = Integer(primary_key=True)\n    token = UUID\n",
    "other names of the driver": "from dse.cqlengine import columns\nfrom dse.cqlengine.models import Model\n"
    "class A(Model):\n    a = columns.Boolean()\n" + KEY,
    "flask": "from flask_cqlalchemy import CQLAlchemy\ndb = CQLAlchemy()\nclass Street(db.UserType):\n"
    "    name = db.columns.Text()\nclass User(db.Model):\n    id = db.columns.UUID(primary_key=True)\n"
    "    home = db.columns.List(db.columns.UserDefinedType(Street))\n",
    "own name for a model": "from cassandra.cqlengine import columns\nfrom cassandra.cqlengine.models import Model as BaseModel\n"
    "class Model(BaseModel):\n    __abstract__ = True\n    __keyspace__ = 'k'\nclass A(Model):\n" + KEY,
    "inner classes": HEAD
    + "class Context(object):\n    class Base(Model):\n        __abstract__ = True\n        id = columns.Text(primary_key=True)\n"
    "    class ByCommit(Base):\n        __table_name__ = 'by_commit'\n        a = columns.Date()\n",
    "diamond": HEAD
    + "class Top(Model):\n    __abstract__ = True\n    a = columns.Text()\nclass L(Top):\n    __abstract__ = True\n"
    + KEY
    + "class R(Top):\n    __abstract__ = True\n    a = columns.Integer()\nclass C(L, R):\n    pass\n",
    "alias of a base": HEAD
    + "class One(Model):\n    __abstract__ = True\n"
    + KEY
    + "Base = One\nclass A(Base):\n    x = columns.Text()\n",
    "generic": "from typing import Generic, TypeVar\n"
    + HEAD
    + "class A(Model):\n    __options__ = {'gc_grace_seconds': 1}\n"
    + KEY
    + "    flags = columns.Map(columns.Integer(), columns.Date(), default=dict)\n",
    "alias of a class": HEAD + "Words = columns.Text\nclass A(Model):\n    a = Words()\n" + KEY,
    "import in try": "try:\n    from cassandra.cqlengine import columns\nexcept ImportError:\n    columns = None\n"
    "from cassandra.cqlengine.models import Model\nclass A(Model):\n    a = columns.Ascii()\n" + KEY,
    "fallback": "try:\n    from cassandra.cqlengine import columns\n    from cassandra.cqlengine.models import Model\n"
    "except Exception:\n    columns = object\n    from shop.old import Model\n\n\nclass A(Model):\n    a = columns.Ascii()\n"
    + KEY,
    "annotated": HEAD + "class A(Model):\n    a: str = columns.Text(max_length=3)\n" + KEY,
    "db_field": HEAD + "class A(Model):\n    a = columns.Text(db_field='createdAt')\n    Big = columns.Text()\n" + KEY,
    "positional": HEAD
    + "class A(Model):\n    id = columns.Integer(True)\n    c = columns.Integer(True, False, False, 'cc')\n"
    "    a = columns.Text(1, 20)\n    s = columns.Set(columns.Text, True)\n",
    "static": HEAD + "class A(Model):\n" + KEY + "    c = columns.Date(primary_key=True, clustering_order='DESC')\n"
    "    total = columns.Decimal(static=True)\n",
    "composite key": HEAD + "class A(Model):\n    a = columns.Text(partition_key=True)\n"
    "    b = columns.Time(partition_key=True)\n    c = columns.Double(primary_key=True)\n",
    "counter": HEAD
    + "class A(Model):\n"
    + KEY
    + "    hits = columns.Counter()\n    more = columns.Counter(True, 'm')\n",
    "collections": HEAD + "class A(Model):\n" + KEY + "    a = columns.List(columns.Text)\n"
    "    b = columns.Set(value_type=columns.Integer())\n    c = columns.Map(columns.Text, columns.List(columns.Boolean))\n"
    "    d = columns.List(columns.List(columns.Set(columns.Float)))\n"
    "    e = columns.Map(key_type=columns.SmallInt, value_type=columns.Map(columns.TinyInt, columns.Blob))\n",
    "tuples": HEAD + "class A(Model):\n" + KEY + "    a = columns.Tuple(columns.Text, columns.Integer)\n"
    "    b = columns.List(columns.Tuple(columns.Duration, columns.Set(columns.VarInt)))\n",
    "user types": HEAD + "from cassandra.cqlengine.usertype import UserType\nclass HomeAddress(UserType):\n"
    "    street = columns.Text()\nclass Tag(UserType):\n    __type_name__ = 'Tags'\n    a = columns.Text()\n"
    "class A(Model):\n" + KEY + "    home = columns.UserDefinedType(HomeAddress)\n"
    "    tags = columns.List(columns.UserDefinedType(user_type=Tag))\n",
    "abstract": HEAD
    + "class Base(Model):\n    __abstract__ = True\n    __keyspace__ = 'b'\n"
    + KEY
    + "    made = columns.DateTime()\nclass A(Base):\n    x = columns.Text()\nclass B(Base):\n    made = columns.Date()\n",
    "two abstract": HEAD + "class One(Model):\n    __abstract__ = True\n" + KEY + "    a = columns.Text()\n"
    "class Two(Model):\n    __abstract__ = True\n    a = columns.Integer()\n    b = columns.Bytes()\n"
    "class C(One, Two):\n    pass\n",
    "plain mixin": HEAD + "class Mixin(object):\n    z = columns.Text()\nclass A(Mixin, Model):\n" + KEY,
    "polymorphic": HEAD
    + "class Pet(Model):\n    __table_name__ = 'pets'\n"
    + KEY
    + "    kind = columns.Text(discriminator_column=True)\nclass Cat(Pet):\n    __discriminator_value__ = 'cat'\n"
    "    lives = columns.Integer()\nclass Dog(Pet):\n    __discriminator_value__ = 'dog'\n    trick = columns.Text()\n",
    "django": DJANGO
    + "class Thing(DjangoCassandraModel):\n    class Meta:\n        get_pk_field = 'id'\n"
    + KEY
    + "    text = columns.Text(max_length=9, verbose_name='x') if False else columns.Text()\n",
    "others": HEAD + "from enum import Enum\nimport logging\nclass Color(Enum):\n    RED = 1\n\ndef now():\n    pass\n"
    "class A(Model):\n    log = logging.getLogger('x')\n    CHOICES = ('a', 'b')\n"
    + KEY
    + "    at = columns.DateTime(default=now)\n    def save(self):\n        x = columns.Text()\n"
    "    @property\n    def name(self):\n        return 1\n",
    "no newline, tabs": "from cassandra.cqlengine import columns\r\nfrom cassandra.cqlengine.models import Model\r\n"
    "class A(Model):\r\n\tid = columns.Integer(primary_key=True)\r\n\ta = columns.Text()",
}


@pytest.fixture(autouse=True)
def _other_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their classes are those of the engine, or repeat them; only the names are needed here."""

    class CQLAlchemy:
        columns, Model, UserType = columns, engine.Model, usertype.UserType

    for name, given in {
        "django_cassandra_engine": {},
        "django_cassandra_engine.models": {"DjangoCassandraModel": engine.Model},
        "dse": {},
        "dse.cqlengine": {"columns": columns},
        "dse.cqlengine.models": {"Model": engine.Model},
        "flask_cqlalchemy": {"CQLAlchemy": CQLAlchemy},
    }.items():
        module = types.ModuleType(name)
        vars(module).update(given)
        monkeypatch.setitem(sys.modules, name, module)


def run(source: str, name: str = "models") -> dict[str, Any]:
    """The tables that the engine makes of the classes of a file, when it is run."""
    scope: dict[str, Any] = {"__name__": name, "__package__": name.rpartition(".")[0]}
    exec(compile(source, "models.py", "exec"), scope)  # noqa: S102
    every = [one for one in scope.values() if isinstance(one, type)]
    every += [inner for one in every for inner in vars(one).values() if isinstance(inner, type)]
    classes = {one for one in every if issubclass(one, engine.Model)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            one.__name__: (
                (one._get_keyspace() or "shop", one._raw_column_family_name()),
                {
                    column.db_field_name: (parse_type(column.db_type), column.static, column.primary_key, column.index)
                    for column in one._columns.values()
                },
            )
            for one in classes
            if not one.__abstract__ and one.__module__ == name
        }


def told(found: FileRead) -> dict[str, Any]:
    """The tables that are read of the classes, in the form of C(run)."""
    return {
        model.name.rpartition(".")[2]: (
            (model.table.keyspace, model.table.name),
            {
                one.column: (one.made.type, one.made.static, one.made.key, one.made.indexed)
                for one in model.fields
                if one.made
            },
        )
        for model in found.models
    }


@pytest.mark.parametrize("name", FILES)
def test_what_is_read_is_what_the_engine_makes(name: str) -> None:
    found = read(FILES[name])
    unread = [field.problem for model in found.models for field in model.fields if field.problem]
    expected = run(FILES[name])
    if name == "django":
        # An expression is not read: it is listed.
        assert "makes a column otherwise than as one plain field" in unread.pop()
        del expected["Thing"][1]["text"]
    assert (told(found), unread, found.undecided) == (expected, [], ())


IMPORT = "from cassandra.cqlengine import columns\n"
# What the classes of models.py are made of stands in other files of the project.
PROJECTS = {
    "base next to it": {
        "shop/base.py": HEAD + "class Base(Model):\n    __abstract__ = True\n    __keyspace__ = 'b'\n" + KEY,
        "shop/models.py": IMPORT + "from .base import Base\nclass A(Base):\n    a = columns.Text()\n",
    },
    "base of the package": {
        "shop/__init__.py": "from shop.db.base import Base as Thing\n",
        "shop/db/__init__.py": "",
        "shop/db/base.py": HEAD + "class Base(Model):\n    __abstract__ = True\n" + KEY,
        "shop/models.py": IMPORT + "import shop\nclass A(shop.Thing):\n    a = columns.Text()\n",
    },
    "columns of another file": {
        "shop/db.py": HEAD + "NAME = 'named'\nText = columns.Text\n",
        "shop/models.py": "from .db import *\nclass A(Model):\n    __table_name__ = NAME\n    a = Text()\n" + KEY,
    },
    "types of another file": {
        "shop/types.py": IMPORT + "from cassandra.cqlengine.usertype import UserType\n"
        "class Street(UserType):\n    name = columns.Text()\n",
        "shop/models.py": HEAD
        + "from . import types\nfrom .types import Street as S\nclass A(Model):\n"
        + KEY
        + "    a = columns.UserDefinedType(types.Street)\n    b = columns.Set(columns.UserDefinedType(S))\n",
    },
    "table of another file": {
        "shop/pets.py": HEAD
        + "class Pet(Model):\n    __table_name__ = 'pets'\n"
        + KEY
        + "    kind = columns.Text(discriminator_column=True)\n",
        "shop/models.py": IMPORT + "from .pets import Pet\nclass Cat(Pet):\n    __discriminator_value__ = 'cat'\n"
        "    lives = columns.Integer()\n",
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_what_other_files_give_is_what_the_engine_makes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, source in PROJECTS[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    for module in [one for one in sys.modules if one.partition(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, module)
    source = PROJECTS[name]["shop/models.py"]
    contents = {path: content.encode() for path, content in PROJECTS[name].items()}
    found = read_models(cast(File, Files(contents.get).file("shop/models.py")), "shop")
    assert (told(found), found.undecided) == (run(source, "shop.models"), ())


UNDECIDED = {
    "custom class of the file": (
        "class Json(columns.Text):\n    pass\nclass A(Model):\n    a = Json()\n",
        "a (line 7) is made by Json, which is no class of cassandra.cqlengine.columns",
    ),
    "custom class of another": (
        "from shop.fields import JsonText\nclass A(Model):\n    a = JsonText()\n",
        "a (line 6) is made by shop.fields.JsonText, which is no class",
    ),
    "other columns": (
        "from shop import columns\nclass A(Model):\n    a = columns.Text()\n",
        "a (line 6) is made by columns.Text, which is no class of cassandra.cqlengine.columns",
    ),
    "options": ("class A(Model):\n    a = columns.Text(**OPTIONS)\n", "takes arguments that only a run shows"),
    "expression of a flag": ("class A(Model):\n    a = columns.Text(static=FLAG)\n", "gives static an expression"),
    "expression of a name": (
        "class A(Model):\n    a = columns.Text(db_field='a' + 'b')\n",
        "gives db_field an expression",
    ),
    "no name": ("class A(Model):\n    a = columns.Text(db_field=1)\n", "says db_field=1, which is no name"),
    "no elements": ("class A(Model):\n    a = columns.Map(columns.Text)\n", "has Map without its elements"),
    "empty tuple": ("class A(Model):\n    a = columns.Tuple()\n", "has Tuple without its elements"),
    "bare collection": ("class A(Model):\n    a = columns.List(columns.Set)\n", "has Set without its elements"),
    "custom element": ("class A(Model):\n    a = columns.List(Json)\n", "has elements of Json, known to a run only"),
    "type of another file": (
        "from shop.types import Address\nclass A(Model):\n    a = columns.UserDefinedType(Address)\n",
        "is of the user-defined type Address, whose class is not in these files",
    ),
    "twice": (
        "class A(Model):\n    a = columns.Text()\n    a = columns.Integer()\n",
        "otherwise than as one plain field",
    ),
    "in a block": ("class A(Model):\n    if FLAG:\n        a = columns.Text()\n", "only a run shows"),
    "class twice": (
        "class A(Model):\n    a = columns.Text()\nclass A(Model):\n    b = columns.Text()\n"
        + "class B(Model):\n"
        + KEY,
        "gives the name of class A more than once",
    ),
    "concrete base": (
        "class A(Model):\n" + KEY + "class B(A):\n    x = columns.Text()\n",
        "Class B (line 6) inherits from A, which has a table of its own: which table cqlengine takes",
    ),
    "discriminator elsewhere": (
        "from shop import Pet\nclass Cat(Pet):\n    __discriminator_value__ = 'c'\n    a = columns.Text()\n",
        "has base classes that were not found in these files: Pet. Whether it is a model with a table of its own",
    ),
    "type of a base elsewhere": (
        "from shop import BaseType\nclass Address(BaseType):\n    street = columns.Text()\nclass A(Model):\n" + KEY,
        "Class Address (line 5) has base classes that were not found in these files: BaseType",
    ),
    "made by type": (
        "A = type('A', (Model,), {'id': columns.UUID(primary_key=True)})\n",
        "Line 4 makes a model by type(...): its table and columns are known to a run only",
    ),
    "star over a custom class": (
        "from cassandra.cqlengine.columns import *\nclass Text(columns.Text):\n    pass\nclass A(Model):\n    a = Text()\n",
        "a (line 8) is made by Text, which is no class of cassandra.cqlengine.columns",
    ),
    "star before another import": (
        "from cassandra.cqlengine.columns import *\nfrom shop.fields import Text\nclass A(Model):\n    a = Text()\n",
        "a (line 7) is made by shop.fields.Text, which is no class",
    ),
    "tuple by mistake": (
        "class A(Model):\n    a = columns.Text(),\n",
        "makes a column otherwise than as one plain field",
    ),
    "name of an expression": (
        "class A(Model):\n    __table_name__ = name()\n" + KEY,
        "Class A (line 4) gives __table_name__ an expression",
    ),
    "commented custom": (
        "class Json(columns.Text):\n    pass\nclass A(Model):\n" + KEY + "    # a = Json()\n",
        "a (line 8) is made by Json",
    ),
    "commented key": (
        "class A(Model):\n" + KEY + "    # a = columns.Text(primary_key=True)\n",
        "a part of the primary key",
    ),
    "commented twice": (
        "class A(Model):\n" + KEY + "    # a = columns.Text()\n    # a = columns.Integer()\n",
        "a is commented out 2 times",
    ),
    "commented in dead code": (
        "class A(Model):\n" + KEY + "    # def x(self):\n    #     a = columns.Text()\n    #     b = columns.Text()\n",
        "a of line 7 belongs to the commented-out code",
    ),
    "commented abstract": (
        "class Base(Model):\n    __abstract__ = True\n" + KEY + "    # a = columns.Text()\n",
        "a (line 7) is commented out in the abstract class Base",
    ),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_only_a_run_shows_is_listed_once(name: str) -> None:
    source, message = UNDECIDED[name]
    found = read(HEAD + source)
    problems = [one.what for one in found.undecided]
    problems += [field.problem for model in found.models for field in model.fields if field.problem]
    assert len(problems) == 1, problems
    assert message in problems[0]


COMMENTED = """\
class A(Model):
    id = columns.UUID(primary_key=True)
    # a = columns.Text()  # the source
    # b: int = columns.Integer(
    #     db_field="bb",
    # )
    # note: columns = what the table has (see below)
    # c = compute(1)
    # id = columns.Integer(primary_key=True)
    name = columns.Text()
#   # d = columns.Text()
"""


def test_fields_that_are_commented_out_and_words_that_are_none() -> None:
    (model,) = read(HEAD + COMMENTED).models
    found = [(one.name, one.column, str(one.made and one.made.type)) for one in model.fields if one.commented]
    assert found == [("a", "a", "text"), ("b", "bb", "int"), ("d", "d", "None")]
    assert "it is no whole statement of its own" in model.fields[-1].problem


@pytest.mark.parametrize(
    "source",
    [
        "from django.db import models\nclass A(models.Model):\n    a = models.TextField()\n",
        "import sqlalchemy as sa\nclass A(Base):\n    a = sa.Column(sa.Text)\n",
        "class A:\n    pass\nclass A:\n    pass\n",
        "",
    ],
)
def test_a_file_without_a_model_has_nothing(source: str) -> None:
    assert read(source) == FileRead((), (), ())


def test_classes_of_two_files_share_the_table_of_their_base() -> None:
    files = Files({path: source.encode() for path, source in PROJECTS["table of another file"].items()}.get)
    read = [read_models(cast(File, files.file(path)), "shop") for path in ("shop/pets.py", "shop/models.py")]
    models = [model for one in read for model in one.models]
    key = Column("id", parse_type("uuid"), PARTITION_KEY)
    draft = make_draft(models, {models[0].table: Table(models[0].table, (key,))}, {})
    assert ([one.column.name for one in draft.columns], draft.undecided) == (["kind", "lives"], ())


def test_a_class_without_a_keyspace_needs_one() -> None:
    assert read(FILES["plain"], None).homeless == ("Order (models.py:4)",)
