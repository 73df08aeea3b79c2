import { expect, test } from 'vitest';
import { envelopeFault, streamFault } from './envelope.ts';
import type { Answer } from './single-call.ts';

const json = (value: unknown, status = 200): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(value),
});
const chat = {
  object: 'chat.completion',
  choices: [{ message: { role: 'assistant', content: 'Water.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2 },
};
const message = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'Water.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 2 },
};

test('an answer in the own dialect is one', () => {
  expect(envelopeFault('openai', json(chat))).toBeNull();
  expect(envelopeFault('anthropic', json(message))).toBeNull();
});
test("the provider's own body handed through is not translated", () => {
  expect(envelopeFault('openai', json(message))).toContain('dialect of openai');
  expect(envelopeFault('anthropic', json(chat))).toContain('dialect of anthropic');
});
test('an envelope around nothing is not translated', () => {
  expect(envelopeFault('anthropic', json({ ...message, content: [{ type: 'text', text: '' }] }))).toContain(
    'empty',
  );
  expect(envelopeFault('anthropic', json({ ...message, content: [] }))).toContain('no text block');
  expect(envelopeFault('anthropic', json({ ...message, usage: {} }))).toContain('usage');
  expect(envelopeFault('openai', json({ ...chat, choices: [] }))).toContain('empty');
  expect(envelopeFault('openai', json({ ...chat, usage: null }))).toContain('usage');
  expect(envelopeFault('openai', json({ ...chat, choices: [{ message: { content: 'x' } }] }))).toContain(
    'finish',
  );
});
test('an error or no JSON is not translated', () => {
  expect(envelopeFault('openai', json(chat, 500))).toBe('status 500');
  expect(envelopeFault('openai', { status: 200, contentType: '', body: 'oops' })).toContain('no JSON');
});

const events = (...data: (string | object)[]): Answer => ({
  status: 200,
  contentType: 'text/event-stream',
  body: data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join(''),
});
const chunk = { object: 'chat.completion.chunk' };
const spoken = [{ type: 'message_start' }, { type: 'content_block_delta' }, { type: 'message_stop' }];

test('a stream in the own dialect is one, with event lines and CRLF too', () => {
  expect(streamFault('openai', events(chunk, chunk, '[DONE]'))).toBeNull();
  const crlf = events(...spoken);
  crlf.body = crlf.body.replaceAll('data: ', 'event: x\r\ndata: ').replaceAll('\n\n', '\r\n\r\n');
  expect(streamFault('anthropic', crlf)).toBeNull();
});
test('a stream of the other dialect, or of both, is not translated', () => {
  expect(streamFault('anthropic', events(chunk, '[DONE]'))).toContain('dialect of anthropic');
  expect(streamFault('openai', events(...spoken))).toContain('dialect of openai');
  expect(streamFault('anthropic', events(...spoken.slice(0, 2), '[DONE]', spoken[2] ?? ''))).toContain(
    'another dialect',
  );
  expect(streamFault('openai', events(chunk, ...spoken, '[DONE]'))).toContain('another dialect');
});
test('a stream without its end or its content is not whole', () => {
  expect(streamFault('openai', events(chunk))).toContain('[DONE]');
  expect(streamFault('anthropic', events(...spoken.slice(0, 2)))).toContain('message_stop');
  expect(streamFault('anthropic', events(spoken[0] ?? '', spoken[2] ?? ''))).toContain('content_block_delta');
  expect(streamFault('openai', { ...events(), status: 404 })).toBe('status 404');
});
