// What a frame asks for: the dialect it is in, and the body that goes on.
import { expect, test } from 'vitest';
import { readFrame } from './chat-frames.ts';

const read = (frame: object) => {
  const found = readFrame(JSON.stringify(frame), 'openai-chat');
  if (found.kind !== 'request') throw new Error(`no request: ${JSON.stringify(found)}`);
  return { ...found, body: JSON.parse(found.body.toString()) as Record<string, unknown> };
};
const messages = [{ role: 'user', content: 'hi' }];

test.each([
  ['openai-chat', { messages }],
  ['openai-chat', { messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] }],
  ['openai-chat', { dialect: 'openai-chat', messages, system: 'x' }],
  ['openai-responses', { input: 'hi' }],
  ['anthropic', { messages, system: 'x', max_tokens: 5 }],
  ['anthropic', { messages, tools: [{ name: 't', input_schema: {} }] }],
  ['anthropic', { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't' }] }] }],
  ['cohere', { messages, documents: [] }],
  ['gemini', { contents: [{ parts: [{ text: 'hi' }] }] }],
  ['bedrock', { messages: [{ role: 'user', content: [{ text: 'hi' }] }] }],
])('%s is told by %j', (dialect, request) => {
  expect(read({ id: 1, model: 'm', ...request }).dialect).toBe(dialect);
});

test('a request is flat or in a member of its own, without what belongs to the frame, and streams unless it says otherwise', () => {
  const flat = read({ type: 'request', id: 'a', dialect: 'openai-chat', model: 'm', messages });
  expect(flat.body).toEqual({ model: 'm', messages, stream: true });
  const nested = read({ id: 'a', request: { model: 'm', messages, stream: false, id: 'own' } });
  expect(nested.body).toEqual({ model: 'm', messages, stream: false, id: 'own' });
});

test('model and streaming of a dialect that says them in its path leave the body', () => {
  const found = read({ id: 'a', model: 'm', stream: false, contents: [] });
  expect(found).toMatchObject({ model: 'm', stream: false, body: { contents: [] } });
  expect(Object.keys(found.body)).toEqual(['contents']);
});

test('numbers keep their digits', () => {
  const text = '{"id":1,"model":"m","messages":[],"seed":12345678901234567890,"temperature":1.0}';
  const found = readFrame(text, 'openai-chat');
  expect(found.kind === 'request' && found.body.toString()).toContain(
    '"seed":12345678901234567890,"temperature":1.0',
  );
});
