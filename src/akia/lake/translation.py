"""From Trino's SQL to DuckDB's, over the syntax tree that DuckDB's parser has made of a statement. What is not known here is refused: kinds
of nodes, functions, tables, types. What is executed is written from the tree that was checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia.lake.functions import DATE_FORMATS, FUNCTIONS, MAP_MAKERS, OPERATORS
from akia.lake.schema import MAP_FIELDS
from akia.lake.statement import StatementError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

Node = dict[str, Any]

_NODES = frozenset({
    "SELECT_NODE", "SET_OPERATION_NODE",
    "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST",
    "ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
    "COLUMN_REF", "VALUE_CONSTANT", "FUNCTION", "STAR", "LAMBDA", "TYPE",
    "CONJUNCTION_AND", "CONJUNCTION_OR", "CASE_EXPR", "OPERATOR_CAST",
    "COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO", "COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN", "COMPARE_IN", "COMPARE_NOT_IN", "COMPARE_DISTINCT_FROM",
    "COMPARE_NOT_DISTINCT_FROM",
    "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "OPERATOR_NULLIF", "OPERATOR_TRY",
    "ARRAY_EXTRACT", "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT", "GROUPING_FUNCTION",
    "WINDOW_AGGREGATE", "WINDOW_RANK", "WINDOW_RANK_DENSE", "WINDOW_NTILE", "WINDOW_PERCENT_RANK", "WINDOW_CUME_DIST",
    "WINDOW_ROW_NUMBER", "WINDOW_FIRST_VALUE", "WINDOW_LAST_VALUE", "WINDOW_LEAD", "WINDOW_LAG", "WINDOW_NTH_VALUE",
})  # fmt: skip
_TYPES = frozenset({
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "REAL", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "CHAR", "VARBINARY",
    "BLOB", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE", "INTERVAL", "JSON", "MAP", "STRUCT", "ROW",
    "LIST",
})  # fmt: skip
_JOINS = frozenset({"REGULAR", "CROSS", "NATURAL"})
_TABLE_FUNCTION = "stands for a table"
_NAME = re.compile(r"(?!duckdb|pg_|sqlite|pragma|information_schema|lake_)[a-z_][a-z0-9_]*", re.ASCII | re.IGNORECASE)
_UNWANTED = {"sample": "TABLESAMPLE", "qualify": "QUALIFY", "at_clause": "AT", "ranking_expression": "this kind of join"}


def translated(tree: Node, stores: Collection[str]) -> Node:
    """The tree of what DuckDB is to execute, of the tree of a statement that may read the tables `stores`. Raises StatementError."""
    statements = tree.get("statements", ())
    if len(statements) != 1:
        raise StatementError("Exactly one statement is allowed.")
    if statements[0].get("named_param_map"):
        raise StatementError("Parameters are not allowed in a statement.")
    names = {name.lower() for name in _common_tables(tree)}
    for name in names:
        if not _NAME.fullmatch(name):
            raise StatementError(f"The name {name!r} cannot be given to a query.")
    translation = _Translation({store.lower() for store in stores} | names)
    done = {**tree, "statements": [{**statements[0], "node": translation.of(statements[0]["node"])}]}
    _name_columns(done["statements"][0]["node"])
    return done


def words(tree: Any) -> set[str] | None:
    """Every text in the tree, in small letters: the columns that it asks for are among them. None if it asks for all of them."""
    found: set[str] = set()
    for node in _nodes(tree):
        if node.get("type") == "STAR" or node.get("ref_type") == "NATURAL":
            return None
        for value in node.values():
            found.update(each.lower() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))
    return found


def _nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _common_tables(tree: Node) -> Iterator[str]:
    for node in _nodes(tree):
        if isinstance(node.get("cte_map"), dict):
            yield from (entry["key"] for entry in node["cte_map"].get("map", ()))


class _Translation:
    def __init__(self, tables: Collection[str]) -> None:
        """`tables` are the names, in small letters, that may stand where a table does."""
        self._tables = tables

    def of(self, tree: Any) -> Any:
        if isinstance(tree, list):
            return [self.of(value) for value in tree]
        if not isinstance(tree, dict):
            return tree
        self._check(tree)
        done = {name: self.of(value) for name, value in tree.items()}
        if done.get("type") == "LAMBDA":
            done["syntax_type"] = "LAMBDA_KEYWORD"
        return _called(done) if "function_name" in done else done

    def _check(self, node: Node) -> None:
        kind = node.get("type")
        if isinstance(kind, str) and kind not in _NODES:
            raise StatementError(f"{kind.replace('_', ' ').capitalize()} is not supported.")
        for name, words_for in _UNWANTED.items():
            if node.get(name) is not None:
                raise StatementError(f"{words_for} is not supported.")
        path = node.get("qualified_name", {}).get("path", ())
        if len(path) > 1 or any(node.get(name) for name in ("catalog", "schema", "catalog_name", "schema_name")):
            raise StatementError("Catalogs and schemas are not supported: a table is the ID of an event data store.")
        check = _CHECKS.get(kind) if isinstance(kind, str) else None
        if check is not None:
            check(self, node)

    def _check_table(self, node: Node) -> None:
        name = node["table_name"].lower()
        if node["qualified_name"]["path"] != [node["table_name"]] or name not in self._tables:
            raise StatementError(f"The table {node['table_name']} does not exist: a table is the ID of an event data store.")

    def _check_table_function(self, node: Node) -> None:
        if node["function"].get("function_name") != "unnest":
            raise StatementError("Table functions are not supported, but for UNNEST.")
        node["function"][_TABLE_FUNCTION] = True

    def _check_join(self, node: Node) -> None:
        if node["ref_type"] not in _JOINS:
            raise StatementError(f"A {node['ref_type'].lower()} join is not supported.")

    def _check_type(self, node: Node) -> None:
        if node["type_name"].upper() not in _TYPES:
            raise StatementError(f"Unknown type: {node['type_name']}")

    def _check_star(self, node: Node) -> None:
        plain = not any(value for name, value in node.items() if name not in _PLAIN_STAR)
        if not plain:
            raise StatementError("Only * and name.* are supported.")


_PLAIN_STAR = frozenset({"class", "type", "alias", "query_location", "query_location_length", "relation_name"})
_CHECKS = {
    "BASE_TABLE": _Translation._check_table,
    "TABLE_FUNCTION": _Translation._check_table_function,
    "JOIN": _Translation._check_join,
    "TYPE": _Translation._check_type,
    "STAR": _Translation._check_star,
}


def _called(node: Node) -> Node:
    """A call of a function, by the name that it has here. Raises StatementError."""
    name = node["function_name"].lower()
    if node.pop(_TABLE_FUNCTION, False):
        return node
    if node.get("is_operator"):
        if name not in OPERATORS:
            raise StatementError(f"The operator {name} is not supported.")
        return node
    if any(argument.get("name") for argument in node.get("arguments", ()) if isinstance(argument, dict)):
        raise StatementError("Named arguments are not supported.")
    special = _SPECIAL.get(name)
    if special is not None:
        _require_arguments(node, *special[1:])
        return special[0](node)
    if name not in FUNCTIONS:
        raise StatementError(f"Function '{name}' not registered")
    return _renamed(node, FUNCTIONS[name])


def _renamed(node: Node, name: str) -> Node:
    return node | {"function_name": name} | ({"qualified_name": {"path": [name]}} if "qualified_name" in node else {})


def _require_arguments(node: Node, least: int, most: int) -> None:
    given = len(node["arguments"])
    if not least <= given <= most:
        raise StatementError(f"Unexpected number of arguments for {node['function_name']}: {given}")


def _concat(node: Node) -> Node:
    """With `||`, which is null if any part is, and joins lists too: DuckDB's `concat` skips nulls."""
    first, *rest = [argument["expression"] for argument in node["arguments"]]
    for part in rest:
        operands = [{"name": "", "expression": first}, {"name": "", "expression": part}]
        first = _renamed(node, "||") | {"is_operator": True, "arguments": operands, "alias": ""}
    return first | {"alias": node["alias"]} if isinstance(first, dict) else node


