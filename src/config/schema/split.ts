// The schema of an alias's other arms: those that some of its callers get, and the one that gets copies.
import { DEFAULT_SHADOW } from './defaults.ts';
import { integer, strict } from './parts.ts';
import Type from './type.ts';

const armName = Type.String({
  pattern: '^[^\\s*]{1,256}$',
  'x-expected': '`provider/model` or the name of an alias',
  description: '`provider/model`, or another alias: all that it says of its targets.',
});

const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });

export const split = Type.Optional(
  Type.Array(
    Type.Object({ to: armName, percent: percent('Part of the sessions (or users) that go there.') }, strict),
    {
      description:
        'A/B split: so many percent of sessions go elsewhere, each always to the same; the rest stays with `targets`.',
      'x-default': 'none',
    },
  ),
);

export const shadow = Type.Optional(
  Type.Object(
    {
      to: armName,
      percent: percent('Part of the calls that are copied.'),
      concurrency: integer(1, 100_000, {
        description: 'Copies under way at once, for the whole gateway; beyond it none is made.',
        default: DEFAULT_SHADOW.concurrency,
      }),
      budgetUsd: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1_000_000,
          default: DEFAULT_SHADOW.budgetUsd,
          description: 'What copies may cost in a day (UTC), in USD; beyond it none is made.',
        }),
      ),
    },
    {
      ...strict,
      description:
        'Shadow traffic: a copy of each of so many calls goes to another model; its answer is logged and charged, and nobody hears it.',
    },
  ),
);
