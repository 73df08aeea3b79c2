// The relay of an answer that somebody looks at in his own time: what it writes when, and when it is over.
import { describe, expect, it } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import type { CreateDeltaQueue, DeltaOut } from '../../contracts/delta-filter.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { AsideRelay } from './aside-relay.ts';

const { chat } = dialectByName('openai-chat');
const chunk = (content: string | null, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: content === null ? {} : { content }, finish_reason: finish }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';

function setUp(gated = false) {
  const told: string[] = [];
  let waiting: Delta[] = [];
  let put: DeltaOut = () => undefined;
  let say: (failure: GatewayError | null) => void = () => undefined;
  let closed = false;
  const create: CreateDeltaQueue = (out, news) => {
    put = out;
    say = news;
    return {
      push: (deltas) => void waiting.push(...deltas),
      get heldChars() {
        return waiting.reduce((sum, delta) => sum + (delta.kind === 'text' ? delta.text.length : 0), 0);
      },
      close: () => void (closed = true),
    };
  };
  const context = {
    requestId: 'r',
    model: 'm',
    now: 1,
    includeUsage: false,
    promptEstimate: 1,
    template: '/v1/chat/completions',
    toolIds: [],
  };
  const relay = new AsideRelay(
    chat.framing.createScanner({ maxEventBytes: 1 << 20 }),
    chat.createDecoder(),
    chat.createEncoder(context),
    chat.framing,
    {
      gated,
      write: (bytes) => void told.push(bytes.toString()),
      hold: (full) => void told.push(full ? 'hold' : 'go on'),
      late: (ended) => void told.push(ended ? 'over, closed' : 'over'),
      faulted: () => new GatewayError('GW_UPSTREAM_BAD_OUTPUT'),
      malformed() {},
    },
    create,
  );
  return {
    relay,
    told,
    isClosed: () => closed,
    data: (...chunks: string[]) => relay.data(Buffer.from(chunks.join(''))),
    /** All that waits is let go. */
    go: (): void => {
      const taken = waiting;
      waiting = [];
      for (const delta of taken) put(delta);
      say(null);
    },
    fail: (error: GatewayError) => say(error),
  };
}

describe('an answer that is looked at elsewhere', () => {
  it('is written when it may go on, and over when all of it has', () => {
    const { relay, told, data, go } = setUp();
    data(chunk('one'), chunk('two'));
    expect(told).toEqual([]);
    expect(relay.tokens).toBe(0);
    go();
    expect(told.join('')).toContain('two');
    expect(relay.finished).toBe(false);
    data(chunk(null, 'stop'), DONE);
    relay.ended();
    // However often its upstream is said to be done.
    relay.ended();
    expect(relay).toMatchObject({ complete: true, finished: false });
    go();
    expect(relay.finished).toBe(true);
    expect(told.at(-2)).toContain('[DONE]');
    expect(told.at(-1)).toBe('over, closed');
  });

  it('is over also without the last word of its upstream', () => {
    const { relay, told, data, go } = setUp();
    data(chunk('one'), chunk(null, 'stop'));
    relay.ended();
    go();
    expect(relay.finished).toBe(true);
    expect(told.join('')).toContain('[DONE]');
  });

  it('that broke off is no whole one', () => {
    const { relay, data } = setUp();
    data(chunk('one'));
    expect(() => relay.ended()).toThrow(expect.objectContaining({ code: 'GW_UPSTREAM_TRUNCATED' }));
  });

  it('that breaks behind its first words breaks behind what waits, not before it', () => {
    for (const cut of [false, true]) {
      const { relay, told, data, go } = setUp();
      data(chunk('one'));
      go();
      data(chunk('two'));
      if (cut) relay.ended();
      else data('data: {"error":{"message":"no more","type":"server_error"}}\n\n', chunk('three'));
      // Whatever else comes.
      data(chunk('four'));
      expect(told.join('')).not.toContain('two');
      expect(relay).toMatchObject({ complete: false, finished: false });
      go();
      expect(told.join('')).toContain('two');
      expect(told.join('')).not.toMatch(/three|four/);
      expect(told.at(-1)).toBe(cut ? 'over, closed' : 'over');
      expect(() => data('')).toThrow(
        expect.objectContaining({ code: cut ? 'GW_UPSTREAM_TRUNCATED' : 'GW_UPSTREAM_BAD_OUTPUT' }),
      );
    }
  });

  it('that may not go on says so with its next piece, and no word of it is written', () => {
    const { relay, told, data, fail } = setUp();
    data(chunk('one'), chunk(null, 'stop'), DONE);
    const error = new GatewayError('GW_PLUGIN_FAILED');
    fail(error);
    expect(told).toEqual(['over']);
    expect(() => data('')).toThrow(error);
    expect(() => relay.ended()).toThrow(error);
    expect(relay).toMatchObject({ complete: false, finished: false });
  });

  it('pauses its upstream while more waits than is held', () => {
    const { told, data, go } = setUp();
    data(chunk('x'.repeat(65_000)));
    expect(told).toEqual([]);
    data(chunk('y'.repeat(1_000)));
    data(chunk('z'));
    expect(told).toEqual(['hold', 'hold']);
    go();
    expect(told.filter((one) => one.length < 20)).toEqual(['hold', 'hold', 'go on']);
  });

  it('commits no answer before something of it may go on', () => {
    const { told, data, go } = setUp(true);
    data(chunk('one'));
    expect(told).toEqual([]);
    go();
    expect(told.join('')).toContain('one');
  });

  it('ends with its attempt', () => {
    const { relay, isClosed } = setUp();
    relay.close();
    expect(isClosed()).toBe(true);
  });
});
