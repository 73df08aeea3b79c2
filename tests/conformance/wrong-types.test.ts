// Every member of requests as clients write them, one at a time of another type than it has, to every other dialect: it is said, or
// refused by a 400 that names a field. Nothing throws by accident, and what no vendor would take is not quietly left out.
import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../src/body/inspect.ts';
import type { Dialect } from '../../src/contracts/dialect.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { Json, JsonObject } from '../../src/contracts/json.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { encodeTarget } from '../kit/encode-target.ts';
import { all, samples } from './registry.ts';

type Place = readonly (string | number)[];

const WRONG: readonly Json[] = ['x', 1, -1, true, [], {}, ['x'], [null], null];

/** Members of tools' own arguments and schemas mean nothing to a gateway. */
const OWN =
  /^(parameters|input_schema|schema|json|args|response|responseSchema|responseJsonSchema|properties)$/;

function* placesIn(value: Json | undefined, place: Place = []): Generator<Place> {
  if (place.length > 0) yield place;
  if (typeof place.at(-1) === 'string' && OWN.test(String(place.at(-1)))) return;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, below] of Object.entries(value))
    yield* placesIn(below, [...place, Array.isArray(value) ? Number(key) : key]);
}

/** A copy with `wrong` at `place`. */
function changed(body: JsonObject, place: Place, wrong: Json): JsonObject {
  const copy = structuredClone(body);
  let holder = copy as Record<string | number, Json>;
  for (const key of place.slice(0, -1)) holder = holder[key] as Record<string | number, Json>;
  holder[place.at(-1)!] = wrong;
  return copy;
}

/** `messages[].content` */
const shapeOf = (place: Place): string =>
  place
    .map((key) => (typeof key === 'number' ? '[]' : `.${key}`))
    .join('')
    .slice(1);

/** @returns the field a 400 names; null = it was said. @throws whatever is no refusal of a client's field. */
function refusedField(body: JsonObject, from: Dialect, to: Dialect): string | null {
  const bytes = Buffer.from(JSON.stringify(body));
  try {
    translateBody(bytes, inspectBody(bytes).exoticNumbers, from, to, encodeTarget(to.name));
    return null;
  } catch (error) {
    if (!(error instanceof GatewayError) || !error.code.startsWith('GW_CLIENT_')) throw error;
    expect(error.param, error.publicMessage).toBeTruthy();
    return error.param;
  }
}

function others(from: Dialect): readonly Dialect[] {
  return all.filter((to) => to !== from);
}

test.each(all)('$name: whatever is wrong, nothing fails but by a 400 that names a field', (from) => {
  const tried = new Set<string>();
  for (const body of Object.values(samples[from.name]!.requests)) {
    for (const place of placesIn(body)) {
      for (const wrong of WRONG) {
        const what = `${shapeOf(place)} = ${JSON.stringify(wrong)}`;
        if (tried.has(what)) continue;
        tried.add(what);
        for (const to of others(from)) {
          try {
            refusedField(changed(body, place, wrong), from, to);
          } catch (error) {
            throw new Error(`${from.name} to ${to.name}, ${what}`, { cause: error });
          }
        }
      }
    }
  }
  expect(tried.size).toBeGreaterThan(100);
});

const hi = [{ role: 'user', content: 'hi' }];
const asked = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const blocks = [{ role: 'user', content: [{ text: 'hi' }] }];
const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9 };
const user = { type: 'message', role: 'user', content: 'hi' };

