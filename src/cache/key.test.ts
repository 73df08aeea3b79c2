import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { decimal } from './canonical-body.ts';
import { createRequestKey, type KeyParts } from './key.ts';

const key = createRequestKey();

function keyOf(body: string | object, change: Partial<KeyParts> = {}): string {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return key({
    scope: 'key k_1',
    operation: 'chat',
    dialect: 'openai-chat',
    models: ['openai/gpt-5'],
    more: [],
    body: bytes,
    facts: inspectBody(bytes),
    ...change,
  });
}

const chat: JsonObject = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'What is “1 KB”?\nSay it.' }] },
  ],
  temperature: 0,
  max_tokens: 100,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'a', schema: { type: 'object', properties: {} } },
  },
  tools: [
    { type: 'function', function: { name: 'f', parameters: { b: 1, a: [1, 2, { d: null, c: true }] } } },
  ],
};

/** The same value with the members of every object in another order, and white space wherever it may be. */
function respelled(value: unknown, draw: () => number): string {
  const gap = (): string => ['', ' ', '\n\t', '  '][draw() % 4]!;
  if (Array.isArray(value))
    return `[${gap()}${value.map((item) => respelled(item, draw)).join(`${gap()},${gap()}`)}${gap()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .map(
        ([name, item]) =>
          [draw(), `${spelled(name, draw)}${gap()}:${gap()}${respelled(item, draw)}`] as const,
      )
      .sort(([one], [other]) => one - other)
      .map(([, text]) => text);
    return `{${gap()}${members.join(`${gap()},${gap()}`)}${gap()}}`;
  }
  if (typeof value === 'string') return spelled(value, draw);
  if (typeof value === 'number') return numbered(value, draw);
  return JSON.stringify(value);
}

function spelled(text: string, draw: () => number): string {
  const plain = JSON.stringify(text);
  if (draw() % 3 !== 0) return plain;
  // Not of keys the gateway reads: those it finds spelled out, too, but `model` stays what it is.
  return plain.replace(
    /(?<![\\\w])[a-z]/,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function numbered(value: number, draw: () => number): string {
  const text = JSON.stringify(value);
  if (text.includes('e')) return text;
  if (text.includes('.')) return `${text}${'0'.repeat(draw() % 3)}`;
  return [text, `${text}.0`, text === '0' ? '0e7' : `${text}0e-1`, `${text}.00E+0`][draw() % 4]!;
}

describe('the key of a request', () => {
  it("is the same whatever Claude Code's attribution says, which is no part of what is asked", () => {
    const asked = (digest: string, prompt = 'Be brief.', dialect: KeyParts['dialect'] = 'anthropic') => {
      const text = `x-anthropic-billing-header: cc_version=2.1.332; cch=${digest};`;
      const system = [
        { type: 'text', text },
        { type: 'text', text: prompt },
      ];
      return keyOf({ ...chat, system }, { dialect });
    };
    expect(asked('aa1')).toBe(asked('b2'));
    expect(asked('aa1')).not.toBe(asked('aa1', 'Be long.'));
    expect(asked('aa1', '', 'openai-chat')).not.toBe(asked('b2', '', 'openai-chat'));
  });

  it('is the same for ten thousand spellings of one request', () => {
    const expected = keyOf(chat);
    let state = 7;
    const draw = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) >> 8;
    let others = 0;
    for (let i = 0; i < 10_000; i++) {
      const { model: _model, ...rest } = chat;
      const body = `{"model":"fast",${respelled(rest, draw).trim().slice(1)}`;
      if (keyOf(body) !== expected) others++;
    }
    expect(others).toBe(0);
  });

  it('is the same for any JSON object and its value printed anew, and another for another value', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), fc.infiniteStream(fc.nat(1000)), (value, draws) => {
        const plain = JSON.parse(JSON.stringify({ value })) as JsonObject;
        const draw = (): number => draws.next().value as number;
        expect(keyOf(respelled(plain, draw))).toBe(keyOf(plain));
        expect(keyOf({ ...plain, one: 1 })).not.toBe(keyOf(plain));
      }),
      { numRuns: 300 },
    );
  });

  it('tells apart what is not the same', () => {
    const keys = [
      keyOf(chat),
      keyOf({ ...chat, temperature: 0.1 }),
      keyOf({ ...chat, messages: [...(chat['messages'] as object[])].reverse() }),
      keyOf({ ...chat, seed: 1 }),
      keyOf({ ...chat, seed: '1' }),
      keyOf({ ...chat, seed: null }),
      keyOf(chat, { scope: 'key k_2' }),
      keyOf(chat, { operation: 'completion' }),
      keyOf(chat, { dialect: 'anthropic' }),
      keyOf(chat, { models: ['openai/gpt-5', 'azure/gpt-5'] }),
      keyOf(chat, { models: ['azure/gpt-5'] }),
      keyOf(chat, { more: ['beta'] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('A06: never says the same of two tenants, whatever they are called and ask', () => {
    const names = fc.string({
      maxLength: 12,
      unit: fc.constantFrom('a', 'b', ' ', ':', '1', '\n', '{', '"', 'é'),
    });
    const seen = new Map<string, string>();
    let crossed = 0;
    const tries = fc.sample(fc.tuple(names, names, names), { numRuns: 100_000, seed: 3 });
    const body = Buffer.from('{"messages":[]}');
    const facts = inspectBody(body);
    for (const [scope, model, more] of tries) {
      const made = key({
        scope,
        operation: 'chat',
        dialect: 'gemini',
        models: [model],
        more: [more],
        body,
        facts,
      });
      const of = JSON.stringify([scope, model, more]);
      const before = seen.get(made);
      if (before !== undefined && before !== of) crossed++;
      seen.set(made, of);
    }
    expect(crossed).toBe(0);
    expect(seen.size).toBeGreaterThan(50_000);
  });

  it('is the one that a maker of its own says, whoever and whatever was asked about before', () => {
    const word = fc.constantFrom('a', 'key b', 'a:1', '');
    const asked = fc.record({
      scope: word,
      operation: fc.constantFrom('chat', 'embeddings'),
      dialect: fc.constantFrom('openai-chat', 'anthropic', 'openai-responses'),
      models: fc.array(word, { maxLength: 2 }),
      more: fc.array(word, { maxLength: 2 }),
      // The last one is longer than what is kept of a buffer.
      body: fc.constantFrom(
        '{"a":1}',
        '{"b":[{"d":1,"c":2}],"a":"\\u0041"}',
        `{"a":"${'x'.repeat(1 << 20)}"}`,
      ),
    });
    fc.assert(
      fc.property(fc.array(asked, { minLength: 2, maxLength: 6 }), (list) => {
        const made = createRequestKey();
        for (const one of [...list, ...list].map((it) => ({ ...it, body: Buffer.from(it.body) }))) {
          const parts = { ...one, facts: inspectBody(one.body) } as KeyParts;
          expect(made(parts)).toBe(createRequestKey()(parts));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('passes over who is named, for whom it is and how it is handed over', () => {
    const expected = keyOf(chat);
    const more = {
      stream: true,
      stream_options: { include_usage: true },
      user: 'u',
      metadata: { trace: '1' },
    };
    expect(
      keyOf({ ...more, ...chat, model: 'openai/gpt-5', safety_identifier: 'x', prompt_cache_key: 'y' }),
    ).toBe(expected);
  });

  it('keeps the metadata of Responses, whose answers say them again', () => {
    const dialect = 'openai-responses';
    expect(keyOf({ input: 'a', metadata: { a: 'b' } }, { dialect })).not.toBe(
      keyOf({ input: 'a' }, { dialect }),
    );
  });

  it('of what is said twice the last one counts, however it is spelled', () => {
    expect(keyOf('{"\\u0061":1,"a":2,"b":0}')).not.toBe(keyOf('{"a":2,"\\u0061":1,"b":0}'));
    expect(keyOf('{"\\u0061":1,"a":2}')).toBe(keyOf('{"a":1,"\\u0061":2}'));
    expect(keyOf('{"b":0,"a":1,"a":2}')).toBe(keyOf('{"a":1,"a":2,"b":0}'));
    expect(keyOf('{"b":0,"a":1,"a":2}')).not.toBe(keyOf('{"b":0,"a":2,"a":1}'));
  });

  it('tells numbers apart that JavaScript cannot', () => {
    expect(keyOf('{"seed":9007199254740993}')).not.toBe(keyOf('{"seed":9007199254740992}'));
    expect(keyOf('{"seed":-0}')).toBe(keyOf('{"seed":0.0e9}'));
  });

  it('holds strings longer than any buffer, and escapes at their ends', () => {
    const long = `${'x'.repeat(100_000)}\\`;
    expect(keyOf({ a: long, b: '"' })).toBe(keyOf(`{"b":"\\u0022","a":${JSON.stringify(long)}}`));
    expect(keyOf({ a: long })).not.toBe(keyOf({ a: `${long}\\` }));
    expect(keyOf({ a: '\u0001'.repeat(50_000) })).toBe(keyOf({ a: '\u0001'.repeat(50_000), stream: true }));
  });
});

describe('a number by its value', () => {
  it('has one text for all its spellings', () => {
    for (const one of ['1', '1.0', '1e0', '10e-1', '0.1E1', '0.10e+1']) expect(decimal(one)).toBe('1');
    for (const none of ['0', '-0', '0.0', '0e5']) expect(decimal(none)).toBe('0');
    expect(decimal('1e2')).toBe('100');
    expect(decimal('0.70')).toBe(decimal('7e-1'));
    // As a body has it that is copied.
    for (const one of ['0.7', '-12.05', '0.001', '1024.5']) expect(decimal(`${one}0`)).toBe(one);
    expect(decimal('1e-39')).toBe(`0.${'0'.repeat(38)}1`);
    expect(decimal('1e-41')).toBe('1e-41');
    expect(decimal('1e400')).not.toBe(decimal('1e401'));
  });

  it('whatever it is, wherever its point stands, and in a body as by itself', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,45}$/);
    fc.assert(
      fc.property(
        digits,
        fc.integer({ min: -60, max: 60 }),
        fc.nat(50),
        fc.nat(5),
        (plain, power, at, zeros) => {
          const expected = decimal(`${plain}e${power}`);
          const behind = Math.min(at, plain.length - 1);
          const cut = plain.length - behind;
          const tail = plain.slice(cut) + '0'.repeat(zeros);
          const other = `${plain.slice(0, cut)}${tail === '' ? '' : `.${tail}`}E${power + behind}`;
          expect(decimal(other)).toBe(expected);
          expect(decimal(`0.${plain}e${power + plain.length}`)).toBe(expected);
          expect(decimal(`${plain}1e${power}`)).not.toBe(expected);
          // No power of ten stands in it where there is room without.
          const whole = power >= 0 ? plain + '0'.repeat(power) : null;
          const spelled = whole ?? `0.${'0'.repeat(60)}${plain}e${power + plain.length + 60}`;
          expect(keyOf(`{"seed":${spelled}}`)).toBe(keyOf(`{"seed":${other}}`));
          expect(keyOf(`{"seed":-${spelled}}`)).not.toBe(keyOf(`{"seed":${other}}`));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read in a time that grows with its length, as clients choose it', () => {
    const many = 1_000_000;
    const nines = '9'.repeat(many);
    // Tried from each of its zeros to the end, each of these took an hour.
    expect(decimal(`1.${'0'.repeat(many)}1`)).toBe(`1${'0'.repeat(many)}1e-${many + 1}`);
    expect(decimal(`1${'0'.repeat(many)}10`)).toBe(`1${'0'.repeat(many)}1e1`);
    expect(decimal(`1e${nines}`)).toBe(`1e${nines}`);
    expect(keyOf(`{"seed":0.${'0'.repeat(many)}}`)).toBe(keyOf('{"seed":0}'));
  });
});
