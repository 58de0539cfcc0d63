"""Puts the parts together. The only module that knows every other one."""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from akia.alerts_out import AlertSettings, AlertsFileError, read
from akia.authority.authority import Authority
from akia.authority.credentials import Credentials
from akia.authority.limits import Limits
from akia.authority.limits_file import OFF, LimitsFileError, OperatorLimits, operator_limits
from akia.authority.provider_keys import ProviderKeys
from akia.authority.session_tokens import SessionTokens
from akia.aws import own_models
from akia.aws.errors import ServiceUnavailable
from akia.http.addresses import Proxies
from akia.http.application import Application, Running
from akia.http.asgi import Edge, Page
from akia.http.direct import Direct
from akia.http.disk import Disk
from akia.http.flusher import Flusher
from akia.http.group_commit import GroupCommit
from akia.http.metrics_listener import MetricsListener
from akia.http.pages import HEALTH, Health, IssuerPage, ModelFile, Pages, WithSecretPage
from akia.http.strangers import Strangers
from akia.identity.outbound_issuer import PATH
from akia.installation import Installation, InstallationError, existing
from akia.jobs.count_key_calls import CountKeyCalls
from akia.jobs.deliver_trails import DeliverTrails
from akia.jobs.evaluate_rules import READER, EvaluateRules
from akia.jobs.figures import Figures
from akia.jobs.fill_event_data_stores import FillEventDataStores
from akia.jobs.find_insights import FindInsights
from akia.jobs.flush_buckets import FlushBuckets
from akia.jobs.index_journals import IndexJournals
from akia.jobs.load_the_rest import LoadTheRest
from akia.jobs.remind_owners import RemindOwners
from akia.jobs.rotate_keys import RotateKeys
from akia.jobs.rotate_outbound_keys import RotateOutboundKeys
from akia.jobs.run_imports import RunImports
from akia.jobs.run_queries import RunQueries
from akia.jobs.run_replays import RunReplays
from akia.jobs.send_alerts import SendAlerts
from akia.jobs.ship_events import ShipEvents
from akia.jobs.trim_events import TrimEvents
from akia.jobs.worker_figures import WorkerFigures
from akia.logs import configure_logging
from akia.metrics.requests import RequestCounts
from akia.outbound.buckets import DirectoryBuckets
from akia.pipeline.record import Recorder
from akia.pipeline.serve import Pipeline
from akia.pipeline.services import Services
from akia.reset import ResetPage
from akia.rotation_targets import TargetsError, read_targets
from akia.services import every_service
from akia.services import modules as modules_of_services
from akia.sinks import SinksError, read_sinks
from akia.store.feed import Feed, Slots
from akia.store.indexer import BATCH, Indexer
from akia.store.journal import Journal, JournalReader
from akia.store.only_one import OnlyOne
from akia.store.shared_buckets import SharedBuckets, since_boot
from akia.store.store import modules as modules_of_store
from akia.store.writer import Batch, Writer
from akia.throttle import BucketsInMemory, Limiter
from akia.wire import Models

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from akia.http.application import Job
    from akia.jobs.periodic import Do
    from akia.outbound.buckets import Buckets
    from akia.querying.question import Limits as QueryLimits
    from akia.rotation_targets import Targets
    from akia.settings import Settings
    from akia.sinks import Configured
    from akia.store.store import Store


log = logging.getLogger("akia.assembly")


@dataclass(frozen=True, slots=True)
class Akia:
    """One process's akia, without its edges."""

    pipeline: Pipeline
    authority: Authority
    recorder: Recorder
    store: Store
    writer: Writer
    journal: Journal
    indexer: Indexer
    slots: Slots
    replays: RunReplays
    queries: RunQueries
    alerts: EvaluateRules
    alert_settings: AlertSettings
    buckets: SharedBuckets | None = None
    """Where the levels of limits are kept that outlive the process."""

    def committed(self, batch: Batch) -> None:
        """Apply what a batch has changed to what this process has in memory."""
        self.authority.applied(batch.changed, batch.generation)

    def direct(self) -> Direct:
        """Serving without a socket."""
        return Direct(self.pipeline, self.writer, self.journal, self.committed, self._take_turns)

    def _take_turns(self, writer: Writer, wrote: bool) -> None:
        """What jobs do elsewhere."""
        self.replays.take_turn(writer)
        if wrote:
            self.queries.take_turn(writer)

    def close(self) -> None:
        """Write what waits, index it, and let go of every file."""
        self.journal.close()
        with suppress(ServiceUnavailable):  # the journals keep what a full disk cannot take; the next start indexes them
            self.authority.drain()
        self.writer.close()
        self.store.close()
        self.slots.close()
        if self.buckets is not None:
            self.buckets.close()


