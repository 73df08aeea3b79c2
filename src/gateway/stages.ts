// The stages calls run through, each with what it needs; src/operations/ say in which order.
import { decodeBody } from '../body/decompress.ts';
import { inspectBody } from '../body/inspect.ts';
import { normaliseBody } from '../body/normalise.ts';
import { createRequestKey } from '../cache/key.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import { overheadMs, serverTiming } from '../observability/overhead.ts';
import { createAdmit } from '../pipeline/admit.ts';
import { createCoalesce } from '../pipeline/shared/coalesce.ts';
import { createCount, createTokenCounter } from '../pipeline/count.ts';
import { createDispatch } from '../pipeline/dispatch/dispatch.ts';
import type { StageEntries } from '../pipeline/flows.ts';
import { batchBegun as batchOf } from '../pipeline/batches/batch-begun.ts';
import { createForm } from '../pipeline/form.ts';
import { createIdempotency } from '../pipeline/shared/idempotency.ts';
import { createIdentify } from '../pipeline/identify.ts';
import type { InnerCalls } from '../pipeline/inner-call.ts';
import { nameProvider } from '../pipeline/name-provider.ts';
import { ownObjects } from '../pipeline/raw/object-answer.ts';
import { createObjectPages } from '../pipeline/raw/object-pages.ts';
import { createOwn } from '../pipeline/own.ts';
import { createOwnFiles } from '../pipeline/own-files.ts';
import { createParts } from '../pipeline/parts.ts';
import { createPrompts } from '../pipeline/prompts.ts';
import { sessionModel } from '../pipeline/session-model.ts';
import { permit } from '../pipeline/who/permit.ts';
import { plan } from '../pipeline/plan.ts';
import type { Refuser } from '../pipeline/refuse.ts';
import type { Settle } from '../pipeline/settle.ts';
import type { SharedAnswers } from '../pipeline/shared/shared-answers.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createShadow } from '../pipeline/shadow/shadow.ts';
import { createSpools } from '../spool/file-spool.ts';
import type { UploadSeal } from '../pipeline/upload-seal.ts';
import { createMessageRights } from '../pipeline/tunnel/own-messages.ts';
import { createSessionHandles } from '../pipeline/tunnel/session-handles.ts';
import { createTunnel } from '../pipeline/tunnel/tunnel.ts';
import { countBody } from '../tokens/count-body.ts';
import { aloneIn } from './alone.ts';
import type { Effects } from './effects.ts';
import type { Metering } from './metering.ts';

/** What is given to a client for a while, in place of what it stands for. */
export interface Seals {
  readonly uploads: UploadSeal;
  /** The same at every worker. */
  secret(): string;
}

export function createStages(
  { clock, offload, directory, batchBegun }: GatewayPorts,
  { clocks, headers, limiter, rests, media, eventRoom, objects, turns }: Effects,
  { recorder }: Metering,
  settle: Settle,
  refuse: Refuser,
  others: Pick<
    StageEntries,
    'first-chat' | 'recall' | 'compact' | 'background' | 'guardrails' | 'lookup' | 'plugins' | 'plugin-route'
  >,
  inner: InnerCalls,
  shared: SharedAnswers,
  eased: () => boolean,
  { uploads, secret }: Seals,
): StageEntries {
  const counter = createTokenCounter({
    count: (...input) =>
      offload === null ? countBody(input[0], input[1], input[2]) : offload.countTokens(...input),
    settle,
    admission: limiter,
    now: () => clock.now(),
  });
  const alone = aloneIn(directory);
  const rights = { book: objects, turns, alone };
  const pages = createObjectPages((call, target, key, path) =>
    headers.sign(headers.build(call, target, key), target, key, 'GET', path, null, call.fromOrigin),
  );
  return {
    identify: {
      stage: createIdentify({
        clock,
        offload,
        inspect: inspectBody,
        normalise: normaliseBody,
        decode: decodeBody,
      }),
    },
    own: { stage: createOwn(rights, uploads) },
    files: { stage: createOwnFiles(rights, decodeBody), inner: false },
    form: { stage: createForm({ clock, openSpool: createSpools() }) },
    provider: { stage: nameProvider },
    session: { stage: sessionModel },
    plan: { stage: plan },
    permit: { stage: permit, inner: false },
    ...others,
    parts: {
      stage: createParts({
        inner,
        offload,
        dialect: dialectByName,
        settle,
        refuse,
        now: () => clock.now(),
        wall: () => clock.wall(),
      }),
      // A part is none of more.
      inner: false,
    },
    prompts: {
      stage: createPrompts({ inner, settle, refuse, now: () => clock.now() }),
      inner: false,
    },
    idempotency: {
      stage: createIdempotency(shared),
      needed: ({ config }) => config.idempotency.ttlMs > 0,
      inner: false,
    },
    coalesce: {
      stage: createCoalesce({
        answers: shared,
        key: createRequestKey(),
        others: ({ snapshot: { config } }) => config.server.workers > 1 || config.redis !== null,
      }),
      inner: false,
    },
    shadow: {
      stage: createShadow({
        clock,
        inner,
        shadowed: (outcome) => recorder.counter('headgate_shadow_requests_total', [outcome]).add(1),
      }),
      needed: ({ config }) => Object.values(config.models).some(({ shadow }) => shadow !== undefined),
      inner: false,
    },
    admit: { stage: createAdmit(limiter), needed: ({ limits }) => limits !== null },
    count: { stage: createCount(counter) },
    tunnel: {
      stage: createTunnel({
        clock,
        headers,
        admission: limiter,
        rights: createMessageRights(rights),
        handles: createSessionHandles(secret, () => clock.wall(), alone),
        made: ({ principal }, provider, id) => objects.note(id, { owner: principal!.id, provider }),
        refuse,
        settle,
      }),
    },
    dispatch: {
      stage: createDispatch({
        clocks,
        headers,
        offload,
        media,
        dialect: dialectByName,
        refuse,
        settle,
        admission: limiter,
        counter,
        random: Math.random,
        serverTiming,
        overheadMs,
        refusals: rests,
        eventRoom,
        rescued: (from, outcome) =>
          recorder.counter('headgate_stream_rescues_total', [from.provider.name, outcome]).add(1),
        eased,
        hedged: (first, outcome) =>
          recorder.counter('headgate_hedges_total', [first.provider.name, outcome]).add(1),
        ownObjects: (call, provider, delivered) => {
          const begun = batchBegun === undefined ? null : batchOf(call, provider, delivered.body);
          if (begun !== null) batchBegun!(begun);
          return ownObjects(call, provider, delivered, objects, alone(call), pages);
        },
        malformed: (target) =>
          recorder.counter('headgate_malformed_chunks_total', [target.provider.name]).add(1),
      }),
    },
  };
}
