// The schema of `budgets`, of a key's own budgets and of what becomes of calls without a price.
import { WINDOW_PATTERN } from '../../budgets/window.ts';
import { strict } from './parts.ts';
import { match, scope } from './rate-limits.ts';
import Type from './type.ts';

export const TIME_PATTERN =
  '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$';
const time = (description: string, byDefault: string) =>
  Type.Optional(
    Type.String({
      pattern: TIME_PATTERN,
      'x-expected': 'a date such as `2027-01-31`, or a time such as `2027-01-31T18:00:00Z`',
      description,
      'x-default': byDefault,
    }),
  );
const amount = (description: string) => Type.Number({ minimum: 0, maximum: 1_000_000, description });

const words = {
  name: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
      'x-expected': 'a name of letters, digits, `_`, `-` (64 at most)',
      description: 'Name in refusals and metrics. What is spent is kept under it.',
      'x-default':
        'what it is counted per, and the window: `key-1d`; of a key the name of the key: `team-a-1M`',
    }),
  ),
  amountUsd: amount('What may be spent in a window, in US dollars.'),
  window: Type.Optional(
    Type.String({
      pattern: WINDOW_PATTERN,
      'x-expected':
        'a length such as `1h`, `1d`, `1w`, `1M`, `1Q`, `1Y` (units s, m, h, d, w, M, Q, Y), or `never`',
      description: 'How long a window is; `never`: what is spent is spent, until the amount is raised.',
      default: '1M',
    }),
  ),
  align: Type.Optional(
    Type.Enum(['calendar', 'rolling'], {
      description:
        '`calendar`: days, weeks (from Monday), months, quarters and years as the calendar has them. `rolling`: one behind the other from `anchor` on; a month is 30 days, a quarter 90, a year 365.',
      default: 'calendar',
    }),
  ),
  timezone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Time zone of the calendar, such as `Europe/Berlin`.',
      default: 'UTC',
    }),
  ),
  anchor: time('When the first rolling window begins.', '`1970-01-01`'),
  softAt: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'Share at which an alert says so.', default: 0.8 }),
  ),
  override: Type.Optional(
    Type.Object(
      {
        amountUsd: amount('The amount in place of the budget’s.'),
        from: time('The first window it holds for is the one of this time.', 'any window'),
        windows: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000,
            description: 'For so many windows.',
            'x-default': 'for good',
          }),
        ),
      },
      { ...strict, description: 'Another amount for a while.' },
    ),
  ),
};

/** Budgets of one key, team, …. */
export const ownBudgets = Type.Optional(
  Type.Array(Type.Object(words, strict), {
    maxItems: 20,
    description: 'Budgets of its own: of a key for itself, of a team for all its keys together.',
    'x-default': 'none',
  }),
);

/** Budgets by what they are counted per. */
export const budgets = Type.Optional(
  Type.Array(
    Type.Object(
      {
        ...words,
        per: Type.Optional(
          Type.Union([scope(), Type.Array(scope(), { minItems: 1 })], {
            description:
              'What has a budget of its own: `key`, `organization`, `team`, `user`, `customer` (end user), `project`, `tag`, `model`, `provider`, `header:<name>`, or several of them; `gateway` is one for all.',
            'x-default': '`gateway`',
          }),
        ),
        match: match('Which calls the budget is for.'),
      },
      strict,
    ),
    { description: 'Budgets in US dollars. All that match a call must have room for it.' },
  ),
);

export const unknownPrice = Type.Optional(
  Type.Enum(['refuse', 'allow'], {
    description:
      'Calls under a budget whose model has no known price, or which begin what goes past the gateway (WebRTC and SIP calls, client secrets): `refuse` them, or `allow` them, uncounted. State the price in `prices` to have a model counted.',
    default: 'refuse',
  }),
);
