"""The text that Prometheus reads. Prometheus' own parser reads it in tests/clients."""

from __future__ import annotations

import re

import pytest

from akia.metrics.exposition import FAMILIES, Sample, exposition
from akia.metrics.requests import BOUNDS, THROTTLED, RequestCounts

LINE = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.e+-]+|\+Inf)')


def test_families_come_in_order_each_with_its_type_and_meaning() -> None:
    text = exposition([Sample("process_open_fds", (), 7), Sample("akia_info", (("version", "1"),), 1), Sample("process_open_fds", (), 8)])
    assert text.decode().splitlines() == [
        "# HELP akia_info The version that runs.",
        "# TYPE akia_info gauge",
        'akia_info{version="1"} 1',
        "# HELP process_open_fds Open file descriptors.",
        "# TYPE process_open_fds gauge",
        "process_open_fds 7",
        "process_open_fds 8",
    ]


def test_what_labels_may_not_hold_as_it_is_is_escaped() -> None:
    told = exposition([Sample("akia_info", (("version", 'a"b\\c\nd'),), 1)]).decode().splitlines()[-1]
    assert told == 'akia_info{version="a\\"b\\\\c\\nd"} 1'
    assert LINE.fullmatch(told)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (3.0, "3"), (0.25, "0.25"), (1e-7, "1e-07"), (True, "1"), (2**60, str(2**60))])
def test_numbers_are_as_prometheus_reads_them(value: float, text: str) -> None:
    assert exposition([Sample("akia_info", (), value)]).decode().splitlines()[-1] == f"akia_info {text}"


def test_a_histogram_adds_up_and_ends_with_infinity() -> None:
    counts = RequestCounts()
    for seconds in (0.0, BOUNDS[0], 0.003, 0.2, 99.0):
        counts.count(("iam", "Read", "ok"), seconds)
    samples = list(counts.samples())
    buckets = [sample.value for sample in samples if sample.name == "akia_request_seconds_bucket"]
    assert len(buckets) == len(BOUNDS) + 1
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[-1]) == (2, 5)  # a bound belongs to its bucket
    told = {sample.name: sample.value for sample in samples}
    assert told["akia_requests_total"] == told["akia_request_seconds_count"] == 5
    assert told["akia_request_seconds_sum"] == pytest.approx(99.2035)
    assert all(LINE.fullmatch(line) for line in exposition(samples).decode().splitlines() if line[0] != "#")


def test_outcomes_are_counted_apart_and_added_up() -> None:
    counts = RequestCounts()
    for kind in (("iam", "Read", "ok"), ("unknown", "unknown", THROTTLED), ("sts", "Read", THROTTLED)):
        counts.count(kind, 0.001)
    assert counts.total(THROTTLED) == 2
    assert sum(sample.value for sample in counts.samples() if sample.name == "akia_requests_total") == 3


def test_every_family_says_what_it_means() -> None:
    assert all(kind in {"counter", "gauge", "histogram"} and meaning.endswith(".") for kind, meaning in FAMILIES.values())
    assert all((kind == "counter") == name.endswith("_total") for name, (kind, _) in FAMILIES.items())
