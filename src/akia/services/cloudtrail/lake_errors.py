"""The errors of CloudTrail's model that event data stores and their queries give (W7.4: each is 400)."""

from __future__ import annotations

from akia.services.cloudtrail.trail_errors import TrailError


class EventDataStoreARNInvalidException(TrailError): ...


class EventDataStoreAlreadyExistsException(TrailError): ...


class EventDataStoreMaxLimitExceededException(TrailError): ...


class EventDataStoreNotFoundException(TrailError): ...


class EventDataStoreTerminationProtectedException(TrailError): ...


class InactiveEventDataStoreException(TrailError): ...


class InactiveQueryException(TrailError): ...


class InvalidDateRangeException(TrailError): ...


class InvalidEventDataStoreCategoryException(TrailError): ...


class InvalidEventDataStoreStatusException(TrailError): ...


class InvalidParameterException(TrailError): ...


class InvalidQueryStatementException(TrailError): ...


class MaxConcurrentQueriesException(TrailError): ...


class QueryIdNotFoundException(TrailError): ...
