// Properties of translation that no list of examples can show: how a stream is cut makes no difference, and what goes
// to the other dialect and back keeps ids, arguments, signatures, order and usage (wire.md 13).
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import { parseLossless } from '../../src/body/lossless.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import type { ChatAnswer, ChatRequest, Part, Turn, Usage } from '../../src/contracts/chat.ts';
import type { Dialect } from '../../src/contracts/dialect.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import { anthropic } from '../../src/dialects/anthropic/dialect.ts';
import { openaiChat } from '../../src/dialects/openai-chat/dialect.ts';
import { relayStream } from '../kit/relay-stream.ts';
import { encoded } from '../kit/told.ts';

const CONTEXT = { requestId: 'req_1', model: 'm', now: 1_760_000_000, includeUsage: true };
const DIALECTS: Record<string, Dialect> = { anthropic, 'openai-chat': openaiChat };
const WAYS: [string, Dialect, Dialect][] = [
  ['anthropic', anthropic, openaiChat],
  ['openai-chat', openaiChat, anthropic],
];
const STREAMS = join(import.meta.dirname, 'streams');

const word = fc
  .string({ minLength: 1, maxLength: 8 })
  .filter((text) => text.trim() !== '' && text.isWellFormed());
const id = fc.uuid().map((uuid) => `call_${uuid.slice(0, 8)}`);
const number = fc.constantFrom('0', '-0', '1.0', '12345678901234567890', '0.1', '1e400', '1E+2', '-7');
const args = fc
  .dictionary(
    fc.constantFrom('a', 'b', 'note'),
    fc.oneof(number, fc.constantFrom('""', '{}', '[]', 'false', 'null')),
  )
  .map(
    (members) =>
      `{${Object.entries(members)
        .map(([key, value]) => `"${key}":${value}`)
        .join(',')}}`,
  );
const call = fc
  .record({ id, name: fc.constantFrom('f', 'get_weather'), text: args })
  .map(({ id, name, text }): Part => ({ kind: 'tool_call', id, name, arguments: text, cache: null }));
const thought = fc.oneof(
  fc
    .tuple(word, word)
    .map(([text, signature]): Part => ({ kind: 'reasoning', text, signature, redacted: null })),
  word.map((signature): Part => ({ kind: 'reasoning', text: '', signature, redacted: null })),
  word.map((redacted): Part => ({ kind: 'reasoning', text: '', signature: null, redacted })),
);
const spoken = word.map((text): Part => ({ kind: 'text', text, cache: null }));
const calls = fc.uniqueArray(call, { maxLength: 3, selector: (part) => (part as { id: string }).id });
// The order both dialects can say: reasoning, text, calls.
const parts = fc
  .tuple(fc.array(thought, { maxLength: 3 }), fc.array(spoken, { minLength: 1, maxLength: 1 }), calls)
  .map((lists) => lists.flat());
const usage: fc.Arbitrary<Usage> = fc
  .record({
    fresh: fc.nat(1000),
    read: fc.nat(1000),
    write: fc.nat(1000),
    think: fc.nat(1000),
    say: fc.nat(1000),
  })
  .map(({ fresh, read, write, think, say }) => ({
    input: fresh + read + write,
    cacheRead: read,
    cacheWriteShort: write,
    cacheWriteLong: null,
    output: think + say,
    reasoning: think,
  }));

// What the other dialect does not keep apart: a missing count and 0, and how long a cache lives.
function told(answer: ChatAnswer): object {
  const { parts: said, stop, usage: counted } = answer;
  const writes = (counted?.cacheWriteShort ?? 0) + (counted?.cacheWriteLong ?? 0);
  return {
    said,
    stop,
    input: counted?.input,
    read: counted?.cacheRead,
    writes,
    output: counted?.output,
    reasoning: counted?.reasoning,
  };
}

const parse = (text: string): JsonObject => parseLossless(text, true) as JsonObject;

