import { describe, expect, it } from 'vitest';
import { parseLossless } from '../../body/lossless.ts';
import type { ChatAnswer, Part } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';

const CONTEXT = { requestId: 'req_1', model: 'asked-for', now: 0, includeUsage: true };

const ANSWER =
  '{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[' +
  '{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"opaque"},' +
  '{"type":"server_tool_use","id":"s","name":"web_search","input":{}},' +
  '{"type":"text","text":"Hi","citations":[{}]},' +
  '{"type":"tool_use","id":"toolu_1","name":"fs_x2e_read","input":{"id":12345678901234567890,"f":1.0,"e":{}}}],' +
  '"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":2,"output_tokens":9}}';

const parse = (text: string): JsonObject => parseLossless(text, true) as JsonObject;

function encode(parts: Part[], extra: Partial<ChatAnswer> = {}): Record<string, unknown> {
  const answer = {
    id: '',
    model: '',
    created: null,
    parts,
    stop: null,
    stopSequence: null,
    usage: null,
    ...extra,
  };
  return JSON.parse(encodeAnswer(answer, CONTEXT)) as Record<string, unknown>;
}

describe('decodeAnswer', () => {
  it('reads every block, the numbers of a call as written, and passes over server tools', () => {
    expect(decodeAnswer(parse(ANSWER))).toEqual({
      id: 'msg_1',
      model: 'claude-x',
      created: null,
      parts: [
        { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
        { kind: 'reasoning', text: '', signature: null, redacted: 'opaque' },
        { kind: 'text', text: 'Hi', cache: null },
        {
          kind: 'tool_call',
          id: 'toolu_1',
          name: 'fs.read',
          arguments: '{"id":12345678901234567890,"f":1.0,"e":{}}',
          cache: null,
        },
      ],
      stop: 'tool_use',
      stopSequence: null,
      usage: {
        input: 14,
        cacheRead: 7,
        cacheWriteShort: 2,
        cacheWriteLong: null,
        output: 9,
        reasoning: null,
      },
    });
  });

  it('fails on a 200 that holds an error, with the status the error stands for, and on what is no message', () => {
    const failure = (body: string): GatewayError => {
      try {
        readAnswer(parse(body));
      } catch (error) {
        if (error instanceof GatewayError) return error;
      }
      throw new Error('did not fail');
    };
    expect(failure('{"type":"error","error":{"type":"rate_limit_error","message":"m"}}')).toMatchObject({
      code: 'GW_UPSTREAM_RATE_LIMIT',
      status: 429,
      publicMessage: 'm',
    });
    expect(failure('{"choices":[]}').code).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });
});

describe('readAnswer', () => {
  it('reads the facts, and null where the upstream said nothing', () => {
    expect(readAnswer(parse(ANSWER))).toMatchObject({
      id: 'msg_1',
      model: 'claude-x',
      stop: 'tool_use',
      usage: { input: 14 },
    });
    const call = '{"content":[{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"end_turn"}';
    expect(readAnswer(parse(call)).stop).toBe('tool_use');
    expect(readAnswer(parse('{"content":[]}'))).toEqual({ id: null, model: null, stop: null, usage: null });
  });
});

describe('encodeAnswer', () => {
  it('writes what it read back', () => {
    const answer = decodeAnswer(parse(ANSWER));
    const again = decodeAnswer(parse(encodeAnswer(answer, CONTEXT)));
    expect({ ...again, usage: answer.usage }).toEqual(answer);
    expect(again.usage).toMatchObject({ input: 14, cacheRead: 7, cacheWriteShort: 2, output: 9 });
  });

  it('writes broken arguments readable, none as {}, and digits as they were', () => {
    const call = (args: string): Part => ({
      kind: 'tool_call',
      id: 'a',
      name: 'n',
      arguments: args,
      cache: null,
    });
    const text = encodeAnswer(
      {
        id: 'x',
        model: 'm',
        created: null,
        stop: 'end',
        stopSequence: null,
        usage: null,
        parts: [call('{"a":'), call(''), call('{"n":1.0}')],
      },
      CONTEXT,
    );
    expect(text).toContain('"input":{"_raw":"{\\"a\\":"}');
    expect(text).toContain('"input":{}');
    expect(text).toContain('"input":{"n":1.0}');
    expect(text).toContain('"stop_reason":"tool_use"');
  });

  it('makes up what Anthropic always has and the source had not', () => {
    expect(encode([{ kind: 'refusal', text: 'no' }], { stop: 'content_filter' })).toEqual({
      id: 'msg_req_1',
      type: 'message',
      role: 'assistant',
      model: 'asked-for',
      content: [{ type: 'text', text: 'no' }],
      stop_reason: 'refusal',
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
    expect(encode([])['stop_reason']).toBeNull();
  });

  it('leaves empty text out beside other content, but not alone', () => {
    const empty: Part = { kind: 'text', text: '', cache: null };
    const call: Part = { kind: 'tool_call', id: 'a', name: 'n', arguments: '{}', cache: null };
    expect(encode([empty, call])['content']).toMatchObject([{ type: 'tool_use' }]);
    expect(encode([empty])['content']).toEqual([{ type: 'text', text: '' }]);
  });

  it('ends in no proof without words behind text', () => {
    const thought = (text: string, signature: string): Part => ({
      kind: 'reasoning',
      text,
      signature,
      redacted: null,
    });
    const text: Part = { kind: 'text', text: 'Hi', cache: null };
    const call: Part = { kind: 'tool_call', id: 'a', name: 'n', arguments: '{}', cache: null };
    const types = (parts: Part[]) => (encode(parts)['content'] as { type: string }[]).map(({ type }) => type);
    expect(types([thought('hm', 'a'), text, thought('', 'b')])).toEqual(['thinking', 'text']);
    expect(types([text, thought('', 'b'), call])).toEqual(['text', 'thinking', 'tool_use']);
    expect(types([text, thought('cut', 'b')])).toEqual(['text', 'thinking']);
    expect(types([call, thought('', 'b')])).toEqual(['tool_use', 'thinking']);
    expect(types([thought('', 'b')])).toEqual(['thinking']);
  });
});
