// What a response repeats of its request: SDKs' types have most of these members as required, and clients read them.
import { stringifyJson } from '../../body/lossless.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { objectAt } from '../lenient.ts';

/** Members that are repeated, in the order a response has them, with what stands there when the request says nothing. */
const MEMBERS: readonly (readonly [name: string, normal: Json])[] = [
  ['instructions', null],
  ['max_output_tokens', null],
  ['max_tool_calls', null],
  ['metadata', {}],
  ['parallel_tool_calls', true],
  ['previous_response_id', null],
  ['prompt_cache_key', null],
  ['reasoning', { effort: null, summary: null }],
  ['safety_identifier', null],
  ['service_tier', 'default'],
  // What was translated is kept nowhere: later requests must not point at it.
  ['store', false],
  ['temperature', 1],
  ['text', { format: { type: 'text' }, verbosity: 'medium' }],
  ['tool_choice', 'auto'],
  ['tools', []],
  ['top_logprobs', 0],
  ['top_p', 1],
  ['truncation', 'disabled'],
  ['user', null],
];
const NEVER: ReadonlySet<string> = new Set(['previous_response_id', 'store', 'service_tier']);

/** The members as JSON text without braces. */
export function echoOf(request: JsonObject): string {
  const echo: JsonObject = {};
  for (const [name, normal] of MEMBERS) {
    const told = NEVER.has(name) ? undefined : (request[name] ?? undefined);
    echo[name] = told === undefined ? normal : filled(told, normal);
  }
  return stringifyJson(echo).slice(1, -1);
}

/** The echo of a request nobody remembers. */
export const PLAIN_ECHO = echoOf({});

// `text` and `reasoning` are repeated with the defaults of what was left out of them.
function filled(told: Json, normal: Json): Json {
  const [object, defaults] = [objectAt({ told }, 'told'), objectAt({ normal }, 'normal')];
  return object === null || defaults === null ? told : { ...defaults, ...object };
}
