# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies of a class that mislead about its field C(source), and what must be said of each; the body begins in line 7."""

from __future__ import annotations

HEAD = """\
from cassandra.cqlengine import columns
from shop import Base, Index, add


class Order(Base):
    id = columns.UUID(primary_key=True)
"""

# The body, the state, and the sentence that a task to disable the field fails with, or "" where it succeeds.
DISABLE: list[tuple[str, str, str]] = [
    # Nothing misleads here.
    ("", "absent", ""),
    ("    # source = columns.Text()\n", "disabled", ""),
    ("    source = columns.Text()\n", "enabled", ""),
    ("    source: str = columns.Text()\n", "enabled", ""),
    ("    source = (columns.Text())\n", "enabled", ""),
    ("    source = \\\n        columns.Text()\n    y = 1\n", "enabled", ""),
    ("    source = columns.Text(\n\n        max_length=1,  # one\n    )\n", "enabled", ""),
    ("    source = columns.Map(columns.Text, columns.Text)  # source = 1\n", "enabled", ""),
    ("    source = columns.Text()  # \xe9\n", "enabled", ""),
    ("    source = columns.Text(default='''\n\n    wide''')\n", "enabled", ""),
    ("    \uff53ource = columns.Text()\n", "enabled", "source is neither there nor commented out"),
    ("    # source = words\n", "absent", ""),
    ("    if a:\n        # source = columns.Text()\n        b = 1\n", "absent", ""),
    ('    """\n    source = columns.Text()\n    """\n', "absent", ""),
    (
        "    def f(self):\n        source = columns.Text()\n",
        "absent",
        "source is also named in line 8",
    ),
    (
        "    def f(self):\n        self.source = 1\n        setattr(self, 'source', 1)\n",
        "absent",
        "source is also named in lines 8, 9",
    ),
    (
        "    class Meta:\n        source = columns.Text()\n",
        "absent",
        "source is also named in line 8",
    ),
    ("    f = lambda source: source\n", "absent", "source is also named in line 7"),
    ("    f = [source for source in range(3)]\n", "absent", "source is also named in line 7"),
    ("\n\nclass Item(Base):\n    source = columns.Text()\n", "absent", ""),
    ("\n\nclass Item(Base):\n    pass\n\n\nItem.source = columns.Text()\n", "absent", ""),
    ("\n\nsource = columns.Text()\n", "absent", ""),
    # In a block of the body.
    ("    if a:\n        source = columns.Text()\n", "conflict", "the class has the name source in line 8 other"),
    (
        "    if a:\n        pass\n    else:\n        source = columns.Text()\n",
        "conflict",
        "the class has the name source in line 10 other",
    ),
    (
        "    if a:\n        if b:\n            source = columns.Text()\n",
        "conflict",
        "the class has the name source in line 9 other",
    ),
    ("    if a: source = columns.Text()\n", "conflict", "the class has the name source in line 7 other"),
    ("    if (source := columns.Text()):\n        pass\n", "conflict", "the class has the name source in line 7 other"),
    (
        "    try:\n        source = columns.Text()\n    except E:\n        pass\n",
        "conflict",
        "the class has the name source in line 8 other",
    ),
    (
        "    try:\n        a = 1\n    except E as source:\n        pass\n",
        "conflict",
        "the class has the name source in line 9 other",
    ),
    (
        "    try:\n        a = 1\n    finally:\n        source = columns.Text()\n",
        "conflict",
        "the class has the name source in line 10 other",
    ),
    ("    with a:\n        source = columns.Text()\n", "conflict", "the class has the name source in line 8 other"),
    ("    with a as source:\n        pass\n", "conflict", "the class has the name source in line 7 other"),
    ("    with a as (b, source):\n        pass\n", "conflict", "the class has the name source in line 7 other"),
    (
        "    for source in [columns.Text()]:\n        pass\n",
        "conflict",
        "the class has the name source in line 7 other",
    ),
    ("    for a in b:\n        source = columns.Text()\n", "conflict", "the class has the name source in line 8 other"),
    (
        "    while a:\n        source = columns.Text()\n        break\n",
        "conflict",
        "the class has the name source in line 8 other",
    ),
    # By another statement than a plain one.
    ("    source, b = columns.Text(), 1\n", "conflict", "the class has the name source in line 7 other"),
    ("    [source, *b] = columns.Text(), 1\n", "conflict", "the class has the name source in line 7 other"),
    ("    b, *source = columns.Text(), 1\n", "conflict", "the class has the name source in line 7 other"),
    ("    (b, (c, source)) = 1, (2, columns.Text())\n", "conflict", "the class has the name source in line 7 other"),
    ("    source = b = columns.Text()\n", "conflict", "the class has the name source in line 7 other"),
    ("    source = columns.Text(default=(b := 1))\n", "conflict", "the class has the name source in line 7 other"),
    ("    b = (source := columns.Text())\n", "conflict", "the class has the name source in line 7 other"),
    ("    (source := columns.Text())\n", "conflict", "the class has the name source in line 7 other"),
    ("    print(source := columns.Text())\n", "conflict", "the class has the name source in line 7 other"),
    ("    source += 1\n", "conflict", "the class has the name source in line 7 other"),
    ("    source: str\n", "conflict", "the class has the name source in line 7 other"),
    (
        "    global source\n    source = columns.Text()\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    ("    source = None\n", "conflict", "in line 7 source is given what is no call of a constructor"),
    ("    source = columns.Text\n", "conflict", "in line 7 source is given what is no call of a constructor"),
    (
        "    source = columns.Text() or None\n",
        "conflict",
        "in line 7 source is given what is no call of a constructor",
    ),
    (
        "    source = property(add)\n",
        "conflict",
        "in line 7 source is made by property, which has no name of a class and makes no other field",
    ),
    (
        "    x = 1; source = columns.Text()\n",
        "enabled",
        "more than the fields would change: put them on",
    ),
    (
        "    source = columns.Text(); x = 1\n",
        "enabled",
        "more than the fields would change: put them on",
    ),
    (
        "    source = columns.Text(\n    ); x = 1\n",
        "enabled",
        "more than the fields would change: put them on",
    ),
    ("    x = '''\n    '''; source = columns.Text()\n", "enabled", "more than the fields would change: put them on"),
    # Shadowed, or set more than once.
    ("    def source(self):\n        pass\n", "conflict", "the class has the name source in line 7 other"),
    ("    async def source(self):\n        pass\n", "conflict", "the class has the name source in line 7 other"),
    (
        "    source = columns.Text()\n\n    @property\n    def source(self):\n        pass\n",
        "conflict",
        "the class has the name source in lines 7, 10 other",
    ),
    (
        "    source = columns.Text()\n\n    class source:\n        pass\n",
        "conflict",
        "the class has the name source in lines 7, 9 other",
    ),
    (
        "    source = columns.Text()\n    import source\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    (
        "    source = columns.Text()\n    import source.b\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    (
        "    source = columns.Text()\n    from a import b as source\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    ("    source = columns.Text()\n    del source\n", "conflict", "the class has the name source in lines 7, 8 other"),
    (
        "    source = columns.Text()\n    source = None\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    (
        "    source = columns.Text()\n    source = columns.Text()\n",
        "conflict",
        "the class has the name source in lines 7, 8 other",
    ),
    # Through the namespace of the class.
    ("    locals()['source'] = columns.Text()\n", "absent", "source is also named in line 7"),
    ("    vars()['source'] = columns.Text()\n", "absent", "source is also named in line 7"),
    ("    locals().update(source=columns.Text())\n", "absent", "source is also named in line 7"),
    (
        "    locals().update({'source': columns.Text()})\n",
        "absent",
        "source is also named in line 7",
    ),
    (
        "    locals().__setitem__('source', columns.Text())\n",
        "absent",
        "source is also named in line 7",
    ),
    ("    exec('source = columns.Text()')\n", "absent", "source is also named in line 7"),
    ("    add(locals(), 'source')\n", "absent", "source is also named in line 7"),
    # After the class.
    ("\n\nOrder.source = columns.Text()\n", "conflict", "the class has the name source in line 9 other"),
    ("\n\nOrder.source = None\n", "conflict", "the class has the name source in line 9 other"),
    ("\n\nOrder.source, b = columns.Text(), 1\n", "conflict", "the class has the name source in line 9 other"),
    ("\n\nOrder.source: str = columns.Text()\n", "conflict", "the class has the name source in line 9 other"),
    (
        "    source = columns.Text()\n\n\ndel Order.source\n",
        "conflict",
        "the class has the name source in lines 7, 10 other",
    ),
    (
        "\n\nfor Order.source in [columns.Text()]:\n    pass\n",
        "conflict",
        "the class has the name source in line 9 other",
    ),
    ("\n\nif add:\n    Order.source = columns.Text()\n", "conflict", "the class has the name source in line 10 other"),
    ("\n\ndef f():\n    Order.source = columns.Text()\n", "conflict", "the class has the name source in line 10 other"),
    ("\n\nAlias = Order\nAlias.source = columns.Text()\n", "absent", ""),
    (
        "\n\nfor model in (Order, add):\n    model.source = 1\n",
        "absent",
        "source is also named in line 10",
    ),
    ("\n\nfor model in add:\n    model.source = columns.Text()\n", "absent", ""),
    (
        "\n\nfor model in models:\n    model.source = field\n",
        "absent",
        "",
    ),
    (
        "\n\nglobals()['Order'].source = columns.Text()\n",
        "absent",
        "source is also named in line 9",
    ),
    (
        "    @classmethod\n    def f(cls):\n        cls.source = columns.Text()\n",
        "absent",
        "source is also named in line 9",
    ),
    (
        "    def f(self):\n        type(self).source = columns.Text()\n",
        "absent",
        "source is also named in line 8",
    ),
    (
        "    def f(self):\n        self.__class__.source = 1\n",
        "absent",
        "source is also named in line 8",
    ),
    ("\n\nsetattr(Order, 'source', columns.Text())\n", "absent", "source is also named in line 9"),
    ("\n\ntype.__setattr__(Order, 'source', 1)\n", "absent", "source is also named in line 9"),
    ("\n\nOrder.add_to_class('source', 1)\n", "absent", "source is also named in line 9"),
    (
        "\n\ncolumns.Text().contribute_to_class(Order, 'source')\n",
        "absent",
        "source is also named in line 9",
    ),
    (
        "\n\nOrder._columns['source'] = columns.Text()\n",
        "absent",
        "source is also named in line 9",
    ),
    (
        "\n\nsetattr(Order, add, columns.Text())\n",
        "absent",
        "",
    ),
    (
        "\n\nfor name in add:\n    setattr(Order, name, 1)\n",
        "absent",
        "",
    ),
    ("\n\nadd(Order, 'source', columns.Text())\n", "absent", "source is also named in line 9"),
    ("\n\nadd(Order, source=columns.Text())\n", "absent", "source is also named in line 9"),
    ("\n\nOrder = add(Order, 'source')\n", "unknown", "gives the name of class Order more than once, in lines 5, 9,"),
    ("\n\nsetattr(Order, 'other', columns.Text())\n", "absent", ""),
    ("\n\nprint(getattr(Order, 'source', None))\n", "absent", "source is also named in line 9"),
    (
        "\n\nOrder._columns.update(source=columns.Text())\n",
        "absent",
        "source is also named in line 9",
    ),
    (
        "\n\nexec('Order.source = columns.Text()')\n",
        "absent",
        "source is also named in line 9",
    ),
    ("\n\nexec(add)\n", "absent", ""),
    ("\n\nexec('other = 1')\n", "absent", ""),
    # The column of the name belongs to a field of another name.
    ("    origin = columns.Text(db_field='source')\n", "absent", "source is also named in line 7"),
    ("    source = columns.Text(db_field='source')\n", "enabled", ""),
    # Used by what runs when the file is imported.
    ("    source = columns.Text()\n    b = source\n", "enabled", "source is also named in line 8"),
    (
        "    source = columns.Text()\n    source.index = True\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    b = columns.Text(default=source)\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    b = [c for c in source]\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    if source:\n        pass\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    assert source\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    __table_name__ = f'{source}_x'\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n\n    def f(self, a=source):\n        pass\n",
        "enabled",
        "source is also named in line 9",
    ),
    (
        "    source = columns.Text()\n\n    def f(self, *, a=source):\n        pass\n",
        "enabled",
        "source is also named in line 9",
    ),
    (
        "    source = columns.Text()\n    f = lambda a=source: a\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n\n    @source.check\n    def f(self):\n        pass\n",
        "enabled",
        "source is also named in line 9",
    ),
    (
        "    source = columns.Text()\n\n    class Meta:\n        pk = source\n",
        "enabled",
        "source is also named in line 10",
    ),
    (
        "    source = columns.Text()\n\n    class Meta:\n        pk = 'source'\n",
        "enabled",
        "source is also named in line 10",
    ),
    (
        "    source = columns.Text()\n\n    class Meta:\n        ordering = ['-source']\n",
        "enabled",
        "source is also named in line 10",
    ),
    (
        "    source = columns.Text()\n    indexes = [Index('source')]\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    by_source = Index(fields=('source',))\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n    __options__ = {'index': {'source': 1}}\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n\n\nINDEX = Index(Order.source)\n",
        "enabled",
        "source is also named in line 10",
    ),
    (
        "    source = columns.Text()\n\n\nclass Item(Base):\n    b = Order.source\n",
        "enabled",
        "source is also named in line 11",
    ),
    (
        "    source = columns.Text()\n    b = columns.Text(default='source')\n",
        "enabled",
        "source is also named in line 8",
    ),
    (
        "    source = columns.Text()\n\n    def f(self, source):\n        return source\n",
        "enabled",
        "source is also named in lines 9, 10",
    ),
    (
        "    source = columns.Text()\n\n    def f(self):\n        return self.source, Order.source\n",
        "enabled",
        "source is also named in line 10",
    ),
    (
        "    source = columns.Text()\n    f = lambda source: source\n",
        "enabled",
        "source is also named in line 8",
    ),
    # What cannot be commented out and back.
    (
        "    source = columns.Text(default='''\nwide''')\n",
        "enabled",
        "could not be undone byte for byte: write the field on plain lines",
    ),
    ("\x0c    source = columns.Text()\n", "enabled", "could not be undone byte for byte: the comment of line 7"),
    (
        "    source = columns.Text() \\\n\n",
        "enabled",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    # A key, what may be one, and what would not come back.
    ("    source = columns.Text(primary_key=True)\n", "enabled", "source (line 7) is a part of the primary key"),
    ("    source = columns.Text(partition_key=KEY)\n", "enabled", "source (line 7) is a part of the primary key"),
    ("    source = columns.Text(**{'primary_key': True})\n", "enabled", "source (line 7) takes arguments that only"),
    ("    source = columns.UUID(True)\n", "enabled", "source (line 7) is a part of the primary key"),
    ("    source = columns.Text(**add)\n", "enabled", "source (line 7) takes arguments that only a run shows"),
    ("    source = columns.Text(*add)\n", "enabled", "source (line 7) takes arguments that only a run shows"),
    ("    source = columns.Text(primary_key=False)\n", "enabled", ""),
    (
        "    # \\\n    source = columns.Text()\n    # source = columns.Text()\n",
        "enabled",
        "could not be undone byte for byte",
    ),
    ("    # if add:\n    source = columns.Text()\n", "enabled", 'commented-out code that begins in line 7 ("if add:")'),
    ("    source = columns.Text()\n    'The source of the order.'\n", "enabled", ""),
]

# The comment, and the sentence that a task to enable the field fails with, or "" where it succeeds.
ENABLE: list[tuple[str, str]] = [
    ("    # source = columns.Text()\n", ""),
    ("    #source = columns.Text()\n", ""),
    ("#    source = columns.Text()\n", ""),
    ("#     source = columns.Text()\n", ""),
    ("    # source: str = columns.Text()\n", ""),
    ("    # source = columns.List(columns.Text)\n", ""),
    ("    # source = columns.Text(\n    #     max_length=1,\n    # )\n", ""),
    ("    # source = words\n    # source = columns.Text()\n", ""),
    ("    # source = columns.Text()", ""),
    ("", "source is neither there nor commented out"),
    ("    # source = unknown\n", "in the comment of line 7 source is given what is no call of a constructor"),
    (
        "    # source = unknown()\n",
        "in the comment of line 7 source is made by unknown, which has no name of a class and makes no other field",
    ),
    (
        "    # source = add()\n",
        "in the comment of line 7 source is made by add, which has no name of a class and makes no other field",
    ),
    (
        "    # source = columns.text()\n",
        "in the comment of line 7 source is made by columns.text, which has no name of a class and makes no other field",
    ),
    ("    # source = columns.Text\n", "in the comment of line 7 source is given what is no call of a constructor"),
    (
        "    # source = columns.Text().name\n",
        "in the comment of line 7 source is given what is no call of a constructor",
    ),
    (
        "    # source = columns.Text() if add else None\n",
        "in the comment of line 7 source is given what is no call of a constructor",
    ),
    (
        "    # source = [columns.Text()]\n",
        "in the comment of line 7 source is given what is no call of a constructor",
    ),
    (
        "    # source = 'columns.Text()'\n",
        "in the comment of line 7 source is given what is no call of a constructor",
    ),
    ("    # source == columns.Text()\n", "the comment of line 7 begins with source, but it is no whole statement"),
    ("    # source: columns.Text()\n", "the comment of line 7 begins with source, but it is no whole statement"),
    (
        "    # source = columns.Text() and more words\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    # source = columns.Text(); b = 1\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    # source = b = columns.Text()\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    # source = columns.Text(default=(b := 1))\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    ("    # source = columns.Text(\n", "the comment of line 7 begins with source, but it is no whole statement"),
    (
        "    # source = columns.Text(" + "(" * 300 + ")" * 300 + ")\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    # source = columns.Text(\n\n    # )\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    ("    # sources = columns.Text()\n", "source is neither there nor commented out"),
    (
        "    ## source = columns.Text()\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    #  source = columns.Text()\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    (
        "    if add:\n        # source = columns.Text()\n        b = 1\n",
        "the comment of line 8 begins with source, but it is no whole statement",
    ),
    ("  # source = columns.Text()\n", "the comment of line 7 begins with source, but it is no whole statement"),
    (
        "        # source = columns.Text()\n",
        "the comment of line 7 begins with source, but it is no whole statement",
    ),
    ("\t# source = columns.Text()\n", "the comment of line 7 begins with source, but it is no whole statement"),
    ("    b = 1  # source = columns.Text()\n", "source is neither there nor commented out"),
    ("    b = 1 \\\n    # source = columns.Text()\n", "source is neither there nor commented out"),
    ("    b = [\n    # source = columns.Text()\n    ]\n", "source is neither there nor commented out"),
    ("    b = '''\n    # source = columns.Text()\n    '''\n", "source is neither there nor commented out"),
    (
        "    def f(self):\n        pass\n        # source = columns.Text()\n",
        "the comment of line 9 begins with source, but it is no whole statement",
    ),
    (
        "    @add\n    # source = columns.Text()\n    def f(self):\n        pass\n",
        "the comment of line 8 begins with source, but it is no whole statement",
    ),
    (
        "    # class Meta:\n    #     source = columns.Text()\n",
        'the source of line 8 belongs to the commented-out code that begins in line 7 ("class Meta:")',
    ),
    (
        "\n\n# class Item(Base):\n#     source = columns.Text()\n",
        'the source of line 10 belongs to the commented-out code that begins in line 9 ("class Item(Base):")',
    ),
    ("\n\nb = 1\n# source = columns.Text()\n", "source is neither there nor commented out"),
    (
        "    # source = columns.Text(default=now)\n",
        "source (line 7) uses now, which nothing above it in the file defines: import it",
    ),
    (
        "    # source = columns.Text()\n    # source = columns.Text()\n",
        "source is commented out 2 times (lines 7, 8): remove all but one",
    ),
    ("    # source = columns.Text()\n" * 60, "More than 50 comments of Order begin with source: remove some"),
    (
        "    # source = columns.Text()\n    def source(self):\n        pass\n",
        "the class has the name source in line 8 other",
    ),
    (
        "    # source = columns.Text()\n    if add:\n        source = 1\n",
        "the class has the name source in line 9 other",
    ),
    ("    # source = columns.Text()\n\n\nOrder.source = 1\n", "the class has the name source in line 10 other"),
    # Parts of the key.
    ("    # source = columns.Text(primary_key=True)\n", "source (line 7) is a part of the primary key"),
    ("    # source = columns.Text(partition_key=True)\n", "source (line 7) is a part of the primary key"),
    (
        "    # source = columns.Text(\n    #     primary_key=1,\n    # )\n",
        "source (line 7) is a part of the primary",
    ),
    ("    # source = columns.Text(**add)\n", "source (line 7) takes arguments that only a run shows"),
    ("    # source = columns.Text(primary_key=False)\n", ""),
    # What the line uses.
    (
        "    # source = columns.Text(default=lambda: now())\n",
        "uses now, which nothing above it in the file defines",
    ),
    (
        "    # source = columns.Text(default=lambda: later())\n\n\ndef later():\n    pass\n",
        "uses later, which nothing above",
    ),
    (
        "    # source = columns.Text(default=later())\n\n\ndef later():\n    pass\n",
        "uses later, which nothing above",
    ),
    ("    # source = columns.Text(default=lambda a, *b, c=1: (a, b, c))\n", ""),
    ("    # source = columns.Text(default=[a for a in (1, 2)])\n", ""),
    ("    # source = columns.Text(default=[now(a) for a in (1, 2)])\n", "uses now, which nothing above it"),
    (
        "    # source: Text = columns.Text()\n",
        "source (line 7) uses Text, which nothing above it in the file defines",
    ),
    ("    # source = columns.Text(default=id)\n", ""),
    # Commented-out statements of several lines, words that only look like code, and blocks that have ended.
    ("    # add(\n    # source = columns.Text()\n    # )\n", 'begins in line 7 ("add(")'),
    (
        "    # '''\n    # source = columns.Text()\n    # '''\n",
        "belongs to the commented-out code that begins in line 7",
    ),
    ("    # Note (see the\n    # guide): enable this\n    # source = columns.Text()\n", ""),
    ("    # for the source:\n    # source = columns.Text()\n", ""),
    ("    # class Old(Base):\n    #     a = 1\n\n    # source = columns.Text()\n", ""),
    ("    # class Old(Base):\n    #     a = 1\n    b = 1\n    # source = columns.Text()\n", ""),
]

_IMPORT = "from cassandra.cqlengine import columns\n"
_BASE = _IMPORT + "class Base:\n    source = columns.Text()\n"
_ORDER = "class Order(Base):\n    id = columns.UUID()\n"

# A whole file, and the sentence that a task to disable the field of class Order fails with.
FILES: list[tuple[str, str]] = [
    (_BASE + _ORDER, "base class Base has the name source in line 3"),
    (_BASE + _ORDER + "    source = columns.Text()\n", "source is also named in line 3"),
    (_BASE + _ORDER + "    # source = columns.Text()\n", "base class Base has the name source in line 3"),
    (
        _BASE + "class Middle(Base):\n    pass\n" + _ORDER.replace("Base", "Middle"),
        "base class Base has the name source in line 3",
    ),
    (
        _IMPORT + "class Base:\n    if a:\n        source = 1\n" + _ORDER,
        "base class Base has the name source in line 4",
    ),
    (
        _IMPORT + "class Base:\n    pass\n" + _ORDER + "Base.source = columns.Text()\n",
        "base class Base has the name source in line 6",
    ),
    (
        _IMPORT + "class Base:\n    def source(self):\n        pass\n" + _ORDER,
        "base class Base has the name source in line 3",
    ),
    (_IMPORT + "@add('source')\n" + _ORDER, "source is also named in line 2"),
    (_IMPORT + "@add(source=columns.Text())\n" + _ORDER, "source is also named in line 2"),
    (_IMPORT + _ORDER.replace("Base", "Base, source=1"), "source is also named in line 2"),
    (
        _IMPORT + _ORDER.replace("Base", "type('B', (), {'source': 1})"),
        "source is also named in line 2",
    ),
    (
        _ORDER + "class Order(Base):\n    source = columns.Text()\n",
        "gives the name of class Order more than once, in lines 1, 3,",
    ),
    (
        "if a:\n    class Order:\n        source = 1\nelse:\n    class Order:\n        b = 1\n",
        "gives the name of class Order more than once, in lines 2, 5,",
    ),
    (
        "try:\n    from a import Order\nexcept E:\n    class Order:\n        b = 1\n",
        "gives the name of class Order more than once, in lines 2, 4,",
    ),
    (_ORDER + "Order = None\n", "gives the name of class Order more than once, in lines 1, 3,"),
    (_ORDER + "def Order():\n    pass\n", "gives the name of class Order more than once, in lines 1, 3,"),
    (_ORDER + "for Order in a:\n    pass\n", "gives the name of class Order more than once, in lines 1, 3,"),
    (
        "def f():\n    class Order:\n        source = 1\n",
        "has no class Order outside of functions; it has none at all",
    ),
    (
        "class Outer:\n    class Order:\n        source = 1\n",
        "has no class Order outside of functions; it has Outer.Order, Outer",
    ),
    (
        "class Outer:\n    class Order:\n        a = 1\n" * 2,
        "has no class Order outside of functions; it has Outer.Order, Outer",
    ),
    ("class Orders:\n    pass\n", "has no class Order outside of functions; it has Orders"),
    ("", "has no class Order outside of functions; it has none at all"),
    (
        _IMPORT + "class Order(Base): source = columns.Text()\n",
        "the class (line 2) has no other statement: add pass to it",
    ),
    (
        _IMPORT + "class Order(Base):\n    source = columns.Text()\n",
        "the class (line 2) has no other statement: add pass to it",
    ),
    (
        _IMPORT + "class Order(Base): source = columns.Text(); x = 1\n",
        "more than the fields would change",
    ),
    (
        _IMPORT + "class Order(Base):\n    source = columns.Text()\n    'words'\n    b = 1\n",
        "the class would have another docstring: put the field below it",
    ),
]

_COMMENT = "    # source = columns.Text()\n"
_CLASS = "class Order:\n    b = 1\n"
_HIDING = _IMPORT + "import source\nclass Order:\n"

# A whole file, and the sentence that a task to enable the field of class Order fails with, or "" where it succeeds.
ENABLE_FILES: list[tuple[str, str]] = [
    ("class Order:\n" + _COMMENT + "    pass\n", "source (line 2) uses columns, which nothing above it"),
    (_CLASS + _COMMENT + _IMPORT, "source (line 3) uses columns, which nothing above it"),
    ("if TYPE_CHECKING:\n    " + _IMPORT + _CLASS + _COMMENT, "uses columns, which nothing above it"),
    ("def f():\n    " + _IMPORT + _CLASS + _COMMENT, "uses columns, which nothing above it"),
    ("try:\n    " + _IMPORT + "except E:\n    pass\n" + _CLASS + _COMMENT, ""),
    ("from shop import *\n" + _CLASS + _COMMENT, ""),
    (_HIDING + _COMMENT + "    b = source.c\n", "would hide the source that the class uses in line 5"),
    (
        _HIDING + _COMMENT + "    def f(self, a: source.B): pass\n",
        "would hide the source that the class uses in line 5",
    ),
    (
        _HIDING + _COMMENT + "    @source.f\n    def f(self): pass\n",
        "would hide the source that the class uses in line",
    ),
    (_HIDING + _COMMENT + "    def f(self): return source.B\n", ""),
    (_HIDING + "    b = source.c\n" + _COMMENT, ""),
    (_IMPORT + "class Base:\n" + _COMMENT + "    b = 1\n" + _ORDER, "source (line 3) belongs to base class Base: give"),
    (_BASE + _ORDER, "base class Base has the name source in line 3: give class_name Base"),
    (
        _BASE.replace("source =", "def source(self): return") + _ORDER + _COMMENT,
        "base class Base has the name source in",
    ),
]

# The heads of commented-out blocks, without the comment signs.
DEAD_HEADS: list[str] = [
    "class Exam(Base):",
    "class Exam:",
    "class Exam(Base):  # old",
    "class Exam(\n    Base,\n):",
    "@add\nclass Exam(Base):",
    "def make(row):",
    "def make(self, (a, b)):",
    "def make(\n    row,\n) -> None:",
    "async def make(row):",
    "if DEBUG:",
    "if (a and\n    b):",
    "elif a:",
    "else:",
    "try:",
    "except E:",
    "except E, e:",
    "finally:",
    "for a in b:",
    "async for a in b:",
    "while a:",
    "with a as b:",
]

# A whole file that cannot be read, and the sentence.
UNREADABLE: list[tuple[bytes, str]] = [
    (b"class A:\n    x = '\xff'\n", "cannot be read as Python source"),
    (b"# coding: nonsense\n", "cannot be read as Python source: unknown encoding"),
    (b"# coding: rot13\n", "cannot be read as Python source"),
    (b"# coding: punycode\nclass Order:\n    x = 1\n", "cannot be read as Python source"),
    (b"\xef\xbb\xbf# coding: latin-1\n", "cannot be read as Python source"),
    (b"\xff\xfec\x00l\x00", "cannot be read as Python source"),
    (b"# coding: utf-7\nx = '+AGE-'\n", "cannot be written back byte for byte in its encoding utf-7"),
    (b"class Order(:\n", "is no valid Python source"),
    (b"class Order:\n  x = 1\n y = 2\n", "is no valid Python source"),
    (b"class Order:\n\tx = 1\n        y = 2\n", "is no valid Python source"),
    (b"return 1\n", "is no valid Python source"),
    (b"print 'x'\n", "is no valid Python source for Python 3."),
    (b"class Order:\n    x = 1\n\x00", "null bytes"),
    (b"x = " + b"(" * 300 + b")" * 300 + b"\n", "is no valid Python source"),
    (b"x = " + b"-" * 100_000 + b"1\n", "nested too deeply"),
    (b"x = " + b"+".join([b"1"] * 50_000) + b"\n", "nested too deeply"),
    (b"x = a" + b".a" * 20_000 + b"\n", "nested too deeply"),
    (b"if a:\n    pass\n" + b"elif a:\n    pass\n" * 5_000, "nested too deeply"),
]
