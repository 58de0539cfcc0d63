"""Prometheus' text format, version 0.0.4, and the families of figures that akia tells."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

FAMILIES = {
    "akia_info": ("gauge", "The version that runs."),
    "akia_requests_total": ("counter", "Requests answered, by service, access level and outcome."),
    "akia_request_seconds": ("histogram", "Seconds from a request's last byte to its answer, its event on the disk included."),
    "akia_throttled_total": ("counter", "Requests turned away because their sender came too often."),
    "akia_limit_refusals_total": ("counter", "Requests turned away by a limit, by what has an allowance of its own."),
    "akia_limit_use_ratio": ("gauge", "The highest use of any limit's allowance lately, from 0 to 1, by what has one of its own."),
    "akia_events_recorded_total": ("counter", "Events made for the trail."),
    "akia_events_indexed_total": ("counter", "Events moved from journals and outbox to where they are looked up."),
    "akia_journal_lag_seconds": ("gauge", "Age of the oldest event that is not indexed yet."),
    "akia_credentials_cached": ("gauge", "Credentials in memory, verified before."),
    "akia_sink_sent_events_total": ("counter", "Events that a sink has confirmed."),
    "akia_sink_failures_total": ("counter", "Deliveries that a sink has not confirmed; each was or will be tried again."),
    "akia_sink_refused_events_total": ("counter", "Events that a sink will not take; they stay in the trail."),
    "akia_sink_up": ("gauge", "Whether a sink's last delivery was confirmed."),
    "akia_sink_lag_events": ("gauge", "Indexed events that a sink has not confirmed yet."),
    "akia_sink_lag_seconds": ("gauge", "Age of the oldest indexed event that a sink has not confirmed yet."),
    "process_cpu_seconds_total": ("counter", "Processor time used, in seconds."),
    "process_resident_memory_bytes": ("gauge", "Resident memory, in bytes."),
    "process_open_fds": ("gauge", "Open file descriptors."),
    "process_start_time_seconds": ("gauge", "When the process began, in seconds since 1970."),
}
"""Each family's type and its meaning, in the order in which they are told."""
_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Sample(NamedTuple):
    """One figure."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def exposition(samples: Iterable[Sample]) -> bytes:
    """`samples` as text, family by family. A sample of no family is left out."""
    by_family: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_family[_family(sample.name)].append(sample)
    lines: list[str] = []
    for name, (kind, meaning) in FAMILIES.items():
        if name in by_family:
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", *map(_line, by_family[name])]
    return "".join(f"{line}\n" for line in lines).encode()


def _family(name: str) -> str:
    if name in FAMILIES:
        return name
    return next((name.removesuffix(end) for end in _OF_HISTOGRAMS if name.endswith(end)), name)


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in sample.labels)
    value = repr(int(sample.value)) if sample.value == int(sample.value) else repr(float(sample.value))
    return f"{sample.name}{{{labels}}} {value}" if labels else f"{sample.name} {value}"