describe('a translated stream', () => {
  const files = readdirSync(STREAMS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.golden'),
  );

  it.each(files.sort())('%s is the same however its bytes are cut', (name) => {
    const [from, to] = basename(dirname(name)).split('-to-') as [string, string];
    const input = /=== input\n([\s\S]*?)\n=== expected/.exec(readFileSync(join(STREAMS, name), 'utf8'))![1]!;
    const bytes = Buffer.from(`${input}\n\n`);
    const run = (chunks: Buffer[]): string =>
      relayStream(chunks, DIALECTS[from]!, DIALECTS[to]!, CONTEXT).text;
    const whole = run([bytes]);
    for (let at = 1; at < bytes.length; at++)
      expect(run([bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
    expect(run(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toBe(whole);
  });
});

describe('there and back', () => {
  const stop = (said: readonly Part[]) =>
    said.some((part) => part.kind === 'tool_call') ? 'tool_use' : 'end';

  it.each(WAYS)('an answer of %s keeps what it says', (_, first, second) => {
    fc.assert(
      fc.property(parts, usage, (said, counted) => {
        const answer = {
          id: 'msg_1',
          model: 'm',
          created: 1,
          parts: said,
          stop: stop(said),
          stopSequence: null,
          usage: counted,
        } as ChatAnswer;
        const once = first.chat.decodeAnswer(parse(first.chat.encodeAnswer(answer, CONTEXT)));
        const twice = second.chat.decodeAnswer(parse(second.chat.encodeAnswer(once, CONTEXT)));
        expect(told(twice)).toEqual(told(answer));
      }),
    );
  });

  it.each(WAYS)('a stream of %s keeps what it says', (_, first, second) => {
    fc.assert(
      fc.property(parts, usage, fc.nat(5), (said, counted, size) => {
        const source = first.chat.createEncoder(CONTEXT);
        let stream = encoded(source, { kind: 'start', id: 'msg_1', model: 'm', created: 1, usage: null });
        for (const [index, part] of said.entries()) stream += encodePart(source, part, index, size + 1);
        stream += encoded(source, { kind: 'stop', reason: stop(said), stopSequence: null });
        stream += encoded(source, { kind: 'usage', usage: counted });
        stream += encoded(source, { kind: 'end' });
        const expected = {
          id: '',
          model: '',
          created: null,
          parts: said,
          stop: stop(said),
          stopSequence: null,
          usage: counted,
        };
        const there = relayStream([Buffer.from(stream)], first, second, CONTEXT).text;
        expect(told(collect(there, second))).toEqual(told(expected as ChatAnswer));
        const back = relayStream([Buffer.from(there)], second, first, CONTEXT).text;
        expect(told(collect(back, first))).toEqual(told(expected as ChatAnswer));
      }),
    );
  });

  it.each(WAYS)('a request of %s keeps its turns, calls and results', (_, first, second) => {
    const exchange = fc
      .tuple(word, parts, fc.array(word, { minLength: 3, maxLength: 3 }))
      .map(([question, said, results]): Turn[] => {
        const answered = said.filter((part) => part.kind === 'tool_call');
        const turns: Turn[] = [
          { role: 'user', parts: [{ kind: 'text', text: question, cache: null }], name: null },
          { role: 'assistant', parts: said, name: null },
        ];
        if (answered.length === 0) return turns;
        const back = answered.map(
          (part, at): Part => ({
            kind: 'tool_result',
            callId: part.id,
            content: [{ kind: 'text', text: results[at]!, cache: null }],
            isError: false,
            cache: null,
          }),
        );
        return [
          ...turns,
          { role: 'user', parts: back, name: null },
          { role: 'assistant', parts: [{ kind: 'text', text: 'ok', cache: null }], name: null },
        ];
      });
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 3 }), word, (exchanges, prompt) => {
        // One that comes again is renamed: tool-ids.test.ts.
        const ids = exchanges.flat().flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'tool_call' ? part.id : [])));
        fc.pre(new Set(ids).size === ids.length);
        const request: ChatRequest = {
          model: 'm',
          system: [{ kind: 'text', text: prompt, cache: null }],
          // Not the assistant's: the beginning of an answer may not end in white space.
          turns: [...exchanges.flat(), { role: 'user', parts: [{ kind: 'text', text: prompt, cache: null }], name: null }],
          tools: [
            {
              name: 'f',
              description: '',
              schema: { type: 'object', properties: {} },
              strict: false,
              cache: null,
            },
          ],
          toolChoice: { kind: 'auto' },
          parallelToolCalls: false,
          maxTokens: 0,
          temperature: 0,
          topP: null,
          topK: null,
          stop: ['x'],
          seed: null,
          frequencyPenalty: null,
          presencePenalty: null,
          responseFormat: null,
          reasoning: null,
          user: 'u',
          stream: true,
          includeUsage: true,
          dropped: [],
          mustNotDrop: [],
        };
        const target = (dialect: Dialect): EncodeTarget => ({
          model: 'm',
          provider: 'p',
          capabilities: UNKNOWN_CAPABILITIES[dialect.name],
          streamUsage: true,
          defaultMaxTokens: 1,
          legacyMaxTokens: false,
          strict: true,
        });
        const once = first.chat.decodeRequest(parse(first.chat.encodeRequest(request, target(first)).body));
        const twice = second.chat.decodeRequest(parse(second.chat.encodeRequest(once, target(second)).body));
        const known = { adapted: undefined };
        expect({ ...twice, ...known, turns: merged(twice.turns) }).toEqual({
          ...request,
          ...known,
          turns: merged(request.turns),
        });
      }),
    );
  });
});

