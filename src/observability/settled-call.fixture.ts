// A settled call for the tests of this folder: a streamed OpenAI request answered at the second attempt.
import { type AttemptRecord, Call, type RequestHead } from '../contracts/call.ts';
import { EMPTY_FLOW } from '../contracts/empty-flow.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { CacheOutcome } from '../contracts/outcomes.ts';
import type { Route } from '../contracts/route.ts';
import type { Sink } from '../contracts/sink.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { principalOf } from '../governance/principal.ts';
import { operations } from '../registry/operations.ts';

export const CHAT: Route = {
  kind: 'model',
  operation: operations.chat,
  dialect: 'openai-chat',
  template: '/v1/chat/completions',
  methods: ['POST'],
  open: false,
  stream: null,
};

/** An attempt that went well; change what the test is about. */
export function attempt(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    provider: 'openai',
    model: 'gpt-4o-mini-2024',
    keyAlias: 'openai-1',
    status: 200,
    errorType: '',
    usage: null,
    quantities: null,
    contentEvents: 0,
    answerBytes: 0,
    costNano: 27_000,
    priceVersion: 'configuration',
    estimated: false,
    queuedAt: 2,
    slotAt: 3,
    connectMs: 0,
    sentAt: 5,
    headAt: 300,
    endAt: 1000,
    ...changes,
  };
}

/** What a cache says of a hit that cost 12,000 nanodollars when it was made. */
export function keptOf(changes: Partial<CacheOutcome> = {}): CacheOutcome {
  return { result: 'hit', type: 'exact', similarity: null, savedNano: 12_000, madeMs: 8_250, ...changes };
}

/** Started at 1000 ms, first byte at 1310, last at 2000; 940 of its 1000 ms it only waited. */
export function settledCall(changes: Partial<Call> = {}, route: Route = CHAT): Call {
  const headers = new HeaderBag();
  headers.add('authorization', 'Bearer sk-client-secret-1');
  const head: RequestHead = { method: 'POST', path: '/v1/chat/completions', query: 'key=q-secret', headers };
  const unused = null as unknown as Sink; // nothing here looks at it
  const config = { models: { fast: { targets: ['openai/gpt-4o-mini-2024'] } }, providers: [] };
  const snapshot = { config, limits: null } as unknown as Snapshot; // nor at more of this
  const call = new Call('req-1', head, route, {}, null, unused, snapshot, EMPTY_FLOW, 1000);
  call.body = Buffer.from('{"messages":[{"content":"body-secret"}]}');
  call.facts = { stream: true } as Call['facts'];
  call.principal = principalOf({ name: 'team-a' });
  call.model = 'fast';
  call.provider = 'openai';
  call.upstreamModel = 'gpt-4o-mini-2024';
  call.bodyAt = 1001;
  call.inspectedAt = 1001.5;
  call.attempts = [attempt()];
  call.waitedMs = 940;
  call.firstByteAt = 1310;
  call.lastByteAt = 2000;
  call.settledAt = 2000;
  call.chunks = 11;
  call.status = 200;
  call.bytesIn = 40;
  call.bytesOut = 4200;
  call.usage = {
    input: 30,
    cacheRead: 10,
    cacheWriteShort: null,
    cacheWriteLong: null,
    output: 69,
    reasoning: 0,
  };
  call.stop = 'end';
  return Object.assign(call, changes);
}
