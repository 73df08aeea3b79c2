// Small pieces the schema files are made of.
import Type from './type.ts';

/** What a value says of itself beside its type. */
export interface Words {
  description: string;
  default?: unknown;
  /** Text for the reference where the default is computed. */
  'x-default'?: string;
  'x-env'?: string;
}

/** setTimeout cannot count further than 2^31-1 ms; a day is plenty. */
const DAY_MS = 86_400_000;

export const strict = { additionalProperties: false } as const;
export const integer = (minimum: number, maximum: number, words: Words) =>
  Type.Optional(Type.Integer({ minimum, maximum, ...words }));
export const duration = (words: Words, minimum = 0) => integer(minimum, DAY_MS, words);
export const flag = (words: Words) => Type.Optional(Type.Boolean({ ...words }));

export const secret = (description: string) =>
  Type.String({ minLength: 1, maxLength: 8192, 'x-secret': true, description });

/** A model name, or the beginning of one with a `*` at the end. */
export const modelPattern = Type.String({
  pattern: '^[^*\\s]{0,256}\\*?$',
  minLength: 1,
  'x-expected': 'a model name without spaces, `*` only at its end',
});
