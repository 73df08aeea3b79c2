// What a worker keeps between calls and reaches the world with: lanes, rests, limits, clocks, lists of models.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createCatalog } from '../catalog/catalog.ts';
import { createLanes, createUpstream } from '../lanes/lanes.ts';
import { createRests } from '../lanes/rests.ts';
import { BudgetTally } from '../limiter/budget-tally.ts';
import { createLimiter } from '../limiter/limiter.ts';
import { createMediaFetcher } from '../media/media-fetcher.ts';
import { createObjectBook, NO_RECORDS } from '../objects/book.ts';
import { createLimitMeter } from '../observability/limit-meter.ts';
import { createLoadSignalMeter } from '../observability/load-signal-meter.ts';
import { createModelListMeter } from '../observability/model-list-meter.ts';
import { createClocks } from '../pipeline/clocks.ts';
import { createUpstreamHeaders } from '../pipeline/upstream-headers.ts';
import { dialectByName } from '../registry/dialects.ts';
import { WorkerStore } from '../responses/store.ts';
import { createLoadSignals } from '../loads/load-signals.ts';
import { createLoadBook } from '../routing/balance/load-book.ts';
import { createEventRoom } from '../upstream/event-room.ts';
import { VERSION } from '../version.ts';
import type { Metering } from './metering.ts';
import type { PortsAndParts } from './parts.ts';
import { createPriceBook } from './price-book.ts';

/** Unfinished stream events of one worker, in sum; a single one may be as large (`server.maxEventBytes`). */
const EVENT_ROOM_BYTES = 128 * 1024 * 1024;

export type Effects = ReturnType<typeof createEffects>;

export function createEffects(ports: PortsAndParts, { recorder, circuits, coolDowns }: Metering) {
  const { clock } = ports;
  const rests = createRests({
    clock,
    tell: ports.rested,
    cooled: (lane, model, forMs, reason) => coolDowns.began(lane.provider.name, model, forMs, reason),
    passedBy: coolDowns.passedBy,
    withheld: (provider) => recorder.counter('headgate_retries_withheld_total', [provider]).add(1),
    keyOpened: (provider, key) =>
      recorder.counter('headgate_key_circuits_opened_total', [provider, key]).add(1),
    circuit: circuits.changed,
  });
  const headers = createUpstreamHeaders(VERSION, () => clock.wall(), ports.credentials);
  const tally = new BudgetTally();
  return {
    clocks: createClocks(clock),
    lanes: createLanes({
      clock,
      broker: ports.shares,
      names: ports.names,
      log: ports.log,
      circuitChanged: rests.circuitChanged,
      modelServer: (provider, deps) => ports.parts.modelServer!(provider, deps),
    }),
    /** Connections beside the lanes, to where batch jobs of a provider leave their answers. */
    openStorage: ({ batchStorage, tls: _, ...provider }: ProviderConfig): Upstream =>
      createUpstream({ ...provider, baseUrl: batchStorage!, kind: 'http' }, ports),
    rests,
    tally,
    limiter: createLimiter({
      tally,
      clock,
      meter: createLimitMeter(recorder),
      // Unlike any other, also of the worker that had this place before.
      origin: `${ports.worker}.${randomBytes(6).toString('base64url')}`,
    }),
    headers,
    objects: createObjectBook(ports.owners ?? NO_RECORDS),
    catalog: createCatalog({
      clock,
      random: Math.random,
      dialect: dialectByName,
      headers: headers.own,
      asked: createModelListMeter(recorder, ports.log).asked,
    }),
    media: createMediaFetcher({
      names: ports.names,
      userAgent: `headgate/${VERSION}`,
      fetched: (outcome) => recorder.counter('headgate_media_fetches_total', [outcome]).add(1),
    }),
    turns: new WorkerStore({ wall: () => clock.wall(), siblings: ports.siblings, pause }),
    eventRoom: createEventRoom(EVENT_ROOM_BYTES),
    loads: createLoadBook(),
    signals: createLoadSignals({
      clock,
      names: ports.names,
      random: Math.random,
      meter: createLoadSignalMeter(recorder, ports.log),
    }),
    prices: createPriceBook(),
  };
}
