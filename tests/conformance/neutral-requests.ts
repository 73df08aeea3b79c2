// Neutral requests put together: turns, tools and the rest of what a client says.
import fc from 'fast-check';
import { rawNumber } from '../../src/body/lossless.ts';
import type {
  CacheMark,
  ChatRequest,
  ImagePart,
  Part,
  TextPart,
  ToolDef,
  Turn,
} from '../../src/contracts/chat.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import { text as textPart, toolCalls, word } from './neutral-forms.ts';

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const NUMBER = { number: rawNumber('1.50'), big: rawNumber('12345678901234567890') };

/** In an order of its own, with numbers that JavaScript would print otherwise. */
const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    z: { type: 'string', enum: ['b', 'a'], description: 'é "quoted"' },
    a: { type: 'array', items: { type: 'number', minimum: NUMBER.number, maximum: NUMBER.big } },
    n: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  },
  required: ['z'],
  additionalProperties: false,
};
export const CLOSED: JsonObject = {
  type: 'object',
  properties: { z: { type: 'string' }, a: { type: 'integer' } },
  required: ['z', 'a'],
  additionalProperties: false,
};

export const say = (said: string, cache: CacheMark | null = null): TextPart => ({
  kind: 'text',
  text: said,
  cache,
});
export const user = (...parts: Part[]): Turn => ({ role: 'user', parts, name: null });
export const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts, name: null });
const tool = (name: string, more: Partial<ToolDef> = {}): ToolDef => ({
  name,
  description: `What ${name} does.`,
  schema: SCHEMA,
  strict: null,
  cache: null,
  ...more,
});
export const TOOLS: ToolDef[] = ['get_weather', 'f', 'a-b_C9'].map((name) => tool(name));

export const texts = fc.array(textPart, { minLength: 1, maxLength: 3 });

/** A question, calls, their results and an answer. */
export const toolLoop = (result: fc.Arbitrary<Part>, isError = false): fc.Arbitrary<Turn[]> =>
  fc
    .tuple(word, texts, toolCalls(3), fc.array(result, { minLength: 3, maxLength: 3 }))
    .map(([question, said, calls, results]) => {
      if (calls.length === 0) return [user(say(question)), assistant(...said)];
      const told = calls.map(
        (call, at): Part => ({
          kind: 'tool_result',
          callId: call.id,
          content: [results[at]!],
          isError,
          cache: null,
        }),
      );
      return [
        user(say(question)),
        assistant(...said.slice(0, 1), ...calls),
        user(...told),
        assistant(...said),
      ];
    });

export const image = (source: ImagePart['source'], detail: string | null = null): Part => ({
  kind: 'image',
  source,
  detail,
  cache: null,
});
export const PROOF: Part = { kind: 'reasoning', text: 'hm', signature: 'c2ln', redacted: null };

/** A conversation of `count` turns or more, that ends with the client's. Ids of calls come again, as models give them. */
export function history(count: number): fc.Arbitrary<Turn[]> {
  const spoken = fc.tuple(texts, texts).map(([one, other]): Turn[] => [user(...one), assistant(...other)]);
  const seen = fc
    .tuple(word, word)
    .map(([question, said]): Turn[] => [
      user(say(question), image({ kind: 'base64', mediaType: 'image/png', data: PNG })),
      assistant(PROOF, say(said)),
    ]);
  const rounds = fc.array(fc.oneof(toolLoop(textPart), toolLoop(textPart), spoken, seen), {
    minLength: count / 2,
    maxLength: count / 2,
  });
  return rounds.map((made) => [...made.flat(), user(say('go on'))]);
}

/** A request that says these: histories one behind the other, of anything else the last. Calls get ids of their own. */
export function requestOf(changes: readonly Partial<ChatRequest>[]): ChatRequest {
  const history = changes.flatMap((change, at) => (change.turns ?? []).map((turn) => renamed(turn, at)));
  return {
    model: 'm',
    system: [],
    tools: [],
    toolChoice: null,
    parallelToolCalls: null,
    maxTokens: 1000,
    temperature: null,
    topP: null,
    topK: null,
    stop: [],
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    responseFormat: null,
    reasoning: null,
    user: null,
    stream: false,
    includeUsage: true,
    dropped: [],
    mustNotDrop: [],
    ...Object.assign({}, ...changes),
    turns: [...history, user(say('go on'))],
  };
}

function renamed(turn: Turn, at: number): Turn {
  if (at === 0) return turn;
  const parts = turn.parts.map((part): Part => {
    if (part.kind === 'tool_call') return { ...part, id: `${part.id}-${at}` };
    return part.kind === 'tool_result' ? { ...part, callId: `${part.callId}-${at}` } : part;
  });
  return { ...turn, parts };
}
