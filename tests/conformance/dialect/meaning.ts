// What a request means, apart from how it may be put: two that mean the same are equal here, member by member.
import { isDeepStrictEqual } from 'node:util';
import { stringifyJson } from '../../../src/body/lossless.ts';
import type { ChatRequest, Num, Part, ResponseFormat, ToolDef, Turn } from '../../../src/contracts/chat.ts';
import type { JsonObject } from '../../../src/contracts/json.ts';

/** Members that are compared. The model's name is the target's, and what was lost is told apart. */
const MEMBERS = [
  'system',
  'turns',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'maxTokens',
  'temperature',
  'topP',
  'topK',
  'stop',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'responseFormat',
  'reasoning',
  'user',
  'stream',
] as const satisfies readonly (keyof ChatRequest)[];
export type Member = (typeof MEMBERS)[number];

/** Members in which `became` does not mean what `was` did. */
export function differences(was: ChatRequest, became: ChatRequest, ignored: readonly Member[]): Member[] {
  const [a, b] = [meaning(was), meaning(became)];
  // A dialect that wants a limit gets one.
  if (was.maxTokens === null) b.maxTokens = null;
  return MEMBERS.filter((member) => !ignored.includes(member) && !isDeepStrictEqual(a[member], b[member]));
}

function meaning(request: ChatRequest): Record<Member, unknown> {
  const { toolChoice } = request;
  return {
    system: request.system,
    turns: conversation(request.turns),
    tools: request.tools.map(toolMeaning),
    // Tools that are offered may be chosen, several at once.
    toolChoice: toolChoice?.kind === 'auto' ? null : toolChoice,
    parallelToolCalls:
      request.parallelToolCalls === false && request.tools.length > 0 && toolChoice?.kind !== 'none',
    maxTokens: numberText(request.maxTokens),
    temperature: numberText(request.temperature),
    topP: numberText(request.topP),
    topK: numberText(request.topK),
    stop: request.stop,
    seed: numberText(request.seed),
    frequencyPenalty: numberText(request.frequencyPenalty),
    presencePenalty: numberText(request.presencePenalty),
    responseFormat: formatMeaning(request.responseFormat),
    reasoning: request.reasoning,
    user: request.user,
    stream: request.stream,
  };
}

const numberText = (value: Num | null): string | null => (value === null ? null : stringifyJson(value));

// Byte for byte: prompt caches read it so. None is one without members.
const schemaText = (schema: JsonObject | null): string =>
  stringifyJson(schema ?? { type: 'object', properties: {} });

function toolMeaning({ name, description, schema, strict, cache }: ToolDef): object {
  // A description without a word is none.
  return {
    name,
    description: description || null,
    schema: schemaText(schema),
    strict: strict === true,
    cache,
  };
}

// Its name is a label, and how strictly it is kept to is the model's to choose.
function formatMeaning(format: ResponseFormat | null): unknown {
  return format?.kind === 'json_schema' ? { kind: format.kind, schema: schemaText(format.schema) } : format;
}

/** Neighbours of one role are one turn: a dialect may have a message for each result, or one for all. */
function conversation(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    if (last !== undefined && last.role === turn.role && last.name === turn.name)
      last.parts.push(...turn.parts);
    else joined.push({ ...turn, parts: [...turn.parts] });
  }
  return joined;
}

/** Ids of calls and of results, in order. */
export function idsOf(turns: readonly Turn[]): { calls: string[]; results: string[] } {
  const parts: Part[] = turns.flatMap((turn) => turn.parts);
  return {
    calls: parts.flatMap((part) => (part.kind === 'tool_call' ? [part.id] : [])),
    results: parts.flatMap((part) => (part.kind === 'tool_result' ? [part.callId] : [])),
  };
}
