"""ListAlerts, GetAlert, AcknowledgeAlert."""

from __future__ import annotations

from typing import Any

import pytest
from tests.alerts.watch import Watch, person

from akia.identity.alert import Alert

pytestmark = pytest.mark.covers("I5.alerts.service")


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the administrator."""
    return akia.client("akia", akia.admin)


def raised(akia: Any) -> str:
    """The id of an alert: the root user has called."""
    akia.client("iam").list_users()
    return Watch(akia).alerts()[-1].id


def test_an_alert_is_listed_told_and_acknowledged(akia: Any, own: Any) -> None:
    alert_id = raised(akia)
    [listed] = own.list_alerts()["Alerts"]
    assert listed == own.get_alert(AlertId=alert_id)["Alert"]
    root = f"arn:aws:iam::{akia.account}:root"
    assert (listed["AlertId"], listed["Rule"], listed["Severity"], listed["Status"]) == (alert_id, "root-used", "HIGH", "OPEN")
    assert (listed["Subject"], listed["Count"], listed["FirstTime"]) == (root, 1, listed["LastTime"])
    assert "root user" in listed["Summary"] and len(listed["EventIds"]) == 1
    assert not {"Detail", "Response", "AcknowledgedAt", "AcknowledgedBy", "Note"} & listed.keys()
    seen = own.acknowledge_alert(AlertId=alert_id, Note="It was me.")["Alert"]
    assert seen == own.get_alert(AlertId=alert_id)["Alert"]
    by = f"arn:aws:iam::{akia.account}:user/administrator"
    assert (seen["Status"], seen["Note"], seen["AcknowledgedBy"]) == ("ACKNOWLEDGED", "It was me.", by)
    assert own.list_alerts(Status="OPEN")["Alerts"] == []
    assert [each["AlertId"] for each in own.list_alerts(Status="ACKNOWLEDGED")["Alerts"]] == [alert_id]


def test_who_is_first_has_acknowledged_it_and_a_later_note_counts(akia: Any, own: Any) -> None:
    alert_id = raised(akia)
    first = own.acknowledge_alert(AlertId=alert_id, Note="one")["Alert"]
    _, client = person(akia, "bob", {"Action": "akia:AcknowledgeAlert"})
    assert client("akia").acknowledge_alert(AlertId=alert_id)["Alert"] == first
    assert client("akia").acknowledge_alert(AlertId=alert_id, Note="two")["Alert"] == first | {"Note": "two"}


def test_what_happens_again_is_counted_and_stays_acknowledged(akia: Any, own: Any) -> None:
    alert_id = raised(akia)
    own.acknowledge_alert(AlertId=alert_id)
    assert raised(akia) == alert_id
    told = own.get_alert(AlertId=alert_id)["Alert"]
    assert (told["Count"], told["Status"]) == (2, "ACKNOWLEDGED")


def test_w6_8_pages_put_together_are_all_alerts_youngest_first(akia: Any, own: Any, refused: Any) -> None:
    store = akia.akia.store
    for number in range(7):
        store.alerts.add(Alert(f"{number:036d}", akia.account, "r", "s", str(number), "LOW", "x", 1, 1, "[]"))
    pages = own.get_paginator("list_alerts").paginate(PaginationConfig={"PageSize": 3})
    found = [[each["AlertId"] for each in page["Alerts"]] for page in pages]
    assert found == [[f"{number:036d}" for number in numbers] for numbers in ((6, 5, 4), (3, 2, 1), (0,))]
    assert refused(own.list_alerts, NextToken="x")[0] == "ValidationException"
    token = own.list_alerts(MaxResults=2)["NextToken"]
    assert refused(own.list_alerts, MaxResults=2, Status="OPEN", NextToken=token)[0] == "ValidationException"


def test_another_account_s_alerts_do_not_exist(akia: Any, own: Any, refused: Any) -> None:
    alert_id = raised(akia)
    akia.akia.store.connection.execute("UPDATE alerts SET account = '999999999999'")
    assert own.list_alerts()["Alerts"] == []
    for call in (own.get_alert, own.acknowledge_alert):
        assert refused(call, AlertId=alert_id)[0] == "ResourceNotFoundException"


def test_a_policy_can_name_an_alert(akia: Any, refused: Any) -> None:
    alert_id = raised(akia)
    one = f"arn:aws:akia::{akia.account}:alert/{alert_id}"
    _, may = person(akia, "may", {"Action": "akia:*", "Resource": one})
    _, may_not = person(akia, "maynot", {"Action": "akia:*", "Resource": one[:-1] + "?x"})
    assert may("akia").acknowledge_alert(AlertId=alert_id)["Alert"]["AlertId"] == alert_id
    assert refused(may_not("akia").acknowledge_alert, AlertId=alert_id)[0] == "AccessDeniedException"
    assert refused(may("akia").list_alerts)[0] == "AccessDeniedException"


def test_looking_away_is_on_record(akia: Any, own: Any) -> None:
    own.acknowledge_alert(AlertId=raised(akia), Note="nothing")
    attribute = {"AttributeKey": "EventName", "AttributeValue": "AcknowledgeAlert"}
    [event] = akia.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    assert event["Username"] == "administrator" and event["ReadOnly"] == "false"
