// Pictures and files, both ways, and what a client is told of those in an answer.
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import { anthropic } from './anthropic/dialect.ts';
import { openaiChat } from './openai-chat/dialect.ts';

const target = (dialect: 'anthropic' | 'openai-chat'): EncodeTarget => ({
  model: 'm',
  provider: 'p',
  capabilities: UNKNOWN_CAPABILITIES[dialect],
  streamUsage: false,
  defaultMaxTokens: 9,
  legacyMaxTokens: false,
  strict: false,
});
const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: false };
const PNG = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjQK';

function toClaude(part: JsonObject): { block: Json; adapted: string[] } {
  const request = openaiChat.chat.decodeRequest({
    model: 'm',
    messages: [{ role: 'user', content: [part] }],
  });
  const { body, adapted } = anthropic.chat.encodeRequest(request, target('anthropic'));
  return { block: JSON.parse(body).messages[0].content[0], adapted };
}

function toOpenai(block: JsonObject): Json {
  const request = anthropic.chat.decodeRequest({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'user', content: [block] }],
  });
  return JSON.parse(openaiChat.chat.encodeRequest(request, target('openai-chat')).body).messages[0]
    .content[0];
}

function refusal(run: () => unknown): [string, string | null] {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.param];
    throw error;
  }
  throw new Error('was not refused');
}

const picture = (url: string): JsonObject => ({ type: 'image_url', image_url: { url } });
const file = (file: JsonObject): JsonObject => ({ type: 'file', file });
const base64 = (media_type: string, data: string): JsonObject => ({ type: 'base64', media_type, data });
const image = (media_type: string, data: string): JsonObject => ({
  type: 'image',
  source: base64(media_type, data),
});
const document = (source: JsonObject, title?: string): JsonObject =>
  title === undefined ? { type: 'document', source } : { type: 'document', source, title };
const URL_FIELD = 'messages[0].content[0].image_url.url';
const FILE_FIELD = 'messages[0].content[0].file.file_data';

describe('a picture or file of a chat client for Claude', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    [
      'a PDF as a picture',
      picture(`data:application/pdf;base64,${PDF}`),
      document(base64('application/pdf', PDF)),
      [URL_FIELD],
    ],
    [
      'a PDF without a type',
      picture(`data:;base64,${PDF}`),
      document(base64('application/pdf', PDF)),
      [URL_FIELD],
    ],
    [
      'a PDF by address',
      picture('https://x.test/a.PDF?b=c'),
      document({ type: 'url', url: 'https://x.test/a.PDF?b=c' }),
      [URL_FIELD],
    ],
    [
      'text as a picture',
      picture('data:text/plain;base64,aGk='),
      document({ type: 'text', media_type: 'text/plain', data: 'hi' }),
      [URL_FIELD],
    ],
    ['a picture', picture(`data:image/png;base64,${PNG}`), image('image/png', PNG), []],
    [
      'a picture under a wrong type',
      picture(`data:image/jpeg;base64,${PNG}`),
      image('image/png', PNG),
      [URL_FIELD],
    ],
    [
      'a picture without a type',
      picture(`data:application/octet-stream;base64,${PNG}`),
      image('image/png', PNG),
      [URL_FIELD],
    ],
    [
      'URL-safe letters, no padding',
      picture('data:image/webp;base64,a-_b-w'),
      image('image/webp', 'a+/b+w=='),
      [],
    ],
    ['lines', picture('data:image/gif;base64,aaaa\nbbbb\n'), image('image/gif', 'aaaabbbb'), []],
    [
      'a picture as a file',
      file({ filename: 'a.png', file_data: `data:image/png;base64,${PNG}` }),
      image('image/png', PNG),
      [FILE_FIELD],
    ],
    [
      'a bare PDF',
      file({ filename: 'a.pdf', file_data: PDF }),
      document(base64('application/pdf', PDF), 'a.pdf'),
      [],
    ],
    [
      'a bare text',
      file({ filename: 'a.md', file_data: 'aGk' }),
      document({ type: 'text', media_type: 'text/plain', data: 'hi' }, 'a.md'),
      [],
    ],
    [
      'JSON',
      file({ filename: 'a', file_data: 'data:application/json;base64,e30=' }),
      document({ type: 'text', media_type: 'text/plain', data: '{}' }, 'a'),
      [],
    ],
    [
      'a file by address',
      file({ file_data: 'https://x.test/a' }),
      document({ type: 'url', url: 'https://x.test/a' }),
      [],
    ],
  ])('%s', (_, part, block, adapted) => {
    expect(toClaude(part)).toEqual({ block, adapted });
  });

  it('is refused before the call where Claude reads none such, naming the field', () => {
    const field = 'messages[].content[].image_url.url';
    for (const url of [
      'http://x.test/a.png',
      'data:image/svg+xml,%3Csvg%2F%3E',
      'data:image/bmp;base64,Qk0=',
    ])
      expect(refusal(() => toClaude(picture(url)))).toEqual(['GW_CLIENT_UNSUPPORTED', field]);
    const office = file({ filename: 'a.docx', file_data: 'data:application/msword;base64,aGk=' });
    expect(refusal(() => toClaude(office))).toEqual(['GW_CLIENT_UNSUPPORTED', 'messages[].content[].file']);
    for (const url of [
      'data:;base64,aGk=',
      'data:video/mp4;base64,aGk=',
      'data:image/png;base64,a',
      'ftp://x.test/a',
    ])
      expect(refusal(() => toClaude(picture(url)))).toEqual(['GW_CLIENT_BAD_REQUEST', URL_FIELD]);
  });
});