def _date_part(node: Node) -> Node:
    """EXTRACT. Trino's week begins on Monday, with 1."""
    unit = node["arguments"][0]["expression"].get("literal", {})
    text = str(unit.get("text", "")).lower()
    iso = {"dow": "isodow", "day_of_week": "isodow", "doy": "doy", "day_of_year": "doy", "yow": "isoyear", "year_of_week": "isoyear"}
    unit["text"] = iso.get(text, text)
    return node


def _time_zone(node: Node) -> Node:
    """AT TIME ZONE: the same moment as the clocks there show it. What has no zone is in UTC."""
    zone, moment = node["arguments"]
    return _renamed(node, "lake_at_timezone") | {"arguments": [moment, zone]}


def _some_match(node: Node) -> Node:
    """How many elements a condition holds for, compared with none or all."""
    name = node["function_name"].lower()
    array = node["arguments"][0]["expression"]
    holds = _call(node, "list_filter", *(argument["expression"] for argument in node["arguments"]))
    count = _call(node, "len", holds)
    other = _call(node, "len", array) if name == "all_match" else _zero(node)
    kind = "COMPARE_NOTEQUAL" if name == "any_match" else "COMPARE_EQUAL"
    return _place(node) | {"class": "COMPARISON", "type": kind, "left": count, "right": other, "alias": node["alias"]}


