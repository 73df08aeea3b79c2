// Messages of the chat service become the requests that a client over HTTP would have written.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { ChatRequestSchema, Role } from './chat-messages.ts';
import { readChatRequest } from './chat-request.ts';

type Init = MessageInitShape<typeof ChatRequestSchema>;
const read = (request: Init, stream = false): unknown =>
  JSON.parse(
    readChatRequest(toBinary(ChatRequestSchema, create(ChatRequestSchema, request)), stream).body.toString(),
  );
const user = (parts: NonNullable<NonNullable<Init['messages']>[number]['parts']>): Init => ({
  messages: [{ role: Role.USER, parts }],
});

it('a conversation with tools goes both ways', () => {
  const asked = read({
    model: 'm',
    messages: [
      { role: Role.DEVELOPER, text: 'Be brief.' },
      { role: Role.USER, text: 'Weather?', name: 'ada' },
      { role: Role.ASSISTANT, toolCalls: [{ id: 'c1', name: 'weather', arguments: '{"at":1}' }] },
      { role: Role.TOOL, toolCallId: 'c1', text: 'sunny' },
      { role: Role.ASSISTANT, text: 'Sunny.', extra: { refusal: null } },
    ],
    tools: [{ name: 'weather', parameters: { type: 'object' }, strict: true }],
    toolChoice: { choice: { case: 'tool', value: 'weather' } },
    reasoningEffort: 'low',
    user: 'u',
    metadata: { a: 'b' },
    fallbacks: ['other'],
  });
  expect(asked).toEqual({
    model: 'm',
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Weather?', name: 'ada' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"at":1}' } }],
      },
      { role: 'tool', content: 'sunny', tool_call_id: 'c1' },
      { role: 'assistant', content: 'Sunny.', refusal: null },
    ],
    tools: [
      { type: 'function', function: { name: 'weather', parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: { type: 'function', function: { name: 'weather' } },
    reasoning_effort: 'low',
    user: 'u',
    metadata: { a: 'b' },
    fallbacks: ['other'],
  });
});

it('every kind of part has its form', () => {
  const data = new Uint8Array([1, 2, 3]);
  expect(
    read(
      user([
        { kind: { case: 'text', value: 'see' } },
        {
          kind: {
            case: 'image',
            value: { source: { case: 'url', value: 'https://a/b.png' }, detail: 'low' },
          },
        },
        {
          kind: { case: 'audio', value: { source: { case: 'data', value: data }, mediaType: 'audio/mpeg' } },
        },
        { kind: { case: 'file', value: { source: { case: 'fileId', value: 'file-1' } } } },
        {
          kind: {
            case: 'file',
            value: { source: { case: 'data', value: data }, mediaType: 'application/pdf', filename: 'a.pdf' },
          },
        },
        { kind: { case: 'other', value: { type: 'video_url', video_url: { url: 'u' } } } },
      ]),
    ),
  ).toMatchObject({
    messages: [
      {
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'https://a/b.png', detail: 'low' } },
          { type: 'input_audio', input_audio: { data: 'AQID', format: 'mp3' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AQID' } },
          { type: 'video_url', video_url: { url: 'u' } },
        ],
      },
    ],
  });
});

it('what was not said is not sent, zero is, and the method says whether it streams', () => {
  expect(read({ sampling: { temperature: 0, seed: 7n } })).toEqual({ messages: [], temperature: 0, seed: 7 });
  const extra = { stream: true, stream_options: {}, top_k: 3, temperature: 1 };
  expect(read({ extra, sampling: { temperature: 0.5 } })).toEqual({
    messages: [],
    top_k: 3,
    temperature: 0.5,
  });
  expect(read({ extra: { stream: false } }, true)).toEqual({
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(
    read({ responseFormat: { type: 'json_schema', schema: { type: 'object' }, strict: true } }),
  ).toMatchObject({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
    },
  });
  expect(read({ responseFormat: { type: 'json_object' } })).toMatchObject({
    response_format: { type: 'json_object' },
  });
});

it.each<[string, Init, string]>([
  ['no role', { messages: [{ text: 'hi' }] }, 'messages[0].role'],
  ['an empty part', user([{}]), 'messages[0].parts[0]'],
  ['a picture of nothing', user([{ kind: { case: 'image', value: {} } }]), 'messages[0].parts[0].image'],
  [
    'bytes of no type',
    user([{ kind: { case: 'image', value: { source: { case: 'data', value: new Uint8Array(1) } } } }]),
    'messages[0].parts[0].image.media_type',
  ],
  [
    'sound by its address',
    user([{ kind: { case: 'audio', value: { source: { case: 'url', value: 'https://a' } } } }]),
    'messages[0].parts[0].audio',
  ],
])('%s is refused with its place', (_, request, param) => {
  let error: unknown;
  try {
    read(request);
  } catch (cause) {
    error = cause;
  }
  expect(error).toBeInstanceOf(GatewayError);
  expect(error).toMatchObject({ code: 'GW_CLIENT_BAD_REQUEST', param });
});

it('bytes that are no message are refused', () => {
  expect(() => readChatRequest(Buffer.from([0x0a, 0xff, 1]), false)).toThrow(
    'no headgate.chat.v1.ChatRequest',
  );
});
