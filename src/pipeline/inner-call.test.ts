import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider, unlimited } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { Call, Flow, Stage } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { createClocks } from './clocks.ts';
import { quietDispatch } from './dispatch/dispatch.fixture.ts';
import type { Flows } from './flows.ts';
import { createInnerCalls, INNER_ROUTE, type InnerCalls, type InnerRequest } from './inner-call.ts';
import { createPipeline } from './pipeline.ts';
import { createRefuser } from './refuse.ts';
import { createSettle } from './settle.ts';

const vectors = { object: 'list', data: [], model: 'm', usage: { prompt_tokens: 7, total_tokens: 7 } };

let provider: FakeProvider;
let settled: Call[];
let inner: InnerCalls;
let parent: Call;
/** What a stage before the dispatcher says. */
let held: Stage;

beforeEach(() => {
  provider = fakeProvider('p', dialectByName('openai-chat'));
  settled = [];
  held = () => 'continue';
  const clocks = createClocks({ now: () => 1, wall: () => 1 });
  const observers = [{ settled: (call: Call) => void settled.push(call) }];
  const settle = createSettle(clocks, [...observers, { settled: (call) => inner.settled(call) }]);
  const refuse = createRefuser(dialectByName, settle, unlimited);
  const dispatch = quietDispatch(clocks, [], { settle, refuse });
  const facts: Stage = (call) => {
    call.facts = inspectBody(call.body!);
    const target = { ...provider.target, operation: call.operation!.name };
    call.plan = planOf('m', tiersInOrder([target]));
    return 'continue';
  };
  const flow: Flow = { stages: [facts, (call) => held(call), dispatch], sinks: [], filters: [] };
  inner = createInnerCalls({
    clock: clocks,
    flows: () => ({ embeddings: flow, chat: flow }) as unknown as Flows,
    run: createPipeline(() => 'continue', refuse).body,
    refuse,
  });
  parent = fakeCall('anthropic', { model: 'm', messages: [] }, [provider]).call;
  parent.principal = principalOf({ name: 'app' });
  parent.customer = 'someone';
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

const request = (change: Partial<InnerRequest> = {}): InnerRequest => ({
  operation: 'embeddings',
  dialect: 'openai-chat',
  body: Buffer.from('{"model":"m","input":"hi"}'),
  timeoutMs: 300,
  ...change,
});

const leave = (call: Call): void => {
  const error = new GatewayError('GW_CLIENT_GONE');
  call.error = error;
  call.settledAt = 2;
  inner.settled(call);
};

describe('a call within a call', () => {
  it('goes the way of its operation, with the caller and the configuration of its parent, and settles by itself', async () => {
    const { answer } = inner.ask(parent, request());
    expect(provider.requests[0]!.sent.toString()).toBe('{"model":"m","input":"hi"}');
    provider.requests[0]!.json(200, vectors);
    const { status, body, call } = await answer;
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toEqual(vectors);
    expect(call).toMatchObject({ parent: parent.id, customer: 'someone', status: 200 });
    expect(call.principal).toBe(parent.principal);
    expect(call.snapshot).toBe(parent.snapshot);
    expect(call.route.template).toBe(INNER_ROUTE);
    expect(call.usage?.input).toBe(7);
    expect(settled).toEqual([call]);
    expect(call.id.startsWith(`${parent.id}.`)).toBe(true);
    expect(parent.settled).toBe(false);
  });

  it('brings streams whole', async () => {
    const { answer } = inner.ask(
      parent,
      request({ operation: 'chat', body: Buffer.from('{"model":"m","messages":[],"stream":true}') }),
    );
    const piece = { id: 'a', choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] };
    provider.requests[0]!.stream().send(piece, '[DONE]').end();
    const { body } = await answer;
    expect(body.toString()).toContain('"content":"x"');
    expect(body.toString()).toContain('[DONE]');
  });

  it('tells why there is no answer', async () => {
    const { answer } = inner.ask(parent, request());
    provider.requests[0]!.json(400, { error: { message: 'no such model', type: 'invalid_request_error' } });
    await expect(answer).rejects.toMatchObject({ code: 'GW_UPSTREAM_REJECTED' });
    expect(settled[0]!.error).not.toBeNull();
  });

  it('ends with its parent, and its upstream is let go', async () => {
    const first = inner.ask(parent, request());
    const second = inner.ask(parent, request());
    leave(parent);
    await expect(first.answer).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    await expect(second.answer).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    expect(provider.requests.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(inner.size).toBe(0);
  });

  it('that outlives its parent goes on', async () => {
    const { answer } = inner.ask(parent, request({ outlives: true }));
    leave(parent);
    expect(inner.size).toBe(1);
    const idle = inner.idle();
    provider.requests[0]!.json(200, vectors);
    expect((await answer).status).toBe(200);
    await idle;
  });

  it('has its time and no more, also where it waits in a stage', async () => {
    const { answer } = inner.ask(parent, request());
    held = () => new Promise(() => undefined);
    const waiting = inner.ask(parent, request());
    vi.advanceTimersByTime(301); // behind the reads of that turn
    await expect(answer).rejects.toMatchObject({ code: 'GW_UPSTREAM_TIMEOUT_TOTAL' });
    await expect(waiting.answer).rejects.toMatchObject({ code: 'GW_UPSTREAM_TIMEOUT_TOTAL' });
    expect(provider.requests[0]!.aborted).toBe(true);
    expect(settled).toHaveLength(2);
  });

  it('is ended by whoever made it, and by the gateway that stops', async () => {
    const first = inner.ask(parent, request());
    const second = inner.ask(parent, request({ outlives: true }));
    first.cancel(new GatewayError('GW_CLIENT_GONE'));
    await expect(first.answer).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
    expect(inner.endAll(new GatewayError('GW_GATEWAY_DRAINING'))).toBe(1);
    await expect(second.answer).rejects.toMatchObject({ code: 'GW_GATEWAY_DRAINING' });
    await inner.idle();
  });
});

describe('a copy that nobody hears', () => {
  it('that nobody hears end when nobody is to wait for them, and no other does', async () => {
    const heard = inner.ask(parent, request());
    const copy = inner.shadow(parent, 'other/model', 300);
    inner.endShadows(new GatewayError('GW_GATEWAY_DRAINING'));
    await expect(copy.answer).rejects.toMatchObject({ code: 'GW_GATEWAY_DRAINING' });
    expect(inner.size).toBe(1);
    provider.requests[0]!.json(200, vectors);
    expect((await heard.answer).status).toBe(200);
  });

  it('is the request once more, for another model, under an id of its own, behind what runs now', async () => {
    parent.head.headers.add('content-encoding', 'gzip');
    parent.head.headers.add('x-headgate-session', 's');
    parent.head.headers.add('x-headgate-priority', 'high');
    parent.body = Buffer.from('{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}');
    const copy = inner.shadow(parent, 'other/model', 300);
    expect(provider.requests).toHaveLength(0);
    expect([copy.call.instead, copy.call.parent, copy.call.route.template]).toEqual([
      'other/model',
      parent.id,
      '_shadow',
    ]);
    const { headers } = copy.call.head;
    expect(
      ['content-encoding', 'x-headgate-session', 'x-headgate-priority'].map((name) => headers.get(name)),
    ).toEqual([undefined, 's', undefined]);
    await vi.advanceTimersByTimeAsync(1);
    expect(provider.requests).toHaveLength(1);
    provider.requests[0]!.json(200, {
      id: 'a',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    });
    const answer = await copy.answer;
    expect(answer.body).toHaveLength(0);
    expect(settled).toEqual([copy.call]);
    expect(copy.call.usage).toMatchObject({ input: 3, output: 1 });
  });
});
