import { describe, expect, it } from 'vitest';
import type { Call } from '../contracts/call.ts';
import type { ErrorCode } from '../contracts/error-codes.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Plan } from '../contracts/plan.ts';
import { NO_QUANTITIES } from '../contracts/quantities.ts';
import type { Route } from '../contracts/route.ts';
import { createCallObserver } from './call-observer.ts';
import { createRecorder } from './recorder.ts';
import { attempt, CHAT, keptOf, settledCall } from './settled-call.fixture.ts';

/** Everything counted for these calls: `family{label,label}` -> counter value, or count and sum of a histogram. */
function observe(...calls: Call[]): Record<string, unknown> {
  const recorder = createRecorder();
  const observer = createCallObserver({ recorder, accessLog: null });
  for (const call of calls) observer.settled(call);
  const delta = recorder.takeDelta();
  const names = new Map(
    delta.series.map(([id, family, labels]) => [id, `${family.slice(9)}{${labels.join(',')}}`]),
  );
  const seen: Record<string, unknown> = {};
  for (const [id, value] of delta.counters) seen[names.get(id)!] = value;
  for (const [id, sum, count] of delta.histograms) seen[names.get(id)!] = [count, Number(sum.toFixed(6))];
  return seen;
}

const failed = (code: ErrorCode, changes: Partial<Call> = {}): Call =>
  settledCall({ error: new GatewayError(code), ...changes });

