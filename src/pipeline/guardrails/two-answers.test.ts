// What others are asked about where one call has two answers: of a race the one that its client gets, of a stream that broke off both.
import { expect, it } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { compileGuard } from '../../guardrails/guard.ts';
import { SchemaBook } from '../../guardrails/json-schema.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { GuardRun } from '../../guardrails/run.ts';
import type { Timed } from '../clocks.ts';
import { AnswerGuard } from './answer-guard.ts';
import { GuardSink } from './guard-sink.ts';
import type { Heard } from './remote-asks.ts';

function setUp() {
  const checks = [{ type: 'moderation' as const, model: 'm' }];
  const config = { ...DEFAULT_GUARDRAIL, name: 'harm', on: ['output' as const], when: {}, checks };
  const guard = compileGuard({ ...config, mode: 'beside' }, new SchemaBook());
  const run = new GuardRun({
    guards: [guard],
    placeholders: new Placeholders(Buffer.alloc(32, 1), 'me'),
    schema: null,
  });
  const asked: { text: string; answer: (refusal?: GatewayError) => void }[] = [];
  const watched = new Set<Timed>();
  let now = 0;
  const ask = (_: unknown, [text]: readonly string[]): Promise<Heard> =>
    new Promise((resolve) => {
      const answer = (refusal: GatewayError | null = null): void =>
        resolve({ refusal, texts: [], found: null, retry: null });
      asked.push({ text: text!, answer });
    });
  const answers = new AnswerGuard(
    '',
    run,
    {
      ask,
      clocks: {
        now: () => now,
        watch: (timed) => void watched.add(timed),
        unwatch: (timed) => void watched.delete(timed),
      },
      over: () => false,
    },
    (sink) => sink,
  );
  const { call, sink } = fakeCall('openai-chat', { model: 'm', messages: [], stream: true }, []);
  call.guard = answers;
  const out = new GuardSink(
    sink,
    call,
    Object.assign(() => Promise.resolve(null), { now: () => 0 }),
  );
  /** An answer that is under way, in words that go out as they are. */
  let started = false;
  const answer = (goesOut = true) => {
    const filter = answers.filter!();
    filter.take({ kind: 'open', index: 0, block: 'text' }, () => undefined);
    return (text: string): void => {
      filter.take({ kind: 'text', index: 0, text }, (delta) => {
        if (!goesOut) return;
        if (!started) out.start(200, [['content-type', 'text/event-stream']]);
        started = true;
        if (delta.kind === 'text') out.chunk(delta.text);
      });
    };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ sink, out, answer, asked, watched, settled },
    texts: () => asked.map(({ text }) => text),
    pass: (ms: number) => {
      now += ms;
      for (const timed of [...watched]) timed.tick(now);
    },
  };
}

it('of two that race the one that speaks is waited for, though the other began later', async () => {
  const { sink, answer, asked, texts, pass, settled } = setUp();
  const first = answer();
  answer();
  first('so EVIL');
  expect(sink.body).toBe('');
  pass(250);
  expect(texts()).toEqual(['so EVIL']);
  asked[0]!.answer(new GatewayError('GW_GUARDRAIL_BLOCKED'));
  await settled();
  expect(sink.body).not.toContain('EVIL');
  expect(sink).toMatchObject({ status: 400, closed: true });
});

it('of one that went on after the other was begun each part is waited for, and the end comes', async () => {
  const { sink, out, answer, asked, texts, pass, settled } = setUp();
  answer()('one and ');
  // It breaks here, and another goes on.
  answer()('two');
  out.end();
  expect([sink.body, sink.closed]).toEqual(['', false]);
  expect(texts().join('')).toContain('one and two');
  for (const { answer: says } of asked) says();
  await settled();
  expect(sink).toMatchObject({ body: 'one and two', closed: true });
  pass(1_000);
  expect(asked.length).toBe(1);
});

it('nobody is asked about an answer that was left before any of it went out', () => {
  const { texts, watched, answer, pass } = setUp();
  // What it said was held back by something else.
  answer(false)('so EVIL');
  answer()('fine');
  pass(250);
  expect(texts()).toEqual(['fine']);
  expect(watched.size).toBe(0);
});