// One dialect has a message for each result, the other one for all.
function merged(turns: readonly Turn[]): object[] {
  const out: { role: string; parts: Part[] }[] = [];
  for (const { role, parts: said } of turns) {
    const last = out.at(-1);
    if (last?.role === role) last.parts.push(...said);
    else out.push({ role, parts: [...said] });
  }
  return out;
}

function encodePart(
  encoder: ReturnType<Dialect['chat']['createEncoder']>,
  part: Part,
  index: number,
  size: number,
): string {
  let out = '';
  const pieces = (text: string): string[] =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
  if (part.kind === 'tool_call') {
    out += encoded(encoder, { kind: 'open', index, block: 'tool_call', id: part.id, name: part.name });
    for (const text of pieces(part.arguments)) out += encoded(encoder, { kind: 'arguments', index, text });
  } else if (part.kind === 'reasoning' && part.redacted !== null) {
    out += encoded(encoder, { kind: 'open', index, block: 'redacted', data: part.redacted });
  } else if (part.kind === 'reasoning' || part.kind === 'text') {
    out += encoded(encoder, { kind: 'open', index, block: part.kind });
    for (const text of pieces(part.text)) out += encoded(encoder, { kind: 'text', index, text });
    if (part.kind === 'reasoning' && part.signature !== null)
      out += encoded(encoder, { kind: 'signature', index, signature: part.signature });
  }
  return out + encoded(encoder, { kind: 'close', index });
}

// A stream read to its end, as an answer.
function collect(stream: string, dialect: Dialect): ChatAnswer {
  const decoder = dialect.chat.createDecoder();
  const said: Part[] = [];
  const deltas = stream
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const [, , name, data] = /^(event: (.*)\n)?data: (.*)$/.exec(block)!;
      return decoder.decode(name ?? '', data!);
    });
  const answer: ChatAnswer = {
    id: '',
    model: '',
    created: null,
    parts: said,
    stop: null,
    stopSequence: null,
    usage: null,
  };
  const open = new Map<number, Part>();
  for (const delta of [...deltas, ...decoder.finish()]) {
    if (delta.kind === 'open') {
      let part: Part;
      if (delta.block === 'tool_call')
        part = { kind: 'tool_call', id: delta.id, name: delta.name, arguments: '', cache: null };
      else if (delta.block === 'redacted')
        part = { kind: 'reasoning', text: '', signature: null, redacted: delta.data };
      else if (delta.block === 'reasoning')
        part = { kind: 'reasoning', text: '', signature: null, redacted: null };
      else part = { kind: 'text', text: '', cache: null };
      open.set(delta.index, part);
      said.push(part);
    } else if (delta.kind === 'text') {
      const part = open.get(delta.index);
      if (part?.kind === 'text' || part?.kind === 'reasoning') part.text += delta.text;
    } else if (delta.kind === 'arguments') {
      const part = open.get(delta.index);
      if (part?.kind === 'tool_call') part.arguments += delta.text;
    } else if (delta.kind === 'signature') {
      const part = open.get(delta.index);
      if (part?.kind === 'reasoning') part.signature = (part.signature ?? '') + delta.signature;
    } else if (delta.kind === 'stop') answer.stop = delta.reason;
    else if (delta.kind === 'usage') answer.usage = delta.usage;
  }
  return answer;
}
