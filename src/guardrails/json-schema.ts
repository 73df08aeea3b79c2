// Whether an answer is the JSON that a schema asks for. Schemas come from configurations and requests: their size and depth are
// bounded, and each is compiled once.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as AjvModule from 'ajv';
import type * as Ajv2020Module from 'ajv/dist/2020.js';
import type { JsonObject } from '../contracts/json.ts';
import { compileRe2 } from './user-pattern.ts';

type Validate = AjvModule.ValidateFunction;

const MAX_SCHEMA_CHARS = 100_000;
const MAX_COMPILED = 256;

/** Schemas that were met, compiled. */
export class SchemaBook {
  #ajv: AjvModule.Ajv | null = null;
  readonly #compiled = new Map<string, Validate | null>();

  /** Why `text` is not what the schema asks for; null = it is, or the schema cannot be read. */
  fault(text: string, schema: JsonObject): string | null {
    let value: unknown;
    try {
      value = JSON.parse(unfenced(text));
    } catch {
      return 'the answer is not JSON';
    }
    const validate = this.#compile(schema);
    if (validate === null || validate(value)) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || '/'} ${error?.message ?? 'does not fit'}`;
  }

  #compile(schema: JsonObject): Validate | null {
    const text = JSON.stringify(schema);
    if (text.length > MAX_SCHEMA_CHARS) return null;
    const print = createHash('sha256').update(text).digest('base64');
    const known = this.#compiled.get(print);
    if (known !== undefined) return known;
    if (this.#compiled.size >= MAX_COMPILED) this.#compiled.delete(this.#compiled.keys().next().value!);
    let validate: Validate | null = null;
    try {
      this.#ajv ??= load();
      validate = this.#ajv.compile(structuredClone(schema));
      // It would keep whatever it compiled.
      this.#ajv.removeSchema();
    } catch {
      // A schema that Ajv does not take is the upstream's business.
    }
    this.#compiled.set(print, validate);
    return validate;
  }
}

/** What of a value does not fit; null = it does. Its path is a JSON Pointer, '' = all of it. */
export type Validator = (value: unknown) => { path: string; message: string } | null;

export interface ValidatorOptions {
  /** The value gets what the schema says where it says nothing. */
  defaults?: boolean;
  /** Text becomes the number, or the like, that the schema wants. */
  coerce?: boolean;
  /** Members that the schema does not name are taken out. */
  dropUnknown?: boolean;
}

/** An operator's own schema. @throws Error when it is none. */
export function compileValidator(schema: JsonObject, options: ValidatorOptions): Validator {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) throw new Error('the schema is too large');
  const validate = load({
    useDefaults: options.defaults === true,
    coerceTypes: options.coerce === true,
    removeAdditional: options.dropUnknown === true ? 'all' : false,
  }).compile(structuredClone(schema));
  return (value) => {
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    const extra = error?.params['additionalProperty'];
    const named = typeof extra === 'string' ? `: ${extra.slice(0, 100)}` : '';
    return { path: error?.instancePath ?? '', message: `${error?.message ?? 'does not fit'}${named}` };
  };
}

/** Models put JSON in a fence. */
export function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}

/** Loaded where a schema is. */
function load(more: AjvModule.Options = {}): AjvModule.Ajv {
  // The package's own types.
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020') as typeof Ajv2020Module;
  // Formats are words here, not checks. Patterns may be a caller's: they are matched in linear time.
  const regExp = Object.assign(
    (source: string) => {
      const pattern = compileRe2(source);
      // Ajv keeps patterns by what they print: without, all of a schema would be the first of them.
      return { test: (text: string) => pattern.matcher(text).find(), toString: () => source };
    },
    { code: 're2' },
  );
  return new Ajv2020({ strict: false, validateFormats: false, code: { regExp }, ...more });
}
