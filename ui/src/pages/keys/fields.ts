// Fields of each kind that its form shows, as data. All others stay as they are when something is changed here.
import type { Kind } from './objects.ts';

export type FieldKind =
  | 'text'
  /** Of another object, by id. */
  | 'reference'
  /** Several, with commas or on lines of their own. */
  | 'list'
  | 'flag'
  | 'choice'
  | 'instant'
  /** One limit of its own: calls, tokens, at once. */
  | 'limits'
  /** Dollars and their windows. */
  | 'budgets'
  | 'json';

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly hint?: string;
  /** Of a reference. */
  readonly to?: Kind;
  readonly choices?: readonly string[];
}

const field = (name: string, label: string, kind: FieldKind, more: Partial<FormField> = {}): FormField => ({
  name,
  label,
  kind,
  ...more,
});
const refer = (to: Kind, label: string): FormField => field(to, label, 'reference', { to });

const description = field('description', 'Description', 'text');
const models = field('models', 'Models it may use', 'list', {
  hint: '`*` stands for any run of characters, `!` in front denies. Empty: all.',
});
const providers = field('providers', 'Providers it may use', 'list', { hint: 'As models. Empty: all.' });
const limits = field('limits', 'Limits', 'limits');
const budgets = field('budgets', 'Budgets', 'budgets', {
  hint: 'US dollars and a window: 50/1M, 5/1d. 1h 1d 1w 1M 1Q 1Y never. Empty: none.',
});
const blocked = field('blocked', 'Blocked: calls are refused', 'flag');
const tags = field('tags', 'Tags', 'list', { hint: 'Words of your own, for reports and filters.' });

export const FORM_FIELDS: Readonly<Record<Kind, readonly FormField[]>> = {
  organization: [description, models, providers, limits, budgets, blocked],
  team: [
    refer('organization', 'Organization'),
    description,
    models,
    providers,
    limits,
    budgets,
    tags,
    blocked,
  ],
  user: [
    refer('team', 'Team'),
    field('email', 'Address', 'text'),
    description,
    models,
    limits,
    budgets,
    tags,
    blocked,
  ],
  customer: [description, limits, budgets, tags, blocked],
  project: [refer('team', 'Team'), description, models, limits, budgets, tags, blocked],
  key: [
    refer('user', 'User'),
    refer('team', 'Team'),
    refer('organization', 'Organization'),
    refer('customer', 'Customer'),
    refer('project', 'Project'),
    description,
    models,
    providers,
    limits,
    budgets,
    field('ips', 'Addresses it may call from', 'list', { hint: 'Such as 10.0.0.0/8. Empty: any.' }),
    field('expiresAt', 'Over at', 'instant', { hint: 'Empty: never.' }),
    field('priority', 'Class in the queue', 'choice', { choices: ['', 'high', 'normal', 'low', 'batch'] }),
    tags,
    field('service', 'It is a service’s and no person’s', 'flag'),
    blocked,
  ],
  limit: [
    description,
    field('per', 'Counted apart for each', 'list', {
      hint: 'key, model, provider, organization, team, user, project, customer or gateway.',
    }),
    field('match', 'Only for calls with', 'json', { hint: 'Such as {"model": "gpt-*"}. Empty: all.' }),
    field('requests', 'Calls', 'text', { hint: 'Such as 600/min.' }),
    field('tokens', 'Tokens', 'text', { hint: 'Such as 200000/min.' }),
    field('concurrent', 'At the same time', 'text'),
    field('burst', 'Burst', 'text', { hint: 'What may come at once, on top of the even pace.' }),
  ],
};