/** What its vendor refuses with a 400: the field that ours names. */
const REFUSED: Readonly<Record<DialectName, readonly (readonly [field: string, body: JsonObject])[]>> = {
  'openai-chat': [
    ['messages', { model: 'm', messages: 'x' }],
    ['messages', { model: 'm' }],
    ['messages[0]', { model: 'm', messages: ['x'] }],
    ['messages[0].content', { model: 'm', messages: [{ role: 'user', content: 1 }] }],
    ['messages[0].role', { model: 'm', messages: [{ content: 'hi' }] }],
    ['temperature', { model: 'm', messages: hi, temperature: 'hot' }],
    ['tools', { model: 'm', messages: hi, tools: 'x' }],
    ['tools[0]', { model: 'm', messages: hi, tools: ['x'] }],
    ['response_format', { model: 'm', messages: hi, response_format: 'json' }],
  ],
  anthropic: [
    ['messages', { model: 'm', max_tokens: 9, messages: 'x' }],
    ['messages[0]', { model: 'm', max_tokens: 9, messages: ['x'] }],
    ['max_tokens', { model: 'm', max_tokens: 'x', messages: hi }],
    ['system', { model: 'm', max_tokens: 9, messages: hi, system: 1 }],
    ['tools', { model: 'm', max_tokens: 9, messages: hi, tools: {} }],
    [
      'messages[0].content[0].cache_control.type',
      {
        model: 'm',
        max_tokens: 9,
        messages: [{ ...asked, content: [{ type: 'text', text: 'hi', cache_control: { type: 1 } }] }],
      },
    ],
  ],
  'openai-responses': [
    ['input', { model: 'm', input: 1 }],
    ['input', { model: 'm', input: {} }],
    ['input[0]', { model: 'm', input: [1] }],
    ['instructions', { model: 'm', input: 'hi', instructions: [1] }],
    ['reasoning', { model: 'm', input: 'hi', reasoning: 'high' }],
    ['reasoning.summary', { model: 'm', input: 'hi', reasoning: { effort: 'low', summary: true } }],
    ['input[1].summary[0]', { model: 'm', input: [user, { type: 'reasoning', summary: ['hm'] }] }],
    [
      'input[1].summary[0].text',
      { model: 'm', input: [user, { type: 'reasoning', summary: [{ text: 1 }] }] },
    ],
    [
      'input[1].encrypted_content',
      { model: 'm', input: [user, { type: 'reasoning', summary: [], encrypted_content: 1 }] },
    ],
    [
      'input[1].arguments',
      { model: 'm', input: [user, { type: 'function_call', call_id: 'c', name: 'f', arguments: 7 }] },
    ],
  ],
  gemini: [
    ['contents', { contents: 1 }],
    ['contents[0].parts', { contents: [{ role: 'user', parts: 1 }] }],
    ['contents[0].parts[0].text', { contents: [{ role: 'user', parts: [{ text: 1 }] }] }],
    ['generationConfig', { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: 'x' }],
    [
      'generationConfig.temperature',
      { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { temperature: 'x' } },
    ],
  ],
  cohere: [
    ['messages', { model: 'm', messages: 'x' }],
    ['messages[0]', { model: 'm', messages: ['x'] }],
    ['messages[0].content', { model: 'm', messages: [{ role: 'user', content: 1 }] }],
    ['temperature', { model: 'm', messages: hi, temperature: 'x' }],
    [
      'messages[1].tool_calls[0].type',
      {
        model: 'm',
        messages: [
          ...hi,
          { role: 'assistant', tool_calls: [{ id: 'c', type: 1, function: { name: 'f', arguments: '{}' } }] },
        ],
      },
    ],
  ],
  bedrock: [
    ['messages', { messages: 'x' }],
    ['messages[0].content', { messages: [{ role: 'user', content: 'x' }] }],
    ['inferenceConfig', { messages: blocks, inferenceConfig: 'x' }],
    [
      'toolConfig.toolChoice.auto',
      {
        messages: blocks,
        toolConfig: {
          tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
          toolChoice: { auto: true },
        },
      },
    ],
    [
      'system[1].cachePoint.type',
      { messages: blocks, system: [{ text: 'hi' }, { cachePoint: { type: 1 } }] },
    ],
  ],
  'bedrock-invoke': [
    ['messages', { ...claude, messages: 'x' }],
    ['messages[0]', { ...claude, messages: ['x'] }],
    ['max_tokens', { ...claude, messages: hi, max_tokens: 'x' }],
  ],
};

describe.each(all)('$name: what its vendor refuses', (from) => {
  test.each(REFUSED[from.name])('%s', (field, body) => {
    const named = others(from).map((to) => refusedField(body, from, to));
    expect(named).toEqual(others(from).map(() => field));
  });
});
