"""Statements before and after they are parsed: which stores they name, what Trino's words become, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from akia.lake import schema
from akia.lake.functions import FUNCTIONS, PREFIX
from akia.lake.samples import SAMPLES, STORE, searched
from akia.lake.statement import StatementError, prepared, quoted, stores_in, with_parameters
from akia.lake.translation import words
from akia.lake.values import shown
from akia.querying.child import close_outside, opened, text_of, tree_of
from akia.querying.question import Question, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.covers("I5.lake.sql")

ONE = "11111111-2222-3333-4444-555555555555"
TWO = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
TABLES = (Table(ONE), Table(TWO))


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """`ask("SELECT ...")`: the rows of a statement of Trino's, over stores without events, as a query's process would execute it."""
    connection = opened(Question("", TABLES))
    for store in (ONE, TWO):
        connection.execute(f'CREATE TABLE "{store}" (eventName VARCHAR, eventTime TIMESTAMP, requestParameters MAP(VARCHAR, VARCHAR))')
    close_outside(connection)

    def answer(statement: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = connection.execute(text_of(connection, tree_of(connection, Question(statement, TABLES)))).fetchall()
        return rows

    yield answer
    connection.close()


# Which stores a statement names


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"SELECT * FROM {ONE}", [ONE]),
        (f"SELECT * FROM {ONE.upper()}", [ONE]),
        (f'SELECT * FROM "{ONE}"', [ONE]),
        (f"SELECT * FROM {ONE} a JOIN {TWO} b ON a.eventID = b.eventID", [ONE, TWO]),
        (f"SELECT * FROM {TWO} UNION SELECT * FROM {ONE} UNION SELECT * FROM {TWO}", [TWO, ONE]),
        (f"SELECT '{ONE}' FROM {TWO}", [TWO]),
        (f"SELECT 1 -- {ONE}\nFROM {TWO} /* {ONE} */", [TWO]),
        (f"SELECT * FROM x{ONE}", []),
        (f"SELECT * FROM {ONE}-1", []),
        ("SELECT 1", []),
        ("", []),
    ],
)
def test_a_statement_names_stores_outside_of_texts_and_comments(statement: str, named: list[str]) -> None:
    assert stores_in(statement) == named


def test_what_trino_writes_otherwise_is_rewritten() -> None:
    assert prepared(f"SELECT a FROM {ONE} ; ") == f'SELECT a FROM "{ONE}"'
    assert prepared("SELECT CAST(a AS array(varchar)), ARRAY[1], 'array(x)'") == "SELECT CAST(a AS varchar[]), ARRAY[1], 'array(x)'"
    assert prepared("SELECT CAST(a AS array( array (bigint) ))") == "SELECT CAST(a AS  bigint[] [])"


@pytest.mark.parametrize(
    "statement", ["SELECT $1", "SELECT 'a", 'SELECT "a', "SELECT {'a': 1}", "SELECT $$x$$", "SELECT `a`", "SELECT \x00"]
)
def test_characters_that_trino_has_no_use_for_are_refused(statement: str) -> None:
    with pytest.raises(StatementError, match="Unexpected character"):
        prepared(statement)


def test_parameters_become_texts_whatever_they_hold() -> None:
    assert with_parameters("a = ? AND b = '?' AND c = ?", ["x", "it's; --"]) == "a = 'x' AND b = '?' AND c = 'it''s; --'"
    for wrong in ([], ["1", "2"]):
        with pytest.raises(StatementError):
            with_parameters("a = ?", wrong)
    assert quoted("'") == "''''"


# Functions


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("cardinality(map(array['a'], array[1]))", 1),
        ("cardinality(map_keys(map(array['a'], array[1])))", 1),
        ("cardinality(array[1, 2])", 2),
        ("element_at(map(array['a'], array[1]), 'a')", 1),
        ("element_at(map(array['a'], array[1]), 'b')", None),
        ("element_at(array[1, 2], 5)", None),
        ("date_add('day', -7, timestamp '2020-01-10 00:00:00')", datetime(2020, 1, 3)),  # noqa: DTZ001 - a timestamp without a zone
        ("date_diff('day', timestamp '2020-01-01 12:00:00', timestamp '2020-01-03 11:00:00')", 1),
        ("date_format(timestamp '2020-01-10 13:04:05', '%Y-%m-%d %H:%i:%s %M')", "2020-01-10 13:04:05 January"),
        ("date_parse('2020-01-10 13:04', '%Y-%m-%d %H:%i')", datetime(2020, 1, 10, 13, 4)),  # noqa: DTZ001
        ("date_trunc('hour', timestamp '2020-01-01 10:30:00')", datetime(2020, 1, 1, 10)),  # noqa: DTZ001
        ("timestamp '2020-01-01 10:00:00' at time zone 'America/New_York'", datetime(2020, 1, 1, 5)),  # noqa: DTZ001
        ("date('2020-01-01')", date(2020, 1, 1)),
        ("to_iso8601(timestamp '2020-01-01 10:00:00')", "2020-01-01T10:00:00.000"),
        ("from_iso8601_timestamp('2020-01-01T10:00:00Z') < now()", True),
        ("extract(dow from date '2020-01-05')", 7),
        ("day_of_week(date '2020-01-05')", 7),
        ("millisecond(timestamp '2020-01-01 10:00:03.250')", 250),
        ("now() - interval '1' day < current_timestamp", True),
        ("json_extract_scalar('{\"a\":{\"b\":1}}', '$.a.b')", "1"),
        ("json_extract_scalar('{\"a\":{\"b\":1}}', '$.a')", None),
        ("json_extract_scalar('no json', '$.a')", None),
        ("json_extract('{\"a\":[1]}', '$.a[0]')", "1"),
        ("json_array_contains('[1,2]', 2)", True),
        ("json_array_get('[1,2]', -1)", "2"),
        ("json_array_length('[1,2]')", 2),
        ("json_format(json_parse('{\"a\":1}'))", '{"a":1}'),
        ("is_json_scalar('1')", True),
        ("is_json_scalar('[1]')", False),
        ("regexp_like('abc', 'b')", True),
        ("regexp_extract('abc', '(b)(c)', 2)", "c"),
        ("regexp_extract('abc', 'x')", None),
        ("regexp_replace('abcb', '(b)', '[$1]')", "a[b]c[b]"),
        ("concat('a', null, 'b')", None),
        ("concat('a', 'b', cast(1 as varchar))", "ab1"),
        ("any_match(array[1, 2], x -> x > 1)", True),
        ("all_match(array[1, 2], x -> x > 1)", False),
        ("none_match(array[1, 2], x -> x > 5)", True),
        ("filter(array[1, 2, 3], x -> x > 1)", [2, 3]),
        ("transform(array[1, 2], x -> x * 10)", [10, 20]),
        ("array_join(array['a', null, 'b'], ',', '-')", "a,-,b"),
        ("array_distinct(array[1, 1])", [1]),
        ("array_max(array[1, 2])", 2),
        ("contains(array['a'], 'a')", True),
        ("slice(array[1, 2, 3], 2, 2)", [2, 3]),
        ("split('a,b', ',')[2]", "b"),
        ("split_part('a:b', ':', 2)", "b"),
        ("strpos('abc', 'c')", 3),
        ("substr('abc', 1, 2)", "ab"),
        ("url_decode('a%20b')", "a b"),
        ("5 / 2", 2),
        ("cast(5 as double) / 2", 2.5),
        ("if(true, 1, 2)", 1),
        ("try(1 / 0)", None),
        ("try_cast('x' as integer)", None),
        ("coalesce(null, nullif(1, 1), 3)", 3),
        ("greatest(1, 2)", 2),
        ("case when 1 in (1, 2) and 'a' like 'a%' then 'yes' end", "yes"),
        ("1 is not distinct from 1", True),
        ("cast(row(1, 'x') as row(a bigint, b varchar)).b", "x"),
        ("levenshtein_distance('a', 'b')", 1),
        ("format('%s-%d', 'a', 3)", "a-3"),
    ],
)
def test_expressions_mean_what_they_mean_to_trino(ask: Any, expression: str, value: Any) -> None:
    assert ask(f"SELECT {expression}") == [(value,)]


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SELECT x, row_number() OVER (ORDER BY x DESC) FROM (VALUES (1), (2)) t (x)", [(2, 1), (1, 2)]),
        ("SELECT count(DISTINCT x) FILTER (WHERE x > 1), approx_distinct(x) FROM (VALUES (1), (2)) t (x)", [(1, 2)]),
        ("SELECT max_by(x, x), array_agg(x ORDER BY x DESC), map_agg(x, x) FROM (VALUES (1), (2)) t (x)", [(2, [2, 1], {1: 1, 2: 2})]),
        ("SELECT n, o FROM UNNEST(array[5, 6]) WITH ORDINALITY t (n, o)", [(5, 1), (6, 2)]),
        ("WITH a AS (SELECT 1 x), b AS (SELECT x FROM a) SELECT x FROM b UNION ALL SELECT 2 ORDER BY 1 DESC LIMIT 1", [(2,)]),
        ("SELECT a.x FROM (VALUES (1)) a (x) LEFT JOIN (VALUES (2)) b (x) ON a.x = b.x WHERE b.x IS NULL", [(1,)]),
        ("SELECT x FROM (VALUES (1), (2)) t (x) WHERE x IN (SELECT 2) AND EXISTS (SELECT 1)", [(2,)]),
        (
            "SELECT x, count(*) FROM (VALUES (1), (1)) t (x) GROUP BY ROLLUP (x) HAVING count(*) > 1 ORDER BY x NULLS LAST",
            [(1, 2), (None, 2)],
        ),
        ("(SELECT 1) EXCEPT (SELECT 2)", [(1,)]),
        ("SELECT 1 INTERSECT SELECT 1", [(1,)]),
        (f"SELECT count(*) FROM {ONE} a, {TWO} b WHERE a.eventName = b.eventName", [(0,)]),
        (f"SELECT count(*) FROM {ONE} WHERE eventTime > '2023-01-01 00:00:00' AND cardinality(requestParameters) > 0", [(0,)]),
    ],
)
def test_statements_of_every_form(ask: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
    assert ask(statement) == rows


def test_every_function_is_there(ask: Any) -> None:
    connection = opened(Question("", ()))
    there = {row[0] for row in connection.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()}
    assert set(FUNCTIONS.values()) - there == set()
    assert {name for name in there if name.startswith(PREFIX)} <= set(FUNCTIONS.values())
    connection.close()


def test_columns_without_a_name_are_named_by_their_place() -> None:
    connection = opened(Question("", ()))
    for statement in ("SELECT 1, 2 AS b, count(*)", "SELECT 1, 2 AS b, 3 UNION SELECT 4, 5, 6"):
        result = connection.execute(text_of(connection, tree_of(connection, Question(statement, ()))))
        assert [column[0] for column in result.description or ()] == ["_col0", "b", "_col2"]
    connection.close()


def test_only_the_columns_that_a_statement_asks_for_are_loaded() -> None:
    connection = opened(Question("", ()))

    def asked(statement: str) -> set[str] | None:
        return words(tree_of(connection, Question(statement, TABLES)))

    named = asked(f"SELECT userIdentity.arn FROM {ONE} a JOIN {TWO} b USING (requestID) WHERE lower(EVENTNAME) = 'x'")
    assert set(schema.needed(False, named)) == {"eventName", "eventID", "userIdentity", "requestID"}
    assert set(schema.needed(False, asked(f"SELECT count(*) FROM {ONE}"))) == {"eventID"}
    for everything in (f"SELECT * FROM {ONE}", f"SELECT a.* FROM {ONE} a", f"SELECT a.eventID FROM {ONE} a NATURAL JOIN {TWO} b"):
        assert asked(everything) is None
    assert set(schema.needed(True, None)) == set(schema.ACTIVITY)
    connection.close()


# Values


def test_values_are_shown_as_trino_shows_them() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert shown(moment) == "2026-01-02 03:04:05.678 UTC"
    assert shown(moment.replace(tzinfo=None)) == "2026-01-02 03:04:05.678"
    assert shown({"a": "b", "c": None, "d": [True, 1]}) == "{a=b, c=null, d=[true, 1]}"
    assert shown(date(2026, 1, 2)) == "2026-01-02"
    assert shown(2.5) == "2.5"
    assert shown(moment - datetime(2025, 12, 31, tzinfo=UTC)) == "2 03:04:05.678"
    assert shown(b"\x01\x02") == "01 02"
    assert shown((1, None)) == "{1, null}"


def test_contested_nothing_is_the_empty_text() -> None:
    assert shown(None) == ""


# Samples


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.alias)
def test_every_sample_is_a_query_that_can_be_run(sample: Any) -> None:
    connection = opened(Question("", ()))
    tree_of(connection, Question(sample.sql.replace(STORE, ONE), (Table(ONE),)))
    assert len(sample.parameters) == len(sample.examples) == sample.template.count("?")
    connection.close()


def test_samples_are_found_by_what_they_are_about() -> None:
    assert next(sample.alias for sample, _ in searched("created access keys")) == "CreatedKeys"
    assert next(sample.alias for sample, _ in searched("Show me the root user")) == "RootActivity"
    assert searched("zebra") == []
    assert all(0 < relevance <= 1 for _, relevance in searched("calls of a user"))
