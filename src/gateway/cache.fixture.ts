// A gateway of one stage that looks up, one that asks a fake provider, and the recorder between: what a cache needs to show itself.
import { fakeCall, type FakeProvider, type FakeSink, unlimited } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import { DEFAULT_EXACT_CACHE, DEFAULT_SEMANTIC_CACHE } from '../config/schema/defaults.ts';
import type { ExactCachePolicy, SemanticCachePolicy } from '../contracts/cache.ts';
import type { RemoteAnswers } from '../contracts/cache-ports.ts';
import type { Call, Flow, Stage } from '../contracts/call.ts';
import type { Config } from '../contracts/config.ts';
import type { CacheConfig } from '../contracts/kept-answers-config.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Principal } from '../contracts/principal.ts';
import { createCache } from './cache.ts';
import { NOBODY } from './nobody.ts';
import { principalOf } from '../governance/principal.ts';
import { createRecorder } from '../observability/recorder.ts';
import { dialectByName } from '../registry/dialects.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { createClocks } from '../pipeline/clocks.ts';
import { quietDispatch } from '../pipeline/dispatch/dispatch.fixture.ts';
import type { Flows } from '../pipeline/flows.ts';
import { createInnerCalls } from '../pipeline/inner-call.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { createRefuser } from '../pipeline/refuse.ts';
import { createSettle } from '../pipeline/settle.ts';
import { createSharedAnswers } from '../pipeline/shared/shared-answers.ts';

export interface Asked {
  dialect?: DialectName;
  headers?: Record<string, string>;
  principal?: Principal;
  operation?: OperationName;
  config?: Partial<CacheConfig>;
  change?: (call: Call) => void;
}

export interface Tried {
  call: Call;
  sink: FakeSink;
}

export function cacheFixture(
  provider: FakeProvider,
  policy: Partial<ExactCachePolicy> = {},
  shared: RemoteAnswers | null = null,
  semantic: Partial<SemanticCachePolicy> | null = null,
  more: Partial<Pick<GatewayPorts, 'offload' | 'cacheNews' | 'vectors'>> = {},
) {
  const time = { wall: 1_000_000, now: 1 };
  const clock = { now: () => time.now, wall: () => time.wall };
  const clocks = createClocks(clock);
  const settled: Call[] = [];
  const recorder = createRecorder();
  const settle = createSettle(clocks, [
    { settled: (call) => void settled.push(call) },
    { settled: (call) => cache.observer.settled(call) },
    { settled: (call) => sharing.settled(call) },
    { settled: (call) => inner.settled(call) },
  ]);
  const refuse = createRefuser(dialectByName, settle, unlimited);
  const pipeline = createPipeline(() => 'continue', refuse);
  const sharing = createSharedAnswers({
    now: () => time.now,
    claims: () => NOBODY,
    settle,
    refuse,
    shared: () => undefined,
  });
  const inner = createInnerCalls({ clock, flows: () => innerFlows, run: pipeline.body, refuse });
  const cache = createCache(
    { clock, offload: null, sharedAnswers: () => shared, ...more },
    { recorder },
    unlimited,
    settle,
    inner,
    sharing,
  );
  const config: CacheConfig = {
    maxBytes: 1 << 24,
    maxEntries: 1_000,
    vectors: null,
    semantic: semantic === null ? null : { ...DEFAULT_SEMANTIC_CACHE, ...semantic },
    spellings: [],
    exact: { ...DEFAULT_EXACT_CACHE, jitter: 0, ...policy },
  };
  cache.configure({ cache: config } as unknown as Config);
  // A call that is made for another one comes without.
  const known: Stage = (call) => {
    call.facts ??= inspectBody(call.body!);
    call.plan ??= planOf('m', tiersInOrder([{ ...provider.target, operation: call.operation!.name }]));
    return 'continue';
  };
  const dispatch = quietDispatch(clocks, [], { settle, refuse });
  const innerFlow: Flow = { stages: [known, dispatch], sinks: [], filters: [] };
  const innerFlows = { embeddings: innerFlow, chat: innerFlow } as unknown as Flows;
  const flow: Flow = {
    stages: [known, cache.stages.lookup.stage, dispatch],
    sinks: [cache.recorder.create],
    filters: [],
  };
  const anybody = principalOf({ name: 'app' });

  /** Sends a request; the provider has it unless it was answered. */
  function ask(body: object, asked: Asked = {}): Tried {
    const { dialect = 'openai-chat', headers = {}, operation = 'chat' } = asked;
    const { call, sink } = fakeCall(dialect, body, [provider], headers, operation, flow, time.now);
    Object.assign(call.snapshot.config, { cache: { ...config, ...asked.config }, models: {} });
    call.principal = asked.principal ?? anybody;
    asked.change?.(call);
    pipeline.body(call);
    return { call, sink };
  }
  return { ask, cache, time, settled, inner, recorder };
}

/** A chat, its answer, and a piece of one. */
export const body = { model: 'm', messages: [{ role: 'user', content: 'What is a headgate?' }] };
export const answer = (finish = 'stop', message: object = { role: 'assistant', content: 'A gate.' }) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm-1',
  choices: [{ index: 0, message, finish_reason: finish }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  system_fingerprint: 'fp_1',
});
export const chunk = (delta: object, finish: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm-1',
  choices: [{ index: 0, delta, finish_reason: finish }],
});

/** The events of a stream that say something. */
export const events = (
  text: string,
): { choices: { delta?: object; finish_reason?: string }[]; usage?: object }[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)));