def assemble(
    store: Store,
    data: Path,
    *,
    account: str,
    cache: Path | None = None,
    durable: bool = True,
    endpoint: str = "http://localhost",
    outbound_allowed_networks: tuple[str, ...] = (),
    buckets: Buckets | None = None,
    alerts: AlertSettings | None = None,
    query_limits: QueryLimits | None = None,
    limits: OperatorLimits | None = None,
    workers: int = 1,
    rotation_targets: Targets | None = None,
) -> Akia:
    """An akia over an open `store` in the data directory `data`. `account` is where calls of nobody known are filed; `cache` a directory
    for pruned models; `endpoint` the URL that clients use; `outbound_allowed_networks` are networks beside the public ones that akia may
    ask; `buckets` is where trails deliver (the directory `trails` in `data`); `alerts` is what the file of alerts says;
    `query_limits` what a query of event data stores may use; `limits` what the operator says of limits (none), of which `workers` share
    the levels; what is not `durable` has them in memory; `rotation_targets` is where new access keys are delivered to."""
    slots = Slots(data / "feed")
    journals = data / "journal"
    journal = Journal(journals, f"{os.getpid()}-{secrets.token_hex(4)}", durable=durable)
    indexer = Indexer(JournalReader(journals))
    drainer = Writer(store.another(), slots)
    tokens = SessionTokens(store.keyring)

    def drain() -> None:
        """Index every journal to its end, on a connection of its own."""
        while indexer.is_behind(store):
            batch = drainer.open()
            try:
                done = indexer.step(batch.store)
                batch.commit()
            except BaseException:
                batch.abandon()
                raise
            if done < BATCH:
                return

    levels = SharedBuckets(data / "buckets") if durable else None
    limiter = Limiter(levels or BucketsInMemory(), workers)
    provider_keys = ProviderKeys(outbound_allowed_networks)
    authority = Authority(
        store,
        Feed(store.changes, slots),
        Credentials(tokens),
        tokens,
        drain,
        provider_keys=provider_keys,
        endpoint=endpoint,
        buckets=buckets or DirectoryBuckets(data / "trails"),
        limits=Limits(limits or operator_limits(OFF), limiter, since_boot),
        rotation_targets=rotation_targets,
    )
    recorder = Recorder(authority, account)
    models = Models(cache, (own_models.DIRECTORY,))
    pipeline = Pipeline(Services(every_service()), models, authority, recorder, journal.append)
    settings = alerts or AlertSettings()
    jobs = RunReplays(authority), RunQueries(authority, data / "lake", query_limits), EvaluateRules(authority, settings), settings
    return Akia(pipeline, authority, recorder, store, Writer(store.another(), slots), journal, indexer, slots, *jobs, levels)


def begin(akia: Akia, settings: Settings, strangers: Strangers, pages: Mapping[bytes, Page]) -> Callable[[AbstractEventLoop], Running]:
    """How a worker starts serving `akia` on its loop."""

    def start(loop: AbstractEventLoop) -> Running:
        writes = GroupCommit(akia.writer, akia.committed, Disk("akia-commit"))
        do = writes.attempt
        flusher = Flusher(akia.journal, Disk("akia-journal"))
        requests = RequestCounts()
        edge = Edge(akia.pipeline, writes, flusher, strangers, Proxies(settings.trusted_proxies), pages, requests)
        index = IndexJournals(akia.indexer, akia.recorder, akia.store, do)
        outbound_keys = RotateOutboundKeys(akia.store, do)
        rotation = RotateKeys(akia.authority, akia.alert_settings)
        trails = DeliverTrails(
            akia.store,
            akia.authority.buckets,
            do,
            every=settings.trail_delivery_seconds,
            digest_every=settings.trail_digest_seconds,
        )
        counting = CountKeyCalls(akia.store, do)
        sinks = _sinks(settings)
        shipping = ShipEvents(sinks, settings.data / "sinks", akia.store, do)
        days = settings.event_retention_days if sinks is not None else 0  # who is to be sent old events is not known
        trimming = TrimEvents(days, akia.store, do, partial(_everybody_begins, shipping, do, alerts=not settings.ephemeral))
        insights = FindInsights(akia.store, do)
        imports = RunImports(akia.store, akia.authority.buckets, do)
        figures = Figures(requests, akia.recorder, akia.indexer, akia.authority, akia.store, shipping)
        telling = _telling(figures, settings)
        sending = SendAlerts(akia.store, do, akia.alert_settings, settings.outbound_allowed_networks)
        reminding = RemindOwners(akia.store, do)
        alerting = [lambda: akia.alerts.run(do), sending.run, reminding.run]
        jobs = [
            edge.bodies.run,
            index.run,
            lambda: akia.replays.run(do),
            FillEventDataStores(akia.store, do).run,
            lambda: akia.queries.run(do),
            outbound_keys.run,
            lambda: rotation.run(do),
            *([] if settings.ephemeral else alerting),  # what is thrown away has nobody to be alarmed
            trails.run,
            counting.run,
            insights.run,
            imports.run,
            trimming.run,
            shipping.run,
            *([FlushBuckets(akia.buckets).run] if akia.buckets is not None else []),
            *([] if settings.ephemeral else [LoadTheRest((*modules_of_store(), *modules_of_services())).run]),
            *telling,
        ]
        return Running(edge, writes, flusher, jobs, akia.close)

    return start


