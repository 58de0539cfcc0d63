"""Where events are sent beside the trail: an intake of a vendor, a collector, a syslog server, a file. One module a kind of sink.

A sink knows a format and a way out, and nothing of positions, repetitions or other sinks: that is the job's (`jobs.ship_events`).
"""

from akia.sinks.configuration import Configured, read_sinks
from akia.sinks.sink import Limits, Refused, Sink, Undelivered
from akia.sinks.table import SinksError

__all__ = ["Configured", "Limits", "Refused", "Sink", "SinksError", "Undelivered", "read_sinks"]
