"""Where the parts of a document stand in its text (AC12.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.policy.positions import Position, Span, name_positions, positions, statements
from akia.policy.strict_json import NotJson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count, inner))


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_value_is_found_where_it_stands(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = positions(text)
    assert len(found) == count(value)
    for path, span in found.items():
        assert json.loads(span.of(text)) == at(value, path)


@given(VALUES)
def test_every_name_is_found_where_it_stands(value: Any) -> None:
    text = json.dumps(value, indent=2)
    assert {path: json.loads(span.of(text)) for path, span in name_positions(text).items()} == {
        path: path[-1] for path in positions(text) if path and isinstance(path[-1], str)
    }


@given(VALUES)
def test_lines_and_columns_lead_to_the_offset(value: Any) -> None:
    text = json.dumps(value, indent=1)
    lines = text.split("\n")
    for span in positions(text).values():
        for place in span:
            assert sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column == place.offset


def test_the_end_is_behind_the_last_character() -> None:
    assert positions('{"a":\n 12}')[("a",)] == Span(Position(2, 1, 7), Position(2, 3, 9))


@pytest.mark.parametrize(
    ("text", "count_"), [('{"Statement":[{},{}]}', 2), ('{"Statement":{}}', 1), ('{"Statement":[]}', 0), ('{"Id":"x"}', 0)]
)
def test_statements_stand_alone_or_in_a_list(text: str, count_: int) -> None:
    assert [span.of(text) for span in statements(text)] == ["{}"] * count_


def test_many_statements_stay_in_order() -> None:
    text = json.dumps({"Statement": [{"Sid": str(number)} for number in range(12)]})
    assert [json.loads(span.of(text))["Sid"] for span in statements(text)] == [str(number) for number in range(12)]


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "[" * 100_000])
def test_what_is_not_json_has_no_positions(text: str) -> None:
    with pytest.raises(NotJson):
        positions(text)
