// What goes to Claude byte for byte though it was written for another provider: Headgate's own unsigned thinking, and ids of
// tool calls that come twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { sealProof } from '../proofs.ts';
import { mendHistory } from './history-mend.ts';

const CLAUDE = {
  model: 'claude-y',
  provider: 'anthropic',
  capabilities: UNKNOWN_CAPABILITIES.anthropic,
} as EncodeTarget;

function mended(body: string, target = CLAUDE): { text: string; adapted: string[] } {
  const bytes = Buffer.from(body);
  const found = mendHistory(bytes, inspectBody(bytes), target);
  if (found === null) return { text: body, adapted: [] };
  return { text: applyEdits(bytes, found.edits).toString(), adapted: found.adapted };
}

const parse = (text: string): { messages: JsonObject[]; thinking?: Json } => JSON.parse(text);
const thinking = (signature?: string | null): JsonObject =>
  signature === undefined
    ? { type: 'thinking', thinking: 'hm' }
    : { type: 'thinking', thinking: 'hm', signature };
const said = { type: 'text', text: 'a' };
const use = (id: string): JsonObject => ({
  type: 'tool_use',
  id,
  name: 'w',
  input: { type: 'thinking', id: 'call_0' },
});
const result = (id: string): JsonObject => ({ type: 'tool_result', tool_use_id: id, content: 'x' });
const user = (...content: JsonObject[]): JsonObject => ({
  role: 'user',
  content: content.length > 0 ? content : 'hi',
});
const assistant = (...content: JsonObject[]): JsonObject => ({ role: 'assistant', content });

describe('thinking without a signature', () => {
  it.each(['', ' ', null, undefined])(
    '(%j) is left out on the way to Claude, signed thinking stays',
    (signature) => {
      const body = (blocks: JsonObject[]): string =>
        JSON.stringify({ messages: [user(), assistant(...blocks), user()] });
      for (const [given, left] of [
        [[thinking(signature), said], [said]],
        [[said, thinking(signature)], [said]],
        [
          [thinking(signature), thinking('SIG'), thinking(signature), thinking(signature), said],
          [thinking('SIG'), said],
        ],
      ] as [JsonObject[], JsonObject[]][]) {
        expect(mended(body(given))).toEqual({ text: body(left), adapted: ['messages[].content[].thinking'] });
      }
    },
  );

  it('takes a message with it that held nothing else', () => {
    const { text } = mended(
      JSON.stringify({
        messages: [user(), assistant(thinking('')), user(), assistant(thinking(''), thinking(''))],
      }),
    );
    expect(parse(text).messages).toEqual([user(), user()]);
  });

  it('ends thinking in a tool loop that no longer begins with it, and only there', () => {
    const enabled = { type: 'enabled', budget_tokens: 1024 };
    const loop = [user(), assistant(thinking(''), use('a')), user(result('a'))];
    const run = (messages: JsonObject[], setting: JsonObject): Json | undefined =>
      parse(mended(JSON.stringify({ thinking: setting, messages })).text).thinking;
    expect(run(loop, enabled)).toEqual({ type: 'disabled' });
    expect(run(loop, { type: 'adaptive' })).toEqual({ type: 'adaptive' });
    expect(run([...loop, assistant(said), user()], enabled)).toEqual(enabled);
    expect(
      run([user(), assistant(thinking(''), thinking('SIG'), use('a')), user(result('a'))], enabled),
    ).toEqual(enabled);
  });

  it("is as good as none with another maker's in our envelope, and so is such opaque data", () => {
    const foreign = (data: string): JsonObject => ({ type: 'redacted_thinking', data });
    const body = (...blocks: JsonObject[]): string =>
      JSON.stringify({ messages: [user(), assistant(...blocks), user()] });
    const wrapped = sealProof('google', 'x');
    expect(mended(body(thinking(wrapped), foreign(wrapped), said))).toEqual({
      text: body(said),
      adapted: ['messages[].content[].thinking'],
    });
    const own = body(thinking('SIG'), foreign('EmwKAhgB'), said);
    expect(mended(own)).toEqual({ text: own, adapted: [] });
  });

  it('goes on to servers that speak this dialect with models of their own', () => {
    const body = JSON.stringify({ messages: [user(), assistant(thinking(''), said)] });
    expect(mended(body, { ...CLAUDE, provider: 'deepseek', model: 'deepseek-chat' }).text).toBe(body);
    expect(mended(body, { ...CLAUDE, provider: 'cloud', model: 'eu.anthropic.claude-x' }).text).not.toBe(
      body,
    );
  });
});

