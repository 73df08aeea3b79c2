// Every route of the table with bodies and queries made of its own schemas, right ones and such as nobody would send: whatever
// comes, no call is answered by a 500, and nothing that was refused is a success.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeType, type SchemaNode } from '../../src/config/schema/node.ts';
import { startTestApi, type TestApi } from './api.fixture.ts';
import type { ApiRoute } from './route.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** What the schema wants, most of the time. */
function valueFor(node: SchemaNode, depth = 0): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, '', -1, 1e308, [], {}, '__proto__', '\u0000', '\ud800'),
  );
  return fc.oneof({ weight: 9, arbitrary: right(node, depth) }, { weight: 1, arbitrary: odd });
}

function right(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map((one) => valueFor(one, depth + 1)));
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  switch (nodeType(node)) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({
        min: Math.max(node.minimum ?? -10, -1_000_000),
        max: Math.min(node.maximum ?? 1_000, 1_000_000),
      });
    case 'number':
      return fc.double({
        min: node.minimum ?? node.exclusiveMinimum ?? -10,
        max: node.maximum ?? 1_000,
        noNaN: true,
      });
    case 'array':
      return depth > 4 ? fc.constant([]) : fc.array(valueFor(node.items!, depth + 1), { maxLength: 3 });
    case 'object': {
      if (depth > 4) return fc.constant({});
      const [pattern, entry] = Object.entries(node.patternProperties ?? {})[0] ?? [];
      if (entry !== undefined)
        return fc.dictionary(text(pattern), valueFor(entry, depth + 1), { maxKeys: 2 });
      const fields = Object.entries(node.properties ?? {});
      return fc.record(
        Object.fromEntries(fields.map(([name, field]) => [name, valueFor(field, depth + 1)])),
        {
          requiredKeys: (node.required ?? []) as never[],
        },
      );
    }
    default:
      return text(node.pattern, node.maxLength);
  }
}

function text(pattern: string | undefined, maxLength = 40): fc.Arbitrary<string> {
  const free = fc.string({ maxLength: Math.min(maxLength, 40), unit: 'grapheme' });
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/);
  if (pattern === undefined) return fc.oneof(word, free);
  return fc.oneof(
    word,
    free,
    fc.constantFrom('600/min', '24h', '2027-01-31T00:00:00Z', 'file/ok', '10.0.0.0/8', '1'),
  );
}

const callOf = (route: ApiRoute) =>
  fc.record({
    params: fc.array(
      fc.oneof(
        fc.constantFrom('ada', 'adm_1', 'file', 'file:file', 'nobody', '1'),
        fc.stringMatching(/^[\w.:@-]{1,20}$/),
      ),
      {
        minLength: 2,
        maxLength: 2,
      },
    ),
    query: fc.record(
      Object.fromEntries(Object.entries(route.query ?? {}).map(([name, node]) => [name, text(node.pattern)])),
      { requiredKeys: [] },
    ),
    body: route.body === undefined ? fc.constant(undefined) : valueFor(route.body),
    match: fc.constantFrom(undefined, '*', '"1"', '"x"'),
  });

it('no route answers with a 500', async () => {
  const endless = /stream/;
  // It ends the token that everything here is done with.
  const ends = new Set(['delete-admin', 'delete-token', 'update-admin', 'make-backup']);
  const { url, token, faults } = api;
  const tried = api.routes.filter(({ operation }) => !endless.test(operation) && !ends.has(operation));
  expect(tried.length).toBeGreaterThan(70);
  let accepted = 0;
  for (const route of tried) {
    const calls = fc.sample(callOf(route), { numRuns: 12, seed: 20_261_129 });
    for (const { params, query, body, match } of calls) {
      let at = 0;
      const place = route.path.replace(/\{\w+\}/g, () => encodeURIComponent(params[at++]!));
      const search = new URLSearchParams(query as Record<string, string>);
      const answer = await fetch(`${url}${place}?${search}`, {
        method: route.method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(match === undefined ? {} : { 'if-match': match }),
        },
        ...(body === undefined || route.method === 'GET' ? {} : { body: JSON.stringify(body) }),
      });
      const said = await answer.text();
      if (answer.ok) accepted += 1;
      else expect(JSON.parse(said).error.code).toMatch(/^[a-z_]+$/);
      expect(
        answer.status,
        `${route.method} ${place} ${JSON.stringify(body)}: ${said} ${JSON.stringify(faults.at(-1))}`,
      ).not.toBe(500);
    }
  }
  // What is made of the schemas is good often enough for this to mean something.
  expect(accepted).toBeGreaterThan(100);
});
