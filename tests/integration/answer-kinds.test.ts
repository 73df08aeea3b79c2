// What an upstream answers with is what its bytes are: not what was asked for, and not what it is labelled.
import { describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, textOf } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway();

const send = (path: string, model: string, extra: object = {}) =>
  call(harness, path, { body: path === chatPath ? chatBody(model, extra) : messagesBody(model, extra) });

/** What was said in a whole answer of either dialect. */
const said = (json: unknown) => pick(json, 'choices.0.message.content') ?? pick(json, 'content.0.text');

describe.each([
  [chatPath, 'oa'],
  [messagesPath, 'an'],
  [chatPath, 'an'],
  [messagesPath, 'oa'],
] as const)('%s from %s', (path, provider) => {
  const end = path === chatPath ? '[DONE]' : '{"type":"message_stop"}';

  test.each(['text/plain', 'application/json', 'application/octet-stream'])(
    'events labelled %s are a stream',
    async (type) => {
      for (const cut of ['', '+split:1', '+comments', '+bom']) {
        const answer = await send(path, `${provider}/text:3+labelled:${type}${cut}`, { stream: true });
        expect(answer.headers['content-type']).toContain('text/event-stream');
        expect(textOf(answer.events)).toBe('t0 t1 t2');
        expect(answer.events.at(-1)?.data).toBe(end);
      }
    },
  );

  test.each(['application/json', 'text/plain', 'text/event-stream'])(
    'a whole answer labelled %s is told as a stream to who asked for one',
    async (type) => {
      for (const cut of ['', '+chunked', '+split:1']) {
        const answer = await send(path, `${provider}/text:3+whole+labelled:${type}${cut}`, { stream: true });
        expect(answer.headers['content-type']).toContain('text/event-stream');
        expect(textOf(answer.events)).toBe('t0 t1 t2');
        expect(answer.events.at(-1)?.data).toBe(end);
      }
    },
  );

  test('a whole answer labelled text/plain is one', async () => {
    const answer = await send(path, `${provider}/text:3+labelled:text/plain`);
    expect([answer.status, said(answer.json)]).toEqual([200, 't0 t1 t2']);
  });

  test.each(['text/event-stream', 'text/plain'])(
    'a stream (%s) nobody asked for is gathered into a whole answer',
    async (type) => {
      const answer = await send(path, `${provider}/text:3+streams+labelled:${type}`);
      expect(answer.headers['content-type']).toContain('application/json');
      expect([answer.status, said(answer.json)]).toEqual([200, 't0 t1 t2']);
      expect(pick(answer.json, 'choices.0.finish_reason') ?? pick(answer.json, 'stop_reason')).toMatch(
        /^(?:stop|end_turn)$/,
      );
    },
  );

  test('a stream nobody asked for that breaks off is no answer', async () => {
    const answer = await send(path, `${provider}/text:9+streams+end-after:5`);
    expect(answer.status).toBe(502);
  });

  test('an error in place of the first event has its own status, whatever the label', async () => {
    const answer = await send(path, `${provider}/error-first:429+labelled:text/plain`, { stream: true });
    expect(answer.status).toBe(429);
  });
});
