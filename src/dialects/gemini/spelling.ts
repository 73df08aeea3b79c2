// Field names. Google's APIs take both spellings of each, `generationConfig` and `generation_config`; a client is told of a
// field in the one it writes.
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';

/** How a client spells, learned while its body is read. */
export interface Spelling {
  snake: boolean;
}

const UNDERSCORE = /_([a-z0-9])/g;

/** The object with its own names in camelCase; the very same object where they are. Not for maps of a user's names. */
export function camel(object: JsonObject, spelling: Spelling): JsonObject {
  const keys = Object.keys(object);
  if (!keys.some((key) => key.includes('_'))) return object;
  const out: JsonObject = {};
  for (const key of keys) {
    const name = key.replace(UNDERSCORE, (_, letter: string) => letter.toUpperCase());
    if (name !== key) spelling.snake = true;
    if (name === key || object[name] === undefined) out[name] = object[key];
  }
  return out;
}

/** Paths as the client writes them. */
export function respell(paths: readonly string[], { snake }: Spelling): string[] {
  return snake ? paths.map(snakePath) : [...paths];
}

/** An error that names a field, naming it as the client writes it. */
export function respellError(error: unknown, { snake }: Spelling): unknown {
  if (!snake || !(error instanceof GatewayError) || error.param === null) return error;
  const param = snakePath(error.param);
  const message = error.publicMessage.replaceAll(error.param, param);
  return new GatewayError(error.code, { message, param, cause: error });
}

function snakePath(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
