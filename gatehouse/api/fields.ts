// Fields that several objects have, as schemas. `x-read`: shown, and refused when it is sent.

import type { SchemaNode } from '../../src/config/schema/node.ts';
import { WINDOW_PATTERN } from '../../src/budgets/window.ts';
import { TIME_PATTERN } from '../../src/config/schema/budgets.ts';
import { RATE_PATTERN } from '../../src/limits/rate-text.ts';

export type Fields = Readonly<Record<string, SchemaNode>>;

export const text = (description: string, maxLength = 256): SchemaNode => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
});
export const flag = (description: string): SchemaNode => ({ type: 'boolean', description });
export const whole = (minimum: number, maximum: number, description: string): SchemaNode => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});
export const choice = (values: readonly string[], description: string): SchemaNode => ({
  type: 'string',
  enum: [...values],
  description,
});
export const list = (items: SchemaNode, description: string): SchemaNode => ({
  type: 'array',
  items,
  description,
});
/** One of what a list has stands for a list of one, as in the file; it is kept as a list (checked.ts). */
export const oneOrList = (items: SchemaNode, description: string): SchemaNode => ({
  anyOf: [items, { type: 'array', items }],
  'x-one-or-list': true,
  description,
});
export const object = (
  properties: Fields,
  required: readonly string[] = [],
  description = '',
): SchemaNode => ({
  type: 'object',
  ...(required.length > 0 ? { required: [...required] } : {}),
  properties: { ...properties },
  ...(description === '' ? {} : { description }),
});
/** A mapping with free names. */
export const mapping = (value: SchemaNode, description: string): SchemaNode => ({
  type: 'object',
  patternProperties: { '^(?!__proto__$)[^\\s]{1,128}$': value },
  'x-expected': 'a name without spaces (128 at most)',
  description,
});

export const name: SchemaNode = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$',
  'x-expected': 'a name of letters, digits, `.`, `_`, `@`, `-` (64 at most)',
  description: 'Unique in its kind; shown in logs and metrics.',
};

export const reference = (kind: string): SchemaNode => ({
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$',
  'x-expected': `the id or the name of a ${kind}`,
  description: `The ${kind} it belongs to, by id or by name; shown as the id.`,
});

const patterns = (description: string): SchemaNode => list(text('', 256), description);

/** What somebody may do: see Grant in src/contracts/principal.ts. */
export const grantFields: Fields = {
  models: patterns(
    'Models it may use: `*` for any run of characters, `!` in front denies and wins; `[]` denies all; `["*"]`, or nothing said, allows all.',
  ),
  providers: patterns('Providers it may use, as `models`.'),
  endpoints: patterns('Operations (`chat`) or routes (`/v1/messages`) it may call, as `models`.'),
  ips: patterns('Addresses and networks (`10.0.0.0/8`) calls may come from.'),
};

const rate = (description: string): SchemaNode => ({
  type: 'string',
  pattern: RATE_PATTERN,
  'x-expected': 'a rate such as `600/min` (units s, min, h, d)',
  description,
});

/** Numbers of one limit: as in the file. */
export const limitNumbers: Fields = {
  requests: rate('Calls, such as `600/min`.'),
  tokens: rate('Tokens of prompt and answer, such as `200000/min`.'),
  concurrent: whole(1, 10_000_000, 'Calls at the same time.'),
  burst: whole(1, 1_000_000_000, 'What may come at once, on top of the even pace.'),
};

const time = (description: string): SchemaNode => ({
  type: 'string',
  pattern: TIME_PATTERN,
  'x-expected': 'a date such as `2027-01-31`, or a time such as `2027-01-31T18:00:00Z`',
  description,
});
const usd = (description: string): SchemaNode => ({
  type: 'number',
  minimum: 0,
  maximum: 1_000_000,
  description,
});

/** Of one budget: as in the file. */
export const budgetFields: Fields = {
  amountUsd: usd('What may be spent in a window, in US dollars.'),
  window: {
    type: 'string',
    pattern: WINDOW_PATTERN,
    'x-expected': 'a length such as `1h`, `1d`, `1w`, `1M`, `1Q`, `1Y`, or `never`',
    description: 'How long a window is; `1M` unless it says so.',
  },
  align: choice(
    ['calendar', 'rolling'],
    'By the calendar of the time zone, or one behind the other from `anchor` on.',
  ),
  timezone: text('Time zone of the calendar, such as `Europe/Berlin`; UTC unless it says so.', 64),
  anchor: time('When the first rolling window begins.'),
  softAt: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Share at which an alert says so; 0.8 unless it says so.',
  },
  override: object(
    {
      amountUsd: usd('The amount in place of the budget’s.'),
      from: time('The first window it holds for is the one of this time.'),
      windows: whole(1, 1_000, 'For so many windows.'),
    },
    ['amountUsd'],
    'Another amount for a while.',
  ),
};

export const tags = list(text('', 128), 'Words of your own, for reports and filters.');
export const metadata = mapping(
  { anyOf: [text('', 1_024), { type: 'number', minimum: -1e15, maximum: 1e15 }, { type: 'boolean' }] },
  'Anything of your own: text, numbers, truth values.',
);
export const blocked = flag('Calls are refused until it is not.');
export const description = text('In your own words.', 1_024);

/** What every object shows of itself beside its fields. */
export const shownFields: Fields = {
  id: text('Made by the gateway.'),
  managed: choice(['db', 'file'], 'Where it comes from: those of the file are changed there.'),
  version: whole(1, Number.MAX_SAFE_INTEGER, 'Counts its changes; the ETag.'),
  createdAt: text('ISO 8601.'),
  updatedAt: text('ISO 8601.'),
};

export function pageOf(item: SchemaNode): SchemaNode {
  return object(
    {
      items: list(item, 'In the order of their creation.'),
      next: text('What to send as `cursor`; null = no more.'),
    },
    ['items', 'next'],
  );
}
