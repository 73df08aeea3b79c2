// The rules both relays share, on the byte path and translated. What each kind of stream becomes is in tests/golden, what
// one damaged event does to it in tests/fuzz.
import { describe, expect, it } from 'vitest';
import { makeRelay, relayStream } from '../../../tests/kit/relay-stream.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import { dialectByName } from '../../registry/dialects.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: false };

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const role = chunk({ role: 'assistant', content: '' });
const DONE = 'data: [DONE]\n\n';
const BROKEN = 'data: {"choices":[{"index":0,"delta":{"content":"LO\n\n';

describe.each([
  ['as it comes', openai],
  ['translated', anthropic],
])('a stream %s', (_, to: Dialect) => {
  const relay = (chunks: string[], gated = false) =>
    relayStream(
      chunks.map((text) => Buffer.from(text)),
      openai,
      to,
      CONTEXT,
      gated,
    );
  const told = (text: string) => text.replace(/(?:event: error\n)?data: \{[^\n]*"error"[\s\S]*$/, '');

  it('that cannot be read before its content leaves nothing with the client, where another target waits', () => {
    for (const chunks of [[role, BROKEN], [role + BROKEN], [BROKEN]]) {
      const { text, error, relay: made } = relay(chunks, true);
      expect([told(text), error?.code, made.tokens]).toEqual(['', 'GW_UPSTREAM_BAD_OUTPUT', 0]);
    }
  });

  it('that cannot be read in its first bytes leaves nothing with the client, wherever it goes next', () => {
    expect(told(relay([role + BROKEN]).text)).toBe('');
  });

  it('that cannot be read behind its content ends in an error behind that content', () => {
    for (const chunks of [
      [role + chunk({ content: 'hi' }) + BROKEN],
      [role, chunk({ content: 'hi' }), BROKEN],
    ]) {
      for (const gated of [true, false]) {
        const { text, error } = relay(chunks, gated);
        expect(told(text)).toContain('"hi"');
        expect(text.match(/"error"/g)?.length).toBeGreaterThan(0);
        expect(error?.code).toBe('GW_UPSTREAM_BAD_OUTPUT');
      }
    }
  });

  it('that cannot be read is not complete, though every finish_reason was told', () => {
    const { relay: made, text } = relay([chunk({ content: 'hi' }), chunk({}, 'stop'), BROKEN, DONE]);
    expect([made.complete, made.finished]).toEqual([false, false]);
    expect(() => made.ended()).toThrow('broke off');
    expect(text).not.toContain('DONE');
    expect(text).not.toContain('message_stop');
  });

  it('that breaks off in an event behind its end is complete', () => {
    const { error, relay: made } = relay([chunk({ content: 'hi' }), chunk({}, 'stop'), 'data: [DO']);
    expect([error, made.finished]).toEqual([null, true]);
  });

  it('may have a named event without data behind its end, but not before', () => {
    const named = 'event: done\n\n';
    const said = [chunk({ content: 'hi' }), chunk({}, 'stop')];
    expect(relay([...said, named, DONE]).error).toBe(null);
    expect(relay([said[0]!, named, said[1]!, DONE]).error?.code).toBe('GW_UPSTREAM_BAD_OUTPUT');
    expect(relay([said[0]!, 'event: ping\n\n', said[1]!, DONE]).error).toBe(null);
  });

  it('that breaks off in an event before its end is not', () => {
    const { error } = relay([chunk({ content: 'hi' }), chunk({}, 'stop').slice(0, -9)]);
    expect(error?.code).toBe('GW_UPSTREAM_TRUNCATED');
  });

  it('whose finish_reasons are no sure sign is complete when it closes, not when it falls silent', () => {
    const begun = [chunk({ content: 'a' }, 'stop'), chunk({ content: 'b' }, 'stop')];
    const out = relay([...begun, DONE]);
    expect([out.error, out.relay.finished, out.relay.complete]).toEqual([null, true, true]);
    expect(relay(begun).error).toBe(null);
    const late = relay([...begun, DONE, chunk({ content: 'c' }, 'stop')]);
    expect(late.error?.code).toBe('GW_UPSTREAM_BAD_OUTPUT');
    expect(late.text).not.toContain('DONE');
    expect(late.text).not.toContain('message_stop');
  });

  it.each([
    [[chunk({ content: 'a' })], false],
    [[chunk({ content: 'a' }), chunk({}, 'stop')], true],
    [[chunk({ content: 'a' }, 'stop')], false],
    [[chunk({ content: 'a' }, 'stop'), DONE], true],
    [[chunk({ content: 'a' }), chunk({}, 'stop'), chunk({ content: 'b' })], false],
  ])('may fall silent or be reset once nothing more is to be expected: %j, %s', (chunks, complete) => {
    const made = makeRelay(openai, to, CONTEXT, false, () => {});
    for (const text of chunks) made.data(Buffer.from(text));
    expect(made.complete).toBe(complete);
  });
});
