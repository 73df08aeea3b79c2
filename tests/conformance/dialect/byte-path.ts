// The byte path of a request: what is edited into a client's own bytes, and that every other byte stays.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inspectBody } from '../../../src/body/inspect.ts';
import { stringifyJson } from '../../../src/body/lossless.ts';
import { applyEdits, mergeEdits } from '../../../src/body/splice.ts';
import type { Edit, EncodeTarget } from '../../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../../src/contracts/capability.ts';
import type { ChatCodec, Dialect } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { memberTexts } from './members.ts';
import type { DialectSamples } from './samples.ts';
import { stingyTarget, targetOf } from './target.ts';

/** Members no dialect has, in bytes that nobody would print so. */
const UNKNOWN: Readonly<Record<string, string>> = {
  x_number: '1.0e+2',
  x_object: '{ "b" : 1,"a":[ 12345678901234567890 ,"\\u00e9\\/"] }',
  x_text: '"}],{\\"model\\":\\"no\\""',
};

interface Made {
  sample: JsonObject;
  body: Buffer;
}

/** A sample's body with its members in any order, any blanks between, unknown ones among them. */
function bodies(samples: DialectSamples): fc.Arbitrary<Made> {
  return fc.constantFrom(...Object.values(samples.requests)).chain((sample) => {
    // Samples are JSON: no member is undefined.
    const members = Object.entries(sample).map(
      ([name, value]) => `${JSON.stringify(name)}: ${stringifyJson(value!)}`,
    );
    const others = [
      ...Object.entries(UNKNOWN).map(([name, text]) => `"${name}":${text}`),
      '"fallbacks" : ["other"]',
    ];
    const all = [...members, ...others];
    const blanks = fc.constantFrom('', ' ', '\n  ', '\t');
    return fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), blanks).map(([shuffled, blank]) => ({
      sample,
      body: Buffer.from(`${blank}{${blank}${shuffled.join(`${blank},${blank}`)}${blank}}`),
    }));
  });
}

const plain = (sample: JsonObject): Buffer => Buffer.from(stringifyJson(sample));

function expectRising(edits: readonly Edit[], body: Buffer): void {
  let behind = 0;
  for (const { start, end } of edits) {
    expect(start).toBeGreaterThanOrEqual(behind);
    expect(end).toBeGreaterThanOrEqual(start);
    behind = end;
  }
  expect(behind).toBeLessThanOrEqual(body.length);
}

interface Edited {
  edits: Edit[];
  body: Buffer;
  values: Record<string, string>;
  dropped: string[];
  adapted: string[];
}

/** The body as a leg edits it. */
function edited(codec: ChatCodec, body: Buffer, target: EncodeTarget, fitting: boolean): Edited {
  const facts = inspectBody(body);
  const fitted =
    fitting && codec.fit !== undefined
      ? codec.fit(body, facts, target)
      : { edits: codec.splice(facts, target), dropped: [], adapted: [] };
  const mended = codec.mend?.(body, facts, target) ?? { edits: [], adapted: [] };
  for (const edits of [fitted.edits, mended.edits]) expectRising(edits, body);
  const edits = mergeEdits(fitted.edits, mended.edits);
  const out = applyEdits(body, edits);
  const values = memberTexts(out);
  return {
    edits,
    body: out,
    values,
    dropped: fitted.dropped,
    adapted: [...fitted.adapted, ...mended.adapted],
  };
}

