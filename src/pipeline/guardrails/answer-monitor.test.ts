import { expect, test } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import { compileGuard } from '../../guardrails/guard.ts';
import { SchemaBook } from '../../guardrails/json-schema.ts';
import type { Timed } from '../clocks.ts';
import { AnswerMonitor } from './answer-monitor.ts';
import type { Heard } from './remote-asks.ts';

function setUp(change: Partial<GuardrailConfig> = {}, ...more: Partial<GuardrailConfig>[]) {
  const guards = [change, ...more].map((changed, at) =>
    compileGuard(
      {
        ...{ ...DEFAULT_GUARDRAIL, name: `g${at}`, on: ['output'], when: {}, mode: 'beside', pauseMs: 250 },
        checks: [{ type: 'moderation', model: 'm' }],
        ...changed,
      },
      new SchemaBook(),
    ),
  );
  const asked: { text: string; answer: (refusal?: GatewayError) => void }[] = [];
  const watched = new Set<Timed>();
  let now = 1_000;
  let settled = false;
  const monitor = new AnswerMonitor(guards, {
    ask: (_, [text]) =>
      new Promise<Heard>((resolve) => {
        asked.push({
          text: text!,
          answer: (refusal) => resolve({ refusal: refusal ?? null, texts: [], found: null, retry: null }),
        });
      }),
    clocks: {
      now: () => now,
      watch: (timed) => void watched.add(timed),
      unwatch: (timed) => void watched.delete(timed),
    },
    over: () => settled,
  });
  /** So much time goes by, and the clocks look. */
  const pass = (ms: number): void => {
    now += ms;
    for (const timed of [...watched]) timed.tick(now);
  };
  const news = (): Promise<void> =>
    new Promise((resolve) => {
      monitor.onNews = resolve;
    });
  const settle = (): void => {
    settled = true;
  };
  const texts = (): string[] => asked.map(({ text }) => text);
  return { monitor, asked, texts, watched, pass, news, settle };
}

test('a model that pauses in a sentence is asked about, and what it said goes on', async () => {
  const { monitor, asked, texts, watched, pass, news } = setUp();
  monitor.said(0, 'Let me think about');
  pass(200);
  expect(texts()).toEqual([]);
  expect(monitor.cleared).toBe(0);
  pass(50);
  expect(texts()).toEqual(['Let me think about']);
  expect(watched.size).toBe(0);
  const heard = news();
  asked[0]!.answer();
  await heard;
  expect(monitor.cleared).toBe(18);
});

test('nothing hides between the pieces that a pause makes', () => {
  const { monitor, texts, pass } = setUp();
  monitor.said(0, 'how to build a bo');
  pass(250);
  monitor.said(0, 'mb');
  pass(250);
  expect(texts()).toEqual(['how to build a bo', 'how to build a bomb']);
});

test('a model that goes on is waited for until its sentence ends, at most four pauses', () => {
  const { monitor, texts, pass } = setUp();
  for (let at = 0; at < 4; at++) {
    monitor.said(0, 'so ');
    pass(200);
  }
  expect(texts()).toEqual([]);
  monitor.said(0, 'on');
  pass(200);
  expect(texts()).toEqual(['so so so so on']);
});

test('a piece that is asked about by itself, and a block that closed, wait for no clock', () => {
  const { monitor, texts, watched, pass } = setUp();
  const sentence = `${'So it goes on and on, '.repeat(5)}and ends.`;
  monitor.said(0, sentence);
  expect(texts()).toEqual([sentence]);
  monitor.said(1, 'short');
  monitor.closed(1);
  expect(texts().length).toBe(2);
  pass(1_000);
  expect(texts().length).toBe(2);
  expect(watched.size).toBe(0);
});

test('each block has its own pauses', () => {
  const { monitor, texts, watched, pass } = setUp();
  monitor.said(0, 'first');
  pass(200);
  monitor.said(1, 'second');
  pass(50);
  expect(texts()).toEqual(['first']);
  expect(watched.size).toBe(1);
  pass(200);
  expect(texts()).toEqual(['first', 'second']);
  expect(watched.size).toBe(0);
});

test('of several guardrails the one that waits least says when', () => {
  const { monitor, texts, pass } = setUp({ pauseMs: 1_000 }, { pauseMs: 100 });
  monitor.said(0, 'so');
  pass(100);
  expect(texts()).toEqual(['so', 'so']);
});

test('nobody is asked about an answer that is over, refused or of a call that has settled', async () => {
  const ended = setUp();
  ended.monitor.said(0, 'so');
  ended.monitor.end();
  ended.pass(1_000);
  expect(ended.texts()).toEqual(['so']);
  expect(ended.watched.size).toBe(0);

  const settled = setUp();
  settled.monitor.said(0, 'so');
  settled.settle();
  settled.pass(1_000);
  expect(settled.texts()).toEqual([]);
  expect(settled.watched.size).toBe(0);

  const refused = setUp();
  refused.monitor.said(0, 'so');
  refused.pass(250);
  const heard = refused.news();
  refused.asked[0]!.answer(new GatewayError('GW_GUARDRAIL_BLOCKED'));
  await heard;
  refused.monitor.said(0, ' on');
  refused.pass(1_000);
  expect(refused.texts()).toEqual(['so']);
  expect(refused.watched.size).toBe(0);
});

test('answers that are judged as a whole, or only spoken of, have no clock', () => {
  for (const mode of ['before', 'after'] as const) {
    const { monitor, texts, watched, pass } = setUp({ mode });
    monitor.said(0, 'so');
    pass(10_000);
    expect(texts()).toEqual([]);
    expect(watched.size).toBe(0);
  }
});
