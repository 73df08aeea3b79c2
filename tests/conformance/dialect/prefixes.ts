// A conversation that grows, as an agent sends it: what was sent before stays the same bytes, since prompt caches read
// prefixes.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLossless } from '../../../src/body/lossless.ts';
import type { ChatRequest, Turn } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { history, requestOf, TOOLS } from '../neutral-requests.ts';
import { memberTexts } from './members.ts';
import { targetOf } from './target.ts';

/** At least. */
const TURNS = 100;
/** Asked of the generator: a round of tools is more turns than two. */
const ASKED = 70;

/** The request as the last one of the way writes it. */
function bodyOf(request: ChatRequest, way: readonly Dialect[]): string {
  let carried = request;
  let body = '';
  for (const dialect of way) {
    body = dialect.chat.encodeRequest(carried, targetOf(dialect)).body;
    carried = dialect.chat.decodeRequest(parseLossless(body, true) as JsonObject); // a body is an object
  }
  return body;
}

/** The requests of a conversation: each ends where the model is to speak. */
function steps(turns: readonly Turn[]): ChatRequest[] {
  const base = requestOf([{ system: [{ kind: 'text', text: 'Be brief.', cache: null }], tools: TOOLS }]);
  return turns.flatMap((turn, at) =>
    turn.role === 'user' && turns[at + 1]?.role !== 'user'
      ? [{ ...base, turns: turns.slice(0, at + 1) }]
      : [],
  );
}

/** Every member of `before` stands in `after`, one of them with more behind it. */
function expectGrown(before: Record<string, string>, after: Record<string, string>): void {
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const grown = Object.keys(before).filter((name) => before[name] !== after[name]);
  expect(grown).toHaveLength(1);
  const [list] = grown;
  const shared = before[list!]!.slice(0, -1);
  expect(shared.length).toBeGreaterThan(2);
  expect(after[list!]!.slice(0, shared.length)).toBe(shared);
}

/** Whether prefixes of what goes this way stay as they were. */
export function prefixesOn(way: readonly Dialect[]): void {
  it(`keeps the bytes of every earlier turn, over ${TURNS} of them`, () => {
    fc.assert(
      fc.property(history(ASKED), (turns) => {
        fc.pre(turns.length >= TURNS);
        const sent = steps(turns).map((request) => memberTexts(Buffer.from(bodyOf(request, way))));
        expect(sent.length).toBeGreaterThan(ASKED / 3);
        for (const [at, after] of sent.entries()) if (at > 0) expectGrown(sent[at - 1]!, after);
      }),
      // There are many pairs, and each run is a conversation of requests.
      { numRuns: way.length > 1 ? 1 : 3 },
    );
  });
}