describe('ids of tool calls', () => {
  it('are made unique and fitted, call and result alike', () => {
    const { text, adapted } = mended(
      JSON.stringify({
        messages: [
          user(),
          assistant(use('call_0'), use('f.w:1')),
          user(result('f.w:1'), result('call_0')),
          assistant(use('call_0')),
          user(result('call_0')),
        ],
      }),
    );
    expect(adapted).toEqual(['messages[].content[].id']);
    expect(parse(text).messages.slice(1)).toEqual([
      assistant(use('call_0'), use('f_x2e_w_x3a_1')),
      user(result('f_x2e_w_x3a_1'), result('call_0')),
      assistant(use('call_0_2')),
      user(result('call_0_2')),
    ]);
  });
});

describe('any other body', () => {
  it('with a role that is no text is left to its reader', () => {
    const body =
      '{"messages":[{"role":{"\\\\":1},"content":[{"type":"thinking","thinking":"","signature":""}]}]}';
    expect(mended(body).text).toBe(body);
  });

  it('stays as it is, byte for byte', () => {
    for (const body of [
      '{ "thinking" : {"type":"enabled","budget_tokens":1024}, "messages":[{"role":"user","content":"hi \\"thinking\\" \\"tool_use\\""}] }',
      JSON.stringify({ messages: [user(), assistant(thinking('SIG'), use('a')), user(result('a'))] }),
      JSON.stringify({ messages: [user({ type: 'text', text: '{"type":"thinking","signature":""}' })] }),
      '{"messages":5}',
      '{"messages":[5,{"content":[null,"thinking"]}]}',
    ]) {
      expect(mended(body).text).toBe(body);
    }
  });

  it('is changed as parsing, mending and writing it anew would, and its spaces and numbers stay', () => {
    const block = fc.oneof(
      fc.constantFrom(said, thinking(''), thinking(null), thinking('SIG'), {
        type: 'redacted_thinking',
        data: 'x',
      }),
      fc.constantFrom('a', 'b').map(use),
    );
    const turn = fc.tuple(fc.array(block, { maxLength: 4 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), fc.constantFrom(undefined, 1, '\t'), (turns, space) => {
        const messages = turns.flatMap(([blocks]) => [user(), assistant(...blocks)]);
        const body = JSON.stringify({ n: 0, messages, m: 1 }, null, space);
        const { text } = mended(body.replace('"n": 0', '"n": 1.0'));
        const ids = parse(text).messages.flatMap((message) =>
          Array.isArray(message['content'])
            ? (message['content'] as JsonObject[]).flatMap((item) => item['id'] ?? [])
            : [],
        );
        expect(new Set(ids).size).toBe(ids.length);
        const left = messages
          .map((message) =>
            Array.isArray(message['content']) &&
            message['role'] === 'assistant' &&
            message['content'].length > 0
              ? {
                  ...message,
                  content: (message['content'] as JsonObject[]).filter(
                    (item) => item['type'] !== 'thinking' || item['signature'],
                  ),
                }
              : message,
          )
          .filter(
            (message, index) => messages[index] === message || (message['content'] as Json[]).length > 0,
          );
        const plain = (value: Json): Json =>
          JSON.parse(JSON.stringify(value, (key, item) => (key === 'id' ? 'x' : item)));
        expect(plain(parse(text).messages)).toEqual(plain(left));
      }),
    );
  });
});