/** The target's model is told: in the body, else in the address. */
function expectModel(
  { address }: ChatCodec,
  { values }: Edited,
  target: EncodeTarget,
  stream: boolean,
): void {
  const path = address(target, stream, '');
  expect(path).toMatch(/^\//);
  if (values['model'] === undefined) expect(path).toContain(encodeURIComponent(target.model));
  else expect(JSON.parse(values['model'])).toBe(target.model);
}

function expectUnknownKept({ values }: Edited): void {
  expect(values).toMatchObject(UNKNOWN);
  expect(values).not.toHaveProperty('fallbacks');
}

/** Of the dialect alone. */
export function bytePathOf(dialect: Dialect, samples: DialectSamples): void {
  const { chat } = dialect;
  const requests = Object.entries(samples.requests);

  it.each(requests)('has nothing to edit in "%s" but the name of the model', (_, sample) => {
    const body = plain(sample);
    const { model, modelMember } = inspectBody(body);
    const kept = targetOf(dialect, { model: model ?? 'm', streamUsage: false });
    expect(edited(chat, body, kept, false)).toMatchObject({ edits: [], adapted: [] });
    if (chat.fit !== undefined) {
      expect(edited(chat, body, kept, true)).toMatchObject({ edits: [], dropped: [], adapted: [] });
    }
    const { edits } = edited(chat, body, { ...kept, model: 'another/"model"' }, false);
    if (modelMember !== null) {
      const { start, end } = modelMember.value;
      expect(edits).toEqual([{ start, end, text: JSON.stringify('another/"model"') }]);
    }
  });

  it('leaves every byte of the client that is not its to change', () => {
    fc.assert(
      fc.property(bodies(samples), fc.boolean(), fc.boolean(), ({ sample, body }, streamUsage, fitting) => {
        const target = targetOf(dialect, { streamUsage });
        const out = edited(chat, body, target, fitting);
        expectModel(chat, out, target, sample['stream'] === true);
        expectUnknownKept(out);
        const before = memberTexts(body);
        for (const name of Object.keys(sample)) {
          if (name !== 'model') expect(out.values[name]).toBe(before[name]);
        }
        expect(out.dropped).toEqual([]);
        expect(out.adapted).toEqual([]);
      }),
    );
  });

  it('fits a body to a model that refuses much, names what it took, and finds nothing more to do', () => {
    if (chat.fit === undefined) return;
    fc.assert(
      fc.property(bodies(samples), fc.nat(), ({ sample, body }, pick) => {
        const scalars = Object.keys(sample).filter(
          (name) => name !== 'model' && typeof sample[name] !== 'object',
        );
        const refuses = pick % 3 === 0 || scalars.length === 0 ? [] : [scalars[pick % scalars.length]!];
        const target = stingyTarget(dialect, refuses, false);
        const out = edited(chat, body, target, true);
        expectModel(chat, out, target, sample['stream'] === true);
        expectUnknownKept(out);
        for (const name of refuses) {
          expect(out.values).not.toHaveProperty(name);
          expect([...out.dropped, ...out.adapted].join()).toContain(name);
        }
        const again = edited(chat, out.body, target, true);
        expect(again).toMatchObject({ edits: [], dropped: [], adapted: [] });
        expectStrict(dialect, body, refuses, out.dropped);
      }),
    );
  });

  it('gives calls of tools ids that the model takes, each result that of its call', () => {
    const capabilities = {
      ...UNKNOWN_CAPABILITIES[dialect.name],
      toolId: { alphabet: 'alnum', min: 9, max: 9 },
    } as const;
    for (const [, sample] of requests) {
      const target = targetOf(dialect, { capabilities, model: inspectBody(plain(sample)).model ?? 'm' });
      const out = edited(chat, plain(sample), target, false);
      // Every result has its call, or the decoder throws.
      const read = (body: Buffer) => chat.decodeRequest(JSON.parse(body.toString()) as JsonObject).turns;
      const [before, turns] = [read(plain(sample)), read(out.body)];
      const ids = turns.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === 'tool_call' ? part.id : [])),
      );
      const calls = before.flatMap(({ parts }) => parts.filter((part) => part.kind === 'tool_call'));
      expect(ids).toHaveLength(calls.length);
      expect(out.adapted.length > 0).toBe(ids.length > 0);
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
      expect(edited(chat, out.body, target, false)).toMatchObject({ edits: [], adapted: [] });
    }
  });
}

/** With no loss allowed, a loss is a refusal that names it. */
function expectStrict(
  dialect: Dialect,
  body: Buffer,
  refuses: readonly string[],
  lost: readonly string[],
): void {
  const strict = stingyTarget(dialect, refuses, true);
  if (lost.length === 0) {
    expect(edited(dialect.chat, body, strict, true).dropped).toEqual([]);
    return;
  }
  let thrown: unknown = null;
  try {
    edited(dialect.chat, body, strict, true);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GatewayError);
  expect(thrown).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED' });
  expect(lost).toContain((thrown as GatewayError).param);
}
