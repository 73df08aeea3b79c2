import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import { createWatcher } from '../../dialects/gemini/stream-watch.ts';
import { jsonList } from '../../wire/json-list.ts';
import { createSseScanner } from '../../wire/sse-scanner.ts';
import { ReframeRelay } from './reframe-relay.ts';

const message = (text: string, more = '') =>
  `{"candidates":[{"content":{"parts":[{"text":"${text}"}],"role":"model"}${more},"index":0}]}`;
const event = (data: string) => `data: ${data}\n\n`;
const END = message('', ',"finishReason":"STOP"');

function relay(chunks: readonly string[], gated = false) {
  const parts: string[] = [];
  const scanner = createSseScanner({ maxEventBytes: 10_000 });
  const out = {
    gated,
    write: (bytes: Buffer | string) => void parts.push(bytes.toString()),
    faulted: () => new GatewayError('GW_UPSTREAM_ERROR'),
    malformed() {},
  };
  const made = new ReframeRelay(scanner, createWatcher(), jsonList, out);
  let code: string | null = null;
  try {
    for (const chunk of chunks) made.data(Buffer.from(chunk));
    made.ended();
  } catch (cause) {
    code = (cause as GatewayError).code;
  }
  return { text: parts.join(''), pieces: parts.length, code, relay: made };
}

describe('a stream put together in another way', () => {
  it('has the data of each event as it came', () => {
    const spaced = message('b').replace('{"candidates":', '{ "candidates" :\t');
    const { text, code, relay: made } = relay([event(message('a')), event(spaced) + event(END)]);
    expect(text).toBe(`[${message('a')},\r\n${spaced},\r\n${END}]`);
    expect([code, made.finished, made.tokens]).toEqual([null, true, 2]);
  });

  it('is the same wherever its bytes are cut', () => {
    const bytes = event(message('é')) + event(END);
    const whole = relay([bytes]).text;
    for (let at = 1; at < bytes.length; at++)
      expect(relay([bytes.slice(0, at), bytes.slice(at)]).text).toBe(whole);
  });

  it('is no list where it broke off: who breaks it ends the list', () => {
    const { text, code } = relay([event(message('a'))]);
    expect([text, code]).toEqual([`[${message('a')}`, 'GW_UPSTREAM_TRUNCATED']);
  });

  it('waits for content where another target could take over', () => {
    const usage = '{"usageMetadata":{"promptTokenCount":1}}';
    expect(relay([event(usage), event('{"oops')], true).text).toBe('');
    expect(relay([event(usage), event(message('a')), event('{"oops')], true).text).toBe(
      `[${usage},\r\n${message('a')}`,
    );
  });

  it('leaves out what is not for its client', () => {
    expect(relay([event(END), event('[DONE]'), ': bye\n\n']).text).toBe(`[${END}]`);
  });
});
