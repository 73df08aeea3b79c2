// Completions of several prompts as one: their answers in the order of the prompts, and what they used together. Pure.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, numberAt, objectAt, parseObject } from '../lenient.ts';
import { isObject } from '../read.ts';

/** @param bodies as this dialect writes them. @throws GatewayError where one is none. */
export function joinCompletions(bodies: readonly Buffer[]): JsonObject {
  const all = bodies.map((body) => {
    const read = parseObject(body.toString('utf8'));
    if (read === null) throw badOutput('A completion is no JSON object.');
    return read;
  });
  const choices = all.flatMap((body) => arrayAt(body, 'choices').filter(isObject));
  const used = all.map((body) => objectAt(body, 'usage')).filter((usage) => usage !== null);
  return {
    ...all[0],
    choices: choices.map((choice, index) => ({ ...choice, index })),
    // Of some alone it would be too little.
    ...(used.length === all.length ? { usage: used.reduce(sumOf) } : { usage: null }),
  };
}

function sumOf(one: JsonObject, other: JsonObject): JsonObject {
  const sum: JsonObject = { ...one };
  for (const [name, value] of Object.entries(other))
    if (value !== undefined) sum[name] = added(sum[name], value);
  return sum;
}

function added(one: Json | undefined, other: Json): Json {
  if (isObject(other)) return isObject(one) ? sumOf(one, other) : other;
  return typeof other === 'number' && typeof one === 'number' ? one + other : (one ?? other);
}

/** The same as a stream: a piece for each answer. @param usage its client wants to be told what was used. */
export function streamOf(joined: JsonObject, usage: boolean): string {
  const { choices: _, usage: used = null, ...head } = joined;
  const pieces: JsonObject[] = arrayAt(joined, 'choices')
    .filter(isObject)
    .toSorted((a, b) => numberAt(a, 'index')! - numberAt(b, 'index')!)
    .map((choice) => ({ ...head, choices: [choice] }));
  if (usage && used !== null) pieces.push({ ...head, choices: [], usage: used });
  return `${pieces.map((piece) => `data: ${JSON.stringify(piece)}\n\n`).join('')}data: [DONE]\n\n`;
}
