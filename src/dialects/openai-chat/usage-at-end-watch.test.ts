import { describe, expect, test } from 'vitest';
import type { ClientHabits } from '../../contracts/client-habits.ts';
import { createWatcher } from './stream-watch.ts';

const chunk = (delta: object, finish: string | null = null, more: object = {}, index = 0): string =>
  JSON.stringify({
    id: 'c-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index, delta, finish_reason: finish }],
    ...more,
  });
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, queue_time: 0.5 };
const usageChunk = JSON.stringify({ id: 'c-1', choices: [], usage: USAGE });
const TEXT = chunk({ content: 'hi' });
const STOP = chunk({}, 'stop');
const frame = (data: string): string => `data: ${data}\n\n`;

/** What the client gets of these events, where none of them is changed as it came. */
function watched(
  events: readonly string[],
  habits: ClientHabits = { usage: 'finish' },
  closes = false,
): string {
  const watcher = createWatcher({ includeUsage: false, habits, requestId: 'req_1' });
  const said = events.map((data) => {
    const { verdict, instead } = watcher.watch('', data);
    if (instead !== null) return instead.toString();
    return verdict === 'hide' ? '' : frame(data);
  });
  return said.join('') + (closes ? watcher.closing().toString() : '');
}

const frames = (...events: string[]): string => events.map(frame).join('');

describe('usage for a client that finds it in the chunk that ends an answer', () => {
  test.each<[ClientHabits, object]>([
    [{ usage: 'finish' }, { usage: USAGE }],
    [{ usage: 'x_groq' }, { x_groq: { id: 'req_1', usage: USAGE }, usage: USAGE }],
  ])('is put there, from a chunk of its own (%j)', (habits, more) => {
    const said = watched([TEXT, chunk({}, 'stop', { usage: null }), usageChunk, '[DONE]'], habits);
    expect(said).toBe(frames(TEXT, chunk({}, 'stop', more), '[DONE]'));
  });

  test.each([
    ['beside the usage', chunk({}, 'stop', { usage: USAGE })],
    ['in Groq’s member', chunk({}, 'stop', { x_groq: { id: 'req_0', usage: USAGE } })],
  ])('stays in the upstream’s own bytes where that ends so: %s', (_where, last) => {
    expect(watched([TEXT, last, usageChunk, '[DONE]'], { usage: 'x_groq' })).toBe(
      frames(TEXT, last, '[DONE]'),
    );
  });

  test('stands with content that ends the answer, which is counted', () => {
    const watcher = createWatcher({ includeUsage: false, habits: { usage: 'finish' } });
    expect(watcher.watch('', chunk({ content: 'all' }, 'stop'))).toEqual({
      verdict: 'hide',
      content: true,
      instead: null,
    });
    expect(watcher.watch('', usageChunk)).toMatchObject({
      verdict: 'pass',
      content: false,
      instead: frame(chunk({ content: 'all' }, 'stop', { usage: USAGE })),
    });
  });

  test('stands in the last of several answers, and all are told', () => {
    const ends = [chunk({}, 'stop'), chunk({ content: 'b' }, null, {}, 1), chunk({}, 'length', {}, 1)];
    const last = chunk({}, 'length', { usage: USAGE }, 1);
    expect(watched([TEXT, ...ends, usageChunk, '[DONE]'])).toBe(
      frames(TEXT, ends[0]!, ends[1]!, last, '[DONE]'),
    );
    const together = [chunk({ content: 'b' }, null, {}, 1), chunk({}, 'stop'), chunk({}, 'stop', {}, 1)];
    expect(watched([TEXT, ...together, usageChunk, '[DONE]'])).toBe(
      frames(TEXT, together[0]!, together[1]!, chunk({}, 'stop', { usage: USAGE }, 1), '[DONE]'),
    );
  });

  test('is missing where nobody told it, and the answer ends all the same', () => {
    expect(watched([TEXT, STOP, '[DONE]'])).toBe(frames(TEXT, STOP, '[DONE]'));
    expect(watched([TEXT, STOP], { usage: 'finish' }, true)).toBe(frames(TEXT, STOP, '[DONE]'));
  });

  test('told before the end, or in a choice, is put there too', () => {
    const { queue_time: _, ...written } = USAGE;
    const early = chunk({ content: 'hi' }, null, { usage: USAGE });
    expect(watched([early, STOP, '[DONE]'])).toBe(
      frames(early, chunk({}, 'stop', { usage: written }), '[DONE]'),
    );
  });

  test('a stream that breaks off gets no end', () => {
    expect(watched([TEXT], { usage: 'finish' }, true)).toBe(frames(TEXT));
  });

  test('has a chunk of its own for clients without such a habit', () => {
    expect(watched([TEXT, STOP, usageChunk, '[DONE]'], { wholeCalls: true })).toBe(
      frames(TEXT, STOP, '[DONE]'),
    );
    const watcher = createWatcher({ includeUsage: true, habits: {} });
    expect(watcher.watch('', STOP).verdict).toBe('pass');
    expect(watcher.watch('', usageChunk).verdict).toBe('pass');
  });
});
