import Typebox from 'typebox';
import { expect, test } from 'vitest';
import Type from './type.ts';

/** The same schema, built by either. */
function build(T: typeof Type) {
  return T.Object(
    {
      name: T.String({ minLength: 1, 'x-secret': true }),
      level: T.Optional(T.Enum(['a', 'b'], { default: 'a' })),
      count: T.Optional(T.Integer({ minimum: 1 })),
      share: T.Number(),
      flag: T.Optional(T.Boolean({ description: 'd' })),
      list: T.Array(T.Union([T.String(), T.Object({ x: T.Optional(T.String()) })], { title: 't' }), {
        minItems: 1,
      }),
      map: T.Record(T.String({ pattern: '^a' }), T.Integer(), { additionalProperties: false }),
    },
    { additionalProperties: false },
  );
}

test('schemas are what typebox makes', () => {
  expect(JSON.parse(JSON.stringify(build(Type)))).toEqual(JSON.parse(JSON.stringify(build(Typebox))));
});
