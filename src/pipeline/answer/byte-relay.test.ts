// What the byte path lets through, byte for byte. The rules it shares with the translated path: stream-relay.test.ts.
import { describe, expect, test } from 'vitest';
import { relayStream } from '../../../tests/kit/relay-stream.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { sse } from '../../wire/sse.ts';
import { ByteRelay } from './byte-relay.ts';
import { quietOut } from './quiet-out.fixture.ts';

const openai = dialectByName('openai-chat');
const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: false };
const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: object, finish: string | null = null): string =>
  event({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] });
const hello = chunk({ content: 'hello' });
const finish = chunk({}, 'stop');
const usage = event({ id: 'c', choices: [], usage: { prompt_tokens: 7, completion_tokens: 1 } });
const DONE = 'data: [DONE]\n\n';

const relay = (chunks: string[], includeUsage = false) =>
  relayStream(
    chunks.map((text) => Buffer.from(text)),
    openai,
    openai,
    { ...CONTEXT, includeUsage },
  );

describe('bytes of the upstream', () => {
  test('go on as they came, whatever stands around the events', () => {
    const odd = `: a comment\r\n\r\n${hello}${hello.replaceAll('\n', '\r\n')}id: 7\n${finish}${DONE}`;
    expect(relay([odd]).text).toBe(odd);
  });

  test('that hold all of a chunk go on as that chunk itself: nothing is copied', () => {
    const written: (Buffer | string)[] = [];
    const out = quietOut((bytes: Buffer | string) => void written.push(bytes));
    const scanner = sse.createScanner({ maxEventBytes: 1 << 20 });
    const made = new ByteRelay(scanner, openai.chat.createWatcher(CONTEXT), out);
    const bytes = Buffer.from(hello + hello);
    made.data(bytes);
    expect(written).toEqual([bytes]);
    expect(written[0]).toBe(bytes);
  });

  test('that are not the client’s are left out between those that are', () => {
    expect(relay([hello + usage + finish + DONE]).text).toBe(hello + finish + DONE);
    expect(relay([usage + hello, finish + usage, usage, DONE]).text).toBe(hello + finish + DONE);
  });

  test('that were left out for others go to who asked for them', () => {
    expect(relay([hello + finish + usage + DONE], true).text).toBe(hello + finish + usage + DONE);
  });

  test('that are left out are read all the same', () => {
    const { relay: made } = relay([hello + finish + usage + DONE]);
    expect(made.facts.usage).toMatchObject({ input: 7, output: 1 });
  });

  test('behind the end are not the client’s, in one chunk with it or not', () => {
    const said = hello + finish + DONE;
    expect(relay([`${said}data: more\n\n`]).text).toBe(said);
    expect(relay([said, 'data: more\n\n']).text).toBe(said);
  });

  test('are the same however they were cut', () => {
    const said = hello + usage + finish + DONE;
    for (let at = 1; at < said.length; at++)
      expect(relay([said.slice(0, at), said.slice(at)]).text).toBe(hello + finish + DONE);
  });
});

describe('what clients need is added', () => {
  test('where an event came without it, in that event’s place', () => {
    const bare = event({ id: 'c', usage: { prompt_tokens: 7, completion_tokens: 1 } });
    const { text } = relay([hello + finish + bare + DONE], true);
    expect(text.startsWith(hello + finish)).toBe(true);
    expect(text.endsWith(DONE)).toBe(true);
    const between = text.slice((hello + finish).length, -DONE.length);
    expect(JSON.parse(between.slice('data: '.length))).toMatchObject({ choices: [], usage: {} });
  });

  test('when the upstream closes without its sentinel', () => {
    const { text, relay: made } = relay([hello + finish]);
    expect(text).toBe(hello + finish + DONE);
    expect(made.finished).toBe(true);
  });

  test.each([
    ['no line end', 2, '\n\n'],
    ['one line end', 1, '\n'],
  ])('when its last event has %s behind it', (_, cut, added) => {
    const said = hello + chunk({ content: '!' }, 'stop');
    const { text } = relay([said.slice(0, -cut)]);
    expect(text).toBe(`${said.slice(0, -cut)}${added}${DONE}`);
  });
});

test('content is counted event by event, and nothing else is', () => {
  const { relay: made } = relay([
    chunk({ role: 'assistant', content: '' }) + hello,
    `: ping\n\n${hello}${finish}${usage}${DONE}`,
  ]);
  expect(made.tokens).toBe(2);
});