def _call(like: Node, name: str, *arguments: Node) -> Node:
    return _renamed(like, name) | {"arguments": [{"name": "", "expression": each} for each in arguments], "alias": ""}


def _zero(like: Node) -> Node:
    return _place(like) | {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": "INTEGER", "text": "0"}}


def _place(node: Node) -> Node:
    return {name: node[name] for name in ("query_location", "query_location_length") if name in node}


def _cardinality(node: Node) -> Node:
    """Of a map or of a list: DuckDB counts them by two names, and a tree knows no types. What is neither named nor made like a map is
    taken for a list."""
    counted = node["arguments"][0]["expression"]
    column = counted["column_names"][-1].lower() if counted["type"] == "COLUMN_REF" else ""
    is_map = column in MAP_FIELDS or counted.get("function_name", "").removeprefix("lake_") in MAP_MAKERS
    return _renamed(node, "cardinality" if is_map else "len")


def _date_format(node: Node) -> Node:
    _, form = node["arguments"]
    literal = form["expression"].get("literal", {})
    if literal.get("kind") != "STRING":
        raise StatementError(f"The format of {node['function_name']} must be a text.")
    form["expression"]["literal"] = literal | {"text": _date_letters(literal["text"])}
    return _renamed(node, "strftime" if node["function_name"].lower() == "date_format" else "strptime")


def _date_letters(form: str) -> str:
    def letter(match: re.Match[str]) -> str:
        if match[1] not in DATE_FORMATS:
            raise StatementError(f"%{match[1]} is not supported in a format of dates.")
        return DATE_FORMATS[match[1]]

    return re.sub(r"%(.|$)", letter, form, flags=re.DOTALL)


_SPECIAL: Mapping[str, tuple[Callable[[Node], Node], int, int]] = {
    "all_match": (_some_match, 2, 2),
    "any_match": (_some_match, 2, 2),
    "cardinality": (_cardinality, 1, 1),
    "concat": (_concat, 2, 127),
    "date_format": (_date_format, 2, 2),
    "date_parse": (_date_format, 2, 2),
    "date_part": (_date_part, 2, 2),
    "none_match": (_some_match, 2, 2),
    "timezone": (_time_zone, 2, 2),
}
"""Functions that need more than another name, and how many arguments each takes."""


def _name_columns(node: Node) -> None:
    """Columns without a name are called `_col0`, `_col1`... by their place, as Trino does."""
    while node.get("type") == "SET_OPERATION_NODE":
        node = (node.get("children") or [node.get("left")])[0]
    for number, column in enumerate(node.get("select_list", ())):
        if not column["alias"] and column["type"] not in ("COLUMN_REF", "STAR"):
            column["alias"] = f"_col{number}"