describe('a picture or document of a Messages client for a chat upstream', () => {
  it('goes in standard base64 under its true type', () => {
    expect(toOpenai(image('image/jpeg', PNG))).toEqual(picture(`data:image/png;base64,${PNG}`));
    expect(toOpenai(image('image/webp', 'a-_b-w'))).toEqual(picture('data:image/webp;base64,a+/b+w=='));
    expect(toOpenai({ type: 'image', source: { type: 'base64', data: PNG } })).toEqual(
      picture(`data:image/png;base64,${PNG}`),
    );
    expect(toOpenai(document(base64('application/pdf', PDF), 'a.pdf'))).toEqual(
      file({ filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` }),
    );
  });

  it('is refused where it is no base64 or has no type, naming the field', () => {
    const source = 'messages[0].content[0].source';
    expect(refusal(() => toOpenai(image('image/png', 'a*')))).toEqual([
      'GW_CLIENT_BAD_REQUEST',
      `${source}.data`,
    ]);
    expect(refusal(() => toOpenai({ type: 'image', source: { type: 'base64', data: 'aGk=' } }))).toEqual([
      'GW_CLIENT_BAD_REQUEST',
      `${source}.media_type`,
    ]);
  });
});

describe('a picture in an answer', () => {
  const drawn = { images: [picture('data:image/png;base64,AAAA')] };
  const note = '[The model answered with a picture (image/png, 3 bytes), which this API cannot carry.]';

  it.each<[string, JsonObject, string]>([
    ['beside no content', { content: '', ...drawn }, note],
    ['as a part of the content', { content: drawn.images }, note],
    [
      'by address',
      { content: null, images: [picture('https://x.test/a.png')] },
      '[The model answered with a picture: https://x.test/a.png]',
    ],
    [
      'and what was spoken',
      { content: null, audio: { id: 'a', data: 'AAAA', transcript: 'hello' } },
      'hello',
    ],
  ])('%s is told to a Messages client, whole and streamed', (_, message, text) => {
    const whole = openaiChat.chat.decodeAnswer({
      id: 'a',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    });
    expect(JSON.parse(anthropic.chat.encodeAnswer(whole, CONTEXT)).content).toEqual([{ type: 'text', text }]);
    const decoder = openaiChat.chat.createDecoder();
    const chunk = (delta: JsonObject, finish_reason: string | null): string =>
      JSON.stringify({ id: 'a', choices: [{ index: 0, delta, finish_reason }] });
    const deltas = [
      ...decoder.decode('', chunk(message, null)),
      ...decoder.decode('', chunk({}, 'stop')),
      ...decoder.finish(),
    ];
    expect(deltas.filter((delta) => delta.kind === 'text')).toEqual([{ kind: 'text', index: 0, text }]);
  });

  it('is told to a chat client, whole and streamed', () => {
    const block = image('image/png', 'AAAA');
    const whole = anthropic.chat.decodeAnswer({ id: 'a', content: [block], stop_reason: 'end_turn' });
    expect(whole.parts).toEqual([{ kind: 'text', text: note, cache: null }]);
    const start = JSON.stringify({ type: 'content_block_start', index: 0, content_block: block });
    expect(anthropic.chat.createDecoder().decode('content_block_start', start)).toContainEqual({
      kind: 'text',
      index: 0,
      text: note,
    });
  });
});
