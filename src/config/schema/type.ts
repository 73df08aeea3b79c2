// typebox's `Type` builders without typebox at run time: importing it takes 150 ms, a third of a start. The types are
// typebox's own, so `Type.Static` works as usual; type.test.ts holds the made schemas to what typebox makes.
import type Typebox from 'typebox';

type Used = Pick<
  typeof Typebox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
>;
type Schema = Record<string, unknown>;

/** Marks a member that may be left out; like typebox, where JSON does not show it. */
const OPTIONAL = '~optional';

const plain =
  (type: string) =>
  (options: Schema = {}): Schema => ({ type, ...options });

const builders = {
  String: plain('string'),
  Number: plain('number'),
  Integer: plain('integer'),
  Boolean: plain('boolean'),
  Array: (items: Schema, options: Schema = {}) => ({ type: 'array', items, ...options }),
  Enum: (values: readonly unknown[], options: Schema = {}) => ({ enum: values, ...options }),
  Union: (anyOf: readonly Schema[], options: Schema = {}) => ({ anyOf, ...options }),
  Record: (key: Schema, value: Schema, options: Schema = {}) => ({
    type: 'object',
    patternProperties: { [String(key['pattern'])]: value },
    ...options,
  }),
  Object: (properties: Record<string, Schema>, options: Schema = {}) => {
    const required = Object.keys(properties).filter((name) => properties[name]![OPTIONAL] !== true);
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
  },
  Unknown: (options: Schema = {}) => ({ ...options }),
  Optional: (schema: Schema) => Object.defineProperty({ ...schema }, OPTIONAL, { value: true }),
};

// Made to the same shapes; the cast lends them typebox's inference.
const Type = builders as unknown as Used;
export default Type;
