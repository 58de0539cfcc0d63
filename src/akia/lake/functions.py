"""The functions of Trino that statements may use, and what each is called in DuckDB. A function that is not here is not there: this list
is what keeps files, settings and the catalogue out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "lake_"
"""Of the macros that stand for functions which DuckDB has differently, or not at all."""

_SAME = """
    abs acos asin atan atan2 cbrt ceil ceiling cos cosh degrees exp floor greatest isnan isfinite least ln log10 log2 mod pi pow power
    radians random round sign sin sinh sqrt tan tanh
    chr length lower lpad ltrim position replace reverse rpad rtrim split_part starts_with strpos substr substring translate trim upper
    url_decode url_encode from_base64 to_base64
    avg bool_and bool_or corr count count_if count_star covar_pop covar_samp histogram kurtosis max max_by min min_by regr_intercept
    regr_slope skewness stddev stddev_pop stddev_samp sum var_pop var_samp variance any_value
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    array_intersect flatten map map_concat map_entries map_from_entries map_keys map_values row
    if nullif typeof
    date_trunc day hour minute month now quarter second week year
    json_array_length regexp_extract_all
    to_microseconds to_milliseconds to_seconds to_minutes to_hours to_days to_weeks to_months to_quarters to_years trunc
"""
"""The last line is what the parser makes of INTERVAL."""

_RENAMED = {
    "approx_distinct": "approx_count_distinct",
    "approx_percentile": "approx_quantile",
    "arbitrary": "any_value",
    "array_agg": "list",
    "array_distinct": "list_distinct",
    "array_max": "list_max",
    "array_min": "list_min",
    "array_sort": "list_sort",
    "arrays_overlap": "list_has_any",
    "codepoint": "unicode",
    "contains": "list_contains",
    "date_diff": "date_sub",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "day_of_year": "dayofyear",
    "dow": "isodow",
    "doy": "dayofyear",
    "every": "bool_and",
    "filter": "list_filter",
    "format": "printf",
    "from_unixtime": "to_timestamp",
    "from_utf8": "decode",
    "geometric_mean": "geomean",
    "hamming_distance": "hamming",
    "is_nan": "isnan",
    "last_day_of_month": "last_day",
    "levenshtein_distance": "levenshtein",
    "listagg": "string_agg",
    "rand": "random",
    "regexp_like": "regexp_matches",
    "regexp_split": "string_split_regex",
    "sequence": "generate_series",
    "split": "string_split",
    "to_hex": "hex",
    "to_unixtime": "epoch",
    "to_utf8": "encode",
    "transform": "list_transform",
    "truncate": "trunc",
    "week_of_year": "week",
    "year_of_week": "isoyear",
    "yow": "isoyear",
    "zip": "list_zip",
}

DATE_FORMATS: Mapping[str, str] = {
    "M": "%B", "i": "%M", "s": "%S", "h": "%I", "k": "%-H", "l": "%-I", "r": "%I:%M:%S %p", "T": "%H:%M:%S", "W": "%A", "e": "%-d",
    "c": "%-m", "v": "%V", "x": "%G", "w": "%w",
} | {same: f"%{same}" for same in ("a", "b", "d", "f", "H", "I", "j", "m", "p", "S", "Y", "y", "%")}  # fmt: skip
"""The letters behind `%` in formats of dates, which Trino has from MySQL, and what they are to DuckDB."""
MAP_MAKERS = frozenset({"map", "map_agg", "map_concat", "map_from_entries", "histogram"})

_GUARDED = "CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN {} END"
_SCALAR = "coalesce(json_type({}), 'OBJECT') NOT IN ('OBJECT', 'ARRAY')"
_EXTRACTED_SCALAR = f"CASE WHEN {_SCALAR.format('CAST(j AS JSON), p')} THEN json_extract_string(CAST(j AS JSON), p) END"
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_INTERVAL = "CASE lower(u) " + " ".join(f"WHEN '{unit}' THEN to_{unit}s(CAST(n AS INTEGER))" for unit in _UNITS) + " END"

MACROS: Mapping[str, tuple[str, ...]] = {
    "array_except": ("(a, b) AS list_distinct(list_filter(a, lambda x: NOT list_contains(b, x)))",),
    "array_join": (
        "(a, d) AS array_to_string(a, d)",
        "(a, d, n) AS array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), d)",
    ),
    "array_position": ("(a, x) AS coalesce(list_position(a, x), 0)",),
    "array_remove": ("(a, v) AS list_filter(a, lambda x: x <> v)",),
    "array_union": ("(a, b) AS list_distinct(list_concat(a, b))",),
    "at_timezone": ("(t, z) AS timezone(z, CAST(t AS TIMESTAMP WITH TIME ZONE))",),
    "date": ("(t) AS CAST(t AS DATE)",),
    "date_add": (f"(u, n, t) AS t + {_INTERVAL}",),
    "element_at": ("(c, k) AS c[k]",),
    "from_iso8601_date": ("(s) AS CAST(s AS DATE)",),
    "from_iso8601_timestamp": ("(s) AS CAST(s AS TIMESTAMP WITH TIME ZONE)",),
    "is_json_scalar": (f"(j) AS {_SCALAR.format('CAST(j AS JSON)')}",),
    "json_array_contains": ("(j, v) AS list_contains(CAST(CAST(j AS JSON) AS VARCHAR[]), CAST(v AS VARCHAR))",),
    "json_array_get": ("(j, i) AS json_extract(CAST(j AS JSON), '$[' || CASE WHEN i < 0 THEN '#' ELSE '' END || i || ']')",),
    "json_extract": (f"(j, p) AS {_GUARDED.format('json_extract(CAST(j AS JSON), p)')}",),
    "json_extract_scalar": (f"(j, p) AS {_GUARDED.format(_EXTRACTED_SCALAR)}",),
    "json_format": ("(j) AS CAST(j AS VARCHAR)",),
    "json_parse": ("(s) AS CAST(s AS JSON)",),
    "map_agg": ("(k, v) AS map(list(k), list(v))",),
    "millisecond": ("(t) AS millisecond(t) % 1000",),
    "regexp_count": ("(s, p) AS len(regexp_extract_all(s, p))",),
    "regexp_extract": (
        "(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END",
        "(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END",
    ),
    "regexp_replace": (
        "(s, p) AS regexp_replace(s, p, '', 'g')",
        r"(s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g')",
    ),
    "slice": ("(a, s, n) AS array_slice(a, s, s + n - 1)",),
    "to_iso8601": ("(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g')",),
    "with_timezone": ("(t, z) AS timezone(z, t)",),
}
"""Their parameters and bodies, one for each number of parameters."""

FUNCTIONS: Mapping[str, str] = {name: name for name in _SAME.split()} | _RENAMED | {name: PREFIX + name for name in MACROS}
"""What a function of Trino is called here."""

OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "||", "~~", "!~~", "like_escape", "not_like_escape"})
"""`//` is what the parser makes of `/`, which divides whole numbers without a rest."""
