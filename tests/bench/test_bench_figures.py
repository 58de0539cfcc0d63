from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from bench.chart import draw
from bench.figures import Figures, Results, percentile, summarize
from bench.load import Run
from bench.targets import FSYNC, TARGETS, judge
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bench import report

SVG = "{http://www.w3.org/2000/svg}"


def results() -> Results:
    found = Results(values={FSYNC: 0.0002, "start-up of akia (s)": 1.5}, failures={"keys": "refused: 403 <Error>"}, machine={"at": "now"})
    for server, cpu, rate in (
        ("floor", 50.0, 20_000.0),
        ("akia", 100.0, 10_000.0),
        ("moto", 3_000.0, 300.0),
        ("ministack", 600.0, 1_600.0),
    ):
        found.add("GetUser", server, Figures(cpu, rate, 1.0, 2.0, 1000, cold_cpu_us=cpu * 2))
    found.add("verify+authorize among keys", "1000000", Figures(120.0, 9_000.0, 1.0, 2.0, 1000))
    return found


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.floats(1, 100))
def test_percentile_is_the_smallest_value_that_covers_the_share(values: list[int], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-9
    assert sum(value < found for value in values) < len(values) * percent / 100 + 1e-9


def test_percentiles_of_a_hundred() -> None:
    hundred = list(range(100, 0, -1))
    assert [percentile(hundred, percent) for percent in (0, 1, 50, 99, 100)] == [1, 1, 50, 99, 100]


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_summary_takes_medians_of_runs_and_latencies_of_all_requests() -> None:
    runs = [Run(seconds=1.0, latencies=[0.001] * 10, cpu=10 * cpu * 1e-6) for cpu in (100, 900, 120)]
    seen = summarize([*runs[:2], Run(2.0, [0.001] * 9 + [0.5], 10 * 120e-6)], cold=Run(1.0, [0.1] * 4, 0.004))
    assert seen.cpu_us == pytest.approx(120)
    assert seen.rate == pytest.approx(10)
    assert (seen.p50_ms, seen.p99_ms, seen.requests) == (1.0, 500.0, 30)
    assert seen.cold_cpu_us == pytest.approx(1000)


def test_targets_tell_met_from_missed_in_both_directions() -> None:
    verdicts = {verdict.target.text: verdict for verdict in judge(results())}
    cpu = verdicts["GetUser: CPU per request beside the floor's"]
    assert (cpu.seen, cpu.met, cpu.stretched) == (2.0, True, False)
    moto = verdicts["GetUser: rate beside moto's"]
    assert (round(moto.seen, 2), moto.met, moto.stretched) == (33.33, True, False)
    assert not verdicts["GetUser: rate beside ministack's"].met
    assert not verdicts["First answer after the start, on existing data"].met


def test_what_was_not_measured_has_no_verdict() -> None:
    assert len(judge(results())) == 4
    assert judge(Results()) == []


def test_every_target_has_its_own_words() -> None:
    assert len({target.text for target in TARGETS}) == len(TARGETS) == 23


@pytest.mark.covers("I2.bench.results")
def test_the_chart_is_well_formed_and_has_a_bar_for_each_figure() -> None:
    found = results()
    found.add("<a> & b", "floor", Figures(50.0, 1.0, 1.0, 1.0, 1))
    root = ET.fromstring(draw(found))
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}rect")) == 6
    texts = [text.text for text in root.findall(f".//{SVG}text")]
    assert {"GetUser", "<a> & b", "1,000,000", "3,000 µs · 300/s"} <= set(texts)


def test_bars_grow_with_the_cost_and_stay_inside() -> None:
    root = ET.fromstring(draw(results()))
    lengths = [float(bar.attrib["width"]) for bar in root.findall(f".//{SVG}rect")]
    floor, akia, moto, ministack, _ = lengths
    assert floor < akia < ministack < moto
    assert moto + 150 <= float(root.attrib["width"])


def test_a_chart_of_nothing_is_still_a_chart() -> None:
    assert ET.fromstring(draw(Results())).tag == f"{SVG}svg"


@pytest.mark.covers("I2.bench.results")
def test_the_report_says_what_was_missed_and_by_how_much() -> None:
    found = results()
    text = report.markdown(found, judge(found))
    assert "| GetUser: rate beside ministack's | ≥ 8 times | 6.25 times | NOT met |" in text
    assert "| GetUser | moto | 3,000.0 | 6,000.0 | 300 | 1.00 | 2.00 | 30.00 |" in text


@pytest.mark.covers("I2.bench.results")
def test_json_holds_every_figure() -> None:
    found = results()
    data = json.loads(report.as_json(found, judge(found)))
    assert data["figures"]["GetUser"]["akia"]["cpu_us"] == 100.0
    assert data["failures"] == {"keys": "refused: 403 <Error>"}
    assert {target["met"] for target in data["targets"]} == {True, False}


def test_the_terminal_shows_failures_as_they_are() -> None:
    console = Console(width=160, record=True, quiet=False, force_terminal=False, file=None)
    with console.capture() as captured:
        report.show(console, results(), judge(results()))
    assert "FAILED keys: refused: 403 <Error>" in captured.get()


def test_the_machine_is_described_without_its_name() -> None:
    assert set(report.machine()) == {"at", "processor", "system", "python", "granian"}