describe('call observer', () => {
  it('feeds every family of a streamed call', () => {
    expect(observe(settledCall())).toEqual({
      'http_requests_total{/v1/chat/completions,POST,2xx}': 1,
      'http_request_duration_seconds{/v1/chat/completions,POST,2xx}': [1, 1],
      'requests_total{openai-chat,openai,fast,ok,}': 1,
      'request_duration_seconds{openai-chat,openai,fast,true}': [1, 1],
      'overhead_seconds{openai-chat,true,false}': [1, 0.06],
      'time_to_first_token_seconds{openai,fast}': [1, 0.31],
      'inter_chunk_seconds{openai,fast}': [10, 0.69],
      'output_tokens_per_second{openai,fast}': [1, 100],
      'upstream_requests_total{openai,fast,2xx,}': 1,
      'upstream_duration_seconds{openai,fast}': [1, 0.995],
      'cost_usd_total{openai,fast}': 0.000027,
      'attempts_total{openai,first}': 1,
      'queue_wait_seconds{openai}': [1, 0.003],
      'tokens_total{openai,fast,input}': 30,
      'tokens_total{openai,fast,cache_read}': 10,
      'tokens_total{openai,fast,output}': 69,
      'streams_ended_total{openai,complete}': 1,
    });
  });

  it('tells what attempts cost, of all of them, from what has no price', () => {
    const attempts = [
      attempt({ provider: 'other', errorType: 'upstream_truncated', costNano: 500 }),
      attempt({ costNano: null }),
      attempt({ sentAt: 0, costNano: null }),
      attempt({ costNano: 0 }),
    ];
    const seen = observe(settledCall({ attempts }));
    expect(seen['cost_usd_total{other,fast}']).toBe(5e-7);
    expect(seen['cost_usd_total{openai,fast}']).toBeUndefined();
    expect(seen['unpriced_requests_total{openai,fast}']).toBe(1);
  });

  it('adds up what kept answers saved, as the log does: no time where one was not given whole', () => {
    const seen = observe(
      settledCall({ cache: keptOf() }),
      settledCall({ cache: keptOf({ savedNano: null, madeMs: 1_500 }) }),
      settledCall({ cache: keptOf({ type: 'semantic', similarity: 0.95, madeMs: 2_000 }) }),
      settledCall({ cache: keptOf({ result: 'miss', savedNano: null, madeMs: null }) }),
      failed('GW_CLIENT_GONE', { cache: keptOf() }),
    );
    expect(seen).toMatchObject({
      'cache_saved_seconds_total{exact}': 7.75,
      'cache_saved_seconds_total{semantic}': 1,
      'cache_saved_usd_total{exact}': 0.000024,
      'cache_saved_usd_total{semantic}': 0.000012,
    });
  });

  it('leaves stream families out for a call that did not stream', () => {
    const seen = observe(settledCall({ facts: { stream: false } as Call['facts'] }));
    expect(
      Object.keys(seen).filter((name) => /token_seconds|inter_chunk|per_second|streams_ended/.test(name)),
    ).toEqual([]);
    expect(seen).toHaveProperty('request_duration_seconds{openai-chat,openai,fast,false}');
  });

  it('counts attempts with the reason of the one before, and a fallback when the target changed', () => {
    const seen = observe(
      settledCall({
        attempts: [
          attempt({ provider: 'local', status: 503, errorType: 'provider_overloaded' }),
          attempt({ provider: 'local', status: 0, errorType: 'provider_connect' }),
          attempt(),
        ],
      }),
    );
    expect(seen).toMatchObject({
      'attempts_total{local,first}': 1,
      'attempts_total{local,provider_overloaded}': 1,
      'attempts_total{openai,provider_connect}': 1,
      'fallbacks_total{openai,provider_connect}': 1,
      'upstream_requests_total{local,fast,5xx,provider_overloaded}': 1,
      'upstream_requests_total{local,fast,none,provider_connect}': 1,
      'upstream_requests_total{openai,fast,2xx,}': 1,
    });
    expect(seen).not.toHaveProperty('fallbacks_total{local,provider_overloaded}');
  });

  it.each<[ErrorCode, string]>([
    ['GW_CLIENT_GONE', 'client_gone'],
    ['GW_UPSTREAM_TIMEOUT_IDLE', 'idle_timeout'],
    ['GW_GATEWAY_DRAINING', 'drained'],
    ['GW_UPSTREAM_TRUNCATED', 'truncated'],
    ['GW_UPSTREAM_ERROR', 'truncated'],
  ])('counts a stream that ended by %s as %s', (code, end) => {
    expect(observe(failed(code))).toHaveProperty([`streams_ended_total{openai,${end}}`], 1);
  });

  it('tells a client that left from a failure', () => {
    expect(observe(failed('GW_CLIENT_GONE'), failed('GW_UPSTREAM_ERROR'))).toMatchObject({
      'requests_total{openai-chat,openai,fast,cancelled,caller_cancelled}': 1,
      'requests_total{openai-chat,openai,fast,error,provider_server_error}': 1,
    });
  });

  it('counts a call that never reached a provider', () => {
    const call = failed('GW_CLIENT_MODEL_NOT_FOUND', {
      model: '',
      provider: '',
      attempts: [],
      status: 404,
      firstByteAt: 0,
      usage: null,
    });
    expect(observe(call)).toMatchObject({
      'http_requests_total{/v1/chat/completions,POST,4xx}': 1,
      'requests_total{openai-chat,none,_other,error,caller_not_found}': 1,
    });
  });

  it('counts what was used beside tokens where something was said of it', () => {
    const quantities = { ...NO_QUANTITIES, images: 2, searches: 0 };
    const seen = observe(settledCall({ quantities }));
    expect(seen).toMatchObject({ 'quantities_total{openai,fast,images}': 2 });
    expect(Object.keys(seen).filter((name) => name.startsWith('quantities'))).toHaveLength(1);
  });

  it('counts dropped fields without their indexes', () => {
    const plan = {
      targets: [{ provider: { name: 'openai' }, dialect: { name: 'anthropic' } }],
    } as unknown as Plan;
    const seen = observe(settledCall({ plan, dropped: ['messages[3].name', 'messages[17].name', 'seed'] }));
    expect(seen).toMatchObject({
      'fields_dropped_total{openai-chat,anthropic,messages[].name}': 2,
      'fields_dropped_total{openai-chat,anthropic,seed}': 1,
    });
  });

  it('counts other routes as HTTP only, and methods a client made up as _other', () => {
    const models: Route = { ...CHAT, kind: 'local', answer: 'model-list', template: '/v1/models' };
    const call = settledCall({}, models);
    Object.assign(call.head, { method: 'BREW' });
    expect(Object.keys(observe(call))).toEqual([
      'http_requests_total{/v1/models,_other,2xx}',
      'http_request_duration_seconds{/v1/models,_other,2xx}',
    ]);
  });

  it('bounds the models that callers make up, which push out none that the configuration states', () => {
    const calls = Array.from({ length: 700 }, (_, i) => settledCall({ model: `openai/made-up-${i}` }));
    const seen = observe(...calls, settledCall(), settledCall());
    const names = Object.keys(seen).filter((name) => name.startsWith('requests_total'));
    expect(names).toHaveLength(102);
    expect(seen['requests_total{openai-chat,openai,_other,ok,}']).toBe(600);
    expect(seen['requests_total{openai-chat,openai,fast,ok,}']).toBe(2);
  });

  it('writes the access line only when there is an access log', () => {
    const written: Call[] = [];
    const recorder = createRecorder();
    const call = settledCall();
    createCallObserver({ recorder, accessLog: { write: (seen) => written.push(seen) } }).settled(call);
    expect(written).toEqual([call]);
  });
});
