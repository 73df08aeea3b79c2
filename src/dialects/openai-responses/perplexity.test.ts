import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { chat } from './chat.ts';

const target = { ...encodeTarget('openai-responses', 'openai/gpt-5.4'), hosted: 'perplexity' as const };
const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
};
const format = { type: 'json_schema', name: 'answer', strict: true, schema };

function mended(text: string, to: object = target): { text: string; adapted: string[] } | null {
  const body = Buffer.from(text);
  const found = chat.mend(body, inspectBody(body), to as typeof target);
  return found === null ? null : { text: applyEdits(body, found.edits).toString(), adapted: found.adapted };
}

describe('the bytes of OpenAI’s clients', () => {
  test('say of each message that it is one', () => {
    const text =
      '{"model":"m","input":[{"role":"user","content":"a"}, {"type":"message","role":"assistant","content":"b"},{ "role":"user","content":[]},{"type":"function_call_output"},7]}';
    expect(mended(text)).toEqual({
      text: text
        .replace('{"role":"user","content":"a"}', '{"type":"message","role":"user","content":"a"}')
        .replace('{ "role"', '{"type":"message", "role"'),
      adapted: ['input[].type'],
    });
    expect(mended('{"model":"m","input":"words"}')).toBeNull();
    expect(mended(text, { ...target, hosted: undefined })).toBeNull();
  });

  test('tell the form of the answer where Chat Completions have it, unless they do already', () => {
    const { type, ...json_schema } = format;
    const found = mended(JSON.stringify({ text: { verbosity: 'low', format }, model: 'm', input: 'x' }));
    expect(JSON.parse(found!.text)).toEqual({
      response_format: { type, json_schema },
      model: 'm',
      input: 'x',
    });
    expect(found!.adapted).toEqual(['text.format']);
    const own = { type: 'json_schema', json_schema: { schema: {} } };
    expect(
      mended(JSON.stringify({ text: { format }, response_format: own, model: 'm', input: 'x' })),
    ).toBeNull();
    expect(mended('{"model":"m","input":"x","text":{"format":{"type":"text"}}}')).toBeNull();
  });
});

describe('a chat', () => {
  const from = dialectByName('openai-chat').chat;
  const written = (body: JsonObject) => {
    const encoded = chat.encodeRequest(from.decodeRequest(body), target);
    return { body: JSON.parse(encoded.body) as JsonObject, dropped: encoded.dropped };
  };
  const messages = [{ role: 'user', content: 'x' }];

  test('has its schema there too', () => {
    const { body } = written({
      model: 'm',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
    expect(body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(body).not.toHaveProperty('text');
  });

  test('is told what got lost: JSON without a schema is not known there', () => {
    const { body, dropped } = written({ model: 'm', messages, response_format: { type: 'json_object' } });
    expect(body).not.toHaveProperty('text');
    expect(dropped).toEqual(['response_format']);
  });
});

describe('what Perplexity answers', () => {
  const message = {
    type: 'message',
    id: 'm1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'hi', annotations: [] }],
  };
  const counted = (details: JsonObject): JsonObject => ({
    id: 'resp_1',
    object: 'response',
    model: 'openai/gpt-5.4',
    status: 'completed',
    output: [{ type: 'search_results', queries: ['q'], results: [] }, message],
    usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7, tool_calls_details: details },
  });
  const searches = (details: JsonObject) => chat.readAnswer(counted(details)).usage?.webSearches;

  test('tells its searches in its usage, however it writes them', () => {
    expect(searches({ search_web: { invocation: 3 }, fetch_url: { invocation: 9 } })).toBe(3);
    expect(searches({ web_search: 2 })).toBe(2);
    expect(searches({ fetch_url: { invocation: 9 } })).toBeUndefined();
    expect(searches({ search_web: 'many' })).toBeUndefined();
  });

  test('is whole though what was found is told at the end alone', () => {
    const response = counted({ search_web: { invocation: 2 } });
    const { output: _, usage: __, ...begun } = response;
    const events = [
      { type: 'response.created', response: { ...begun, status: 'in_progress', output: [] } },
      { type: 'response.reasoning.search_queries', queries: ['q'] },
      { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
      { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: 'hi' },
      { type: 'response.output_text.done', item_id: 'm1', output_index: 0, content_index: 0, text: 'hi' },
      { type: 'response.output_item.done', output_index: 0, item: message },
      { type: 'response.completed', response },
    ].map((event, sequence_number) => ({ ...event, sequence_number }));
    const watcher = chat.createWatcher({});
    const decoder = chat.createDecoder();
    const deltas = events.flatMap((event) => {
      watcher.watch(event.type, JSON.stringify(event));
      return decoder.decode(event.type, JSON.stringify(event));
    });
    expect([watcher.complete, watcher.facts.usage?.webSearches]).toEqual([true, 2]);
    expect(deltas.at(-1)).toMatchObject({ kind: 'end' });
    // Of an item that is said in events something is missing.
    const late = events.at(-1)!;
    const more = { ...response, output: [message, message] };
    const other = chat.createDecoder();
    for (const event of events.slice(0, -1)) other.decode(event.type, JSON.stringify(event));
    expect(() => other.decode(late.type, JSON.stringify({ ...late, response: more }))).toThrow();
  });
});
