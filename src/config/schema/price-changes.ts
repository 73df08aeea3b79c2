// The schema of `priceChanges`: prices that hold from a day on, written down ahead.
import { strict } from './parts.ts';
import Type from './type.ts';

/** @param prices fields of a price. @param model names a model, or the beginning of one. */
export const priceChanges = <P extends Parameters<typeof Type.Object>[0][string]>(
  prices: P,
  modelName: { readonly pattern: string; readonly 'x-expected': string },
) =>
  Type.Optional(
    Type.Array(
      Type.Object(
        {
          model: Type.String({
            ...modelName,
            description: 'As a name of `prices`: `provider/model`, or the beginning of such a name with `*`.',
          }),
          from: Type.String({
            pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2})?(Z|[+-]\\d{2}:\\d{2}))?$',
            'x-expected':
              'a day such as `2027-01-01` (it begins in UTC), or a time such as `2027-01-01T00:00:00+01:00`',
            description: 'From when on it is the price: a day (UTC), or a time with its zone.',
          }),
          prices,
        },
        strict,
      ),
      {
        description:
          'Prices that hold from a day on: write them down ahead. Calls that end before are charged as `prices` or the built-in table say; of several the last one that has begun counts.',
        'x-default': 'none',
      },
    ),
  );
