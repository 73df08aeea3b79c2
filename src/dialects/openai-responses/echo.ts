// What a response repeats of its request: SDKs' types have most of these members as required, and clients read them.
import { stringifyJson } from '../../body/lossless.ts';
import type { AnswerContext } from '../../contracts/answer-context.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { objectAt } from '../lenient.ts';

type Members = readonly (readonly [name: string, normal: Json])[];

/**
 * Members that are repeated, in the order a response has them, with what stands there when the request says nothing. Between
 * the three lists stand `previous_response_id` and `store`, which are not the request's to say: see `echoText`.
 */
const MEMBERS: readonly [Members, Members, Members] = [
  [
    ['instructions', null],
    ['max_output_tokens', null],
    ['max_tool_calls', null],
    ['metadata', {}],
    ['parallel_tool_calls', true],
  ],
  [
    ['prompt_cache_key', null],
    ['reasoning', { effort: null, summary: null }],
    ['safety_identifier', null],
    ['service_tier', 'default'],
  ],
  [
    ['temperature', 1],
    ['text', { format: { type: 'text' }, verbosity: 'medium' }],
    ['tool_choice', 'auto'],
    ['tools', []],
    ['top_logprobs', 0],
    ['top_p', 1],
    ['truncation', 'disabled'],
    ['user', null],
  ],
];
const NEVER = 'service_tier';

/** What is repeated, as JSON text without braces, in the three parts. */
export type Echo = [before: string, between: string, behind: string];

/** What a response repeats of `request`. */
export function echoOf(request: JsonObject): Echo {
  const [before, between, behind] = MEMBERS;
  return [partOf(request, before), partOf(request, between), partOf(request, behind)];
}

/** The echo of a request nobody remembers. */
export const PLAIN_ECHO = echoOf({});

/** All of it as JSON text without braces. @param kept the answer is; else later requests must not point at it. */
export function echoText(
  [before, between, behind]: Echo,
  { kept, builtOn = kept }: Pick<AnswerContext, 'kept' | 'builtOn'>,
): string {
  const previous = JSON.stringify(builtOn?.previous ?? null);
  const conversation = builtOn?.conversation ?? null;
  const more = conversation === null ? '' : `,"conversation":{"id":${JSON.stringify(conversation)}}`;
  return `${before},"previous_response_id":${previous},${between},"store":${kept !== undefined},${behind}${more}`;
}

function partOf(request: JsonObject, members: Members): string {
  const echo: JsonObject = {};
  for (const [name, normal] of members) {
    const told = name === NEVER ? undefined : (request[name] ?? undefined);
    echo[name] = told === undefined ? normal : filled(told, normal);
  }
  return stringifyJson(echo).slice(1, -1);
}

// `text` and `reasoning` are repeated with the defaults of what was left out of them.
function filled(told: Json, normal: Json): Json {
  const [object, defaults] = [objectAt({ told }, 'told'), objectAt({ normal }, 'normal')];
  return object === null || defaults === null ? told : { ...defaults, ...object };
}