async def _everybody_begins(shipping: ShipEvents, do: Do, *, alerts: bool) -> None:
    """Whoever is configured to go through the events has a position, so that none ends before it. Trails begin when they are created."""
    await shipping.begin()
    if alerts:
        await do(lambda batch: batch.store.event_stream.begin(READER))


def _sinks(settings: Settings) -> Sequence[Configured] | None:
    """Where events are sent. A file that was good at the start and is not any more is no reason to serve nobody: it is logged, and what is
    not sent waits in the trail, of which nothing is removed meanwhile. Then None."""
    if settings.sinks is None:
        return ()
    try:
        return read_sinks(settings.sinks, settings.outbound_allowed_networks, os.environ)
    except SinksError as error:
        log.error("events are sent nowhere, and none are removed, until this is put right and akia is reloaded: %s", error)
        return None


def _telling(figures: Figures, settings: Settings) -> Sequence[Job]:
    """The jobs that tell Prometheus."""
    address, directory = settings.metrics_address, settings.data / "metrics"
    if address is None:
        return ()
    workers = WorkerFigures(directory, figures.samples, alone=settings.workers == 1)
    return workers.run, MetricsListener(*address, OnlyOne(directory / "listener.lock"), workers.page).run


def routes(akia: Akia, settings: Settings, installation: Installation, strangers: Strangers) -> Mapping[bytes, Page]:
    """Every path that is not AWS's (NT-47): the reset page is among them in a throw-away akia only."""
    pages: dict[bytes, Page] = {HEALTH: Health(akia.authority)}
    pages |= {f"/sdk/models/{file}".encode(): ModelFile(own_models.DIRECTORY / file) for file in own_models.files()}
    everything = Pages(pages, {PATH.encode(): IssuerPage(akia.authority)})
    if not settings.ephemeral:
        return everything
    reset = ResetPage(akia, installation, settings.endpoint, strangers.forget)
    return WithSecretPage(everything, reset.path.encode(), reset)


def _alert_settings(settings: Settings) -> AlertSettings | None:
    """What the file of alerts says now: it may have changed since the program was started. Raises InstallationError."""
    try:
        return read(settings.alerts_file) if settings.alerts_file is not None else None
    except AlertsFileError as error:
        raise InstallationError(f"--alerts-file: {error}") from None


def _operator_limits(settings: Settings) -> OperatorLimits:
    """What `--limits` says now: the file may have changed since the program was started. Raises InstallationError."""
    try:
        return operator_limits(settings.limits_in_force)
    except LimitsFileError as error:
        raise InstallationError(f"--limits: {error}") from None


def _rotation_targets(settings: Settings) -> Targets | None:
    """What the file of targets says now, in the same way."""
    try:
        return read_targets(settings.rotation_targets) if settings.rotation_targets is not None else None
    except TargetsError as error:
        raise InstallationError(f"--rotation-targets: {error}") from None


def application(settings: Settings, serving: Callable[[], object] = lambda: None) -> Application:
    """A worker's application, which calls `serving` when its loop serves. Raises InstallationError, CannotOpen."""
    configure_logging()
    installation = existing(settings.data)
    store = installation.open_store(settings, os.environ)
    akia = assemble(
        store,
        settings.data,
        account=installation.account,
        cache=installation.model_cache,
        durable=not settings.ephemeral,
        endpoint=settings.endpoint,
        outbound_allowed_networks=settings.outbound_allowed_networks,
        buckets=settings.trail_buckets,
        alerts=_alert_settings(settings),
        query_limits=settings.query_limits,
        limits=_operator_limits(settings),
        workers=settings.workers,
        rotation_targets=_rotation_targets(settings),
    )
    strangers = Strangers()
    return Application(begin(akia, settings, strangers, routes(akia, settings, installation, strangers)), serving)
