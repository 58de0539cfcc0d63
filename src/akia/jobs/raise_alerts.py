"""What a finding leads to, in the transaction of the step that found it: an alert or one more event of it, messages, perhaps a response."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from akia.alerts import Severity
from akia.alerts_out import message_of
from akia.aws.ids import new_guid
from akia.identity.alert import Alert, AlertMessage
from akia.jobs.respond import respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.alerts import Finding
    from akia.alerts_out import AlertSettings, Response
    from akia.store.store import Store

OLD_SECONDS = 86_400
"""Nobody is called for what is older: it happened before there were rules, or while akia was off. The alert is kept all the same."""

MOST_APART = 20
"""So many alerts of one rule about one subject stand side by side within the time of folding; what comes then joins the last."""

log = logging.getLogger("akia.alerts")


class RaiseAlerts:
    def __init__(self, settings: AlertSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock

    def enter(self, finding: Finding, store: Store) -> None:
        """Fold the finding into an alert that is there, or raise a new one."""
        alike = self._alike(finding, store)
        recent = self._clock() - finding.at_ms / 1000 < OLD_SECONDS
        if alike is not None:
            again = alike.again(finding.event_id, finding.at_ms)
            store.alerts.replace(self._answered(again, finding, store) if recent else again)
            return
        alert = self._answered(_alert(finding), finding, store) if recent else _alert(finding)
        store.alerts.add(alert)
        log.warning("alert %s: %s (%s)", alert.id, alert.rule, alert.severity)
        if recent:
            self._tell(alert, store)

    def _alike(self, finding: Finding, store: Store) -> Alert | None:
        """The alert that the finding belongs to. Many that differ in their details only are one, too: whoever invents clients and regions
        by the thousand calls nobody a thousand times, and pushes out no other alert."""
        about = finding.account, finding.rule, finding.subject
        since = finding.at_ms - self._settings.thresholds.fold_seconds * 1000
        alike = store.alerts.alike(*about, finding.detail, since)
        if alike is None and len(many := store.alerts.about(*about, since, MOST_APART)) == MOST_APART:
            return many[0]
        return alike

    def _answered(self, alert: Alert, finding: Finding, store: Store) -> Alert:
        """With what was done, if something is to be done by itself: once for each key in an alert, whoever switches it on again."""
        action = self._settings.responses.get(finding.rule)
        if action is None or not finding.access_key_id or finding.access_key_id in alert.response:
            return alert
        done = self._done(action, finding, store)
        return replace(alert, response="; ".join(filter(None, (alert.response, done))))

    def _done(self, action: Response, finding: Finding, store: Store) -> str:
        """An answer that fails leaves nothing behind, and keeps neither this alert nor others from being raised. Raises only if the whole
        transaction is lost."""
        connection = store.connection
        connection.savepoint("response")
        try:
            done = respond(action, finding, store, int(self._clock()))
        except Exception as error:
            if not connection.in_transaction:
                raise
            connection.rollback_to("response")
            log.error("nothing is done about the alert %s at %s: %s", finding.rule, finding.event_id, type(error).__name__)  # NT-67
            done = ""
        connection.release("response")
        return done

    def _tell(self, alert: Alert, store: Store) -> None:
        now = int(self._clock())
        body = orjson.dumps(message_of(alert)).decode()
        for channel in self._settings.channels:
            if Severity(alert.severity).rank >= channel.least.rank:
                store.alert_messages.add(AlertMessage(new_guid(), channel.name, alert.id, body, now, now))


def _alert(finding: Finding) -> Alert:
    return Alert(
        new_guid(),
        finding.account,
        finding.rule,
        finding.subject,
        finding.detail,
        finding.severity.value,
        finding.summary,
        finding.at_ms,
        finding.at_ms,
        orjson.dumps([finding.event_id] if finding.event_id else []).decode(),
    )
