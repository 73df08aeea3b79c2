// The schema of `priceChanges`: prices that hold from a day on, written down ahead, or at hours of the day and on days
// of the week.
import { DAYS_PATTERN, HOURS_PATTERN } from '../../prices/hours.ts';
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
          from: Type.Optional(
            Type.String({
              pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2})?(Z|[+-]\\d{2}:\\d{2}))?$',
              'x-expected':
                'a day such as `2027-01-01` (it begins in UTC), or a time such as `2027-01-01T00:00:00+01:00`',
              description: 'From when on it is the price: a day (UTC), or a time with its zone.',
              'x-default': 'always, with `hours` or `days`',
            }),
          ),
          hours: Type.Optional(
            Type.Array(Type.String({ pattern: HOURS_PATTERN, 'x-expected': 'hours such as `16:30-00:30`' }), {
              minItems: 1,
              description:
                'Hours of each day at which it is the price; one that ends before it begins goes over midnight.',
              'x-default': 'all day',
            }),
          ),
          days: Type.Optional(
            Type.Array(
              Type.String({ pattern: DAYS_PATTERN, 'x-expected': 'days such as `sat` or `mon-fri`' }),
              {
                minItems: 1,
                description:
                  'Days of the week on which it is the price: `mon` … `sun`, or from one to another. Hours over midnight belong to the day that they began on.',
                'x-default': 'each day',
              },
            ),
          ),
          timezone: Type.Optional(
            Type.String({
              minLength: 1,
              'x-expected': 'a time zone such as `Asia/Shanghai`',
              description: 'Of `hours` and `days`.',
              'x-default': '`UTC`',
            }),
          ),
          prices,
        },
        strict,
      ),
      {
        description:
          'Prices that hold from a day on (write them down ahead), at hours of the day, or on days of the week. A call is charged by when its attempt ends. Where none holds `prices` or the built-in table do; of several that hold the last one that began counts, of those the most particular name, then the one that says more of `hours` and `days`.',
        'x-default': 'none',
      },
    ),
  );
