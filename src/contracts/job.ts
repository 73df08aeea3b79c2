// Routes of the operator's own: JSON in, a model call made of it, JSON out (`operations` in the configuration).
import type { DialectName } from './dialect-name.ts';
import type { Json, JsonObject } from './json.ts';

export interface JobConfig {
  name: string;
  /** Where it is served, from the root. */
  path: string;
  /** Alias or `provider/model`; of a method `provider/package.Service/Method`. */
  model: string;
  /** It is a gRPC method, and `request` its message. Absent: a model, and `request` is in `dialect`. */
  method?: true;
  /** Of `request`. */
  dialect: DialectName;
  /** JSON Schema of the payload; null = any object. */
  input: JsonObject | null;
  normalise: {
    /** Strings to Unicode NFC, without white space around them. */
    text: boolean;
    /** What the schema says where the payload says nothing. */
    defaults: boolean;
    /** Text that is a number becomes one, as the schema wants it. */
    coerce: boolean;
    /** Members that the schema does not name go. */
    dropUnknown: boolean;
  };
  /** The request, with `{{path}}` where values go. */
  request: JsonObject;
  /** What the model says is JSON, or text. */
  from: 'json' | 'text';
  /** JSON Schema of what it says; null = anything. */
  schema: JsonObject | null;
  /** What the caller gets, with `{{path}}`; null = what the model said. */
  body: Json | null;
}
