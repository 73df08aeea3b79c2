// The kinds of objects that people manage, as data.
import {
  blocked,
  budgetFields,
  choice,
  description,
  grantFields,
  limitNumbers,
  list,
  metadata,
  object,
  oneOrList,
  reference,
  tags,
  text,
} from './fields.ts';
import { checkBudget, checkLimit, checkOwnLimits, checkPer } from './limit-check.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Limits of one object: of a team for all its keys together. */
export const ownLimits = list(
  object({ ...limitNumbers }),
  'Limits of its own; all of them must admit a call.',
);

/** Budgets of one object: of a team for all its keys together. */
export const ownBudgets = list(
  object({ ...budgetFields }, ['amountUsd']),
  'Budgets of its own; all of them must have room for a call.',
);

const common = { description, blocked, metadata, limits: ownLimits, budgets: ownBudgets };

export const ORGANIZATIONS: ResourceKind = {
  kind: 'organization',
  check: checkOwnLimits,
  plural: 'organizations',
  permission: 'organization',
  fields: { ...common, ...grantFields },
  filters: ['blocked'],
  usedBy: [['team', 'organization']],
};

export const TEAMS: ResourceKind = {
  kind: 'team',
  check: checkOwnLimits,
  plural: 'teams',
  permission: 'team',
  fields: { organization: reference('organization'), ...common, ...grantFields, tags },
  references: { organization: 'organization' },
  filters: ['organization', 'blocked'],
  usedBy: [
    ['user', 'team'],
    ['project', 'team'],
    ['key', 'team'],
  ],
};

export const USERS: ResourceKind = {
  kind: 'user',
  check: checkOwnLimits,
  plural: 'users',
  permission: 'user',
  fields: {
    team: reference('team'),
    email: text('Address of the person.', 320),
    ...common,
    ...grantFields,
    tags,
  },
  references: { team: 'team' },
  filters: ['team', 'email', 'blocked'],
  usedBy: [['key', 'user']],
};

export const CUSTOMERS: ResourceKind = {
  kind: 'customer',
  check: checkOwnLimits,
  plural: 'customers',
  permission: 'customer',
  fields: { ...common, tags },
  filters: ['blocked'],
  usedBy: [['key', 'customer']],
};

export const PROJECTS: ResourceKind = {
  kind: 'project',
  check: checkOwnLimits,
  plural: 'projects',
  permission: 'project',
  fields: { team: reference('team'), ...common, ...grantFields, tags },
  references: { team: 'team' },
  filters: ['team', 'blocked'],
  usedBy: [['key', 'project']],
};

const SCOPES = ['key', 'model', 'provider', 'organization', 'team', 'user', 'project', 'customer', 'gateway'];
const SCOPE = choice(SCOPES, 'What is counted apart.');
const BUDGET_SCOPES = [...SCOPES, 'tag'];
const pattern = (what: string) => text(`Only for this ${what}; \`*\` at the end matches any rest.`);

export const LIMITS: ResourceKind = {
  kind: 'limit',
  plural: 'limits',
  permission: 'limit',
  fields: {
    description,
    per: oneOrList(SCOPE, 'What is counted apart, one or several together; `gateway` is one count for all.'),
    match: object(
      Object.fromEntries(
        SCOPES.filter((scope) => scope !== 'gateway').map((scope) => [scope, pattern(scope)]),
      ),
      [],
      'Which calls the limit is for.',
    ),
    ...limitNumbers,
  },
  inFile: 'limits',
  check: (data) => checkLimit(data, ''),
};

/** Budgets that stand alone. */
export const BUDGETS: ResourceKind = {
  kind: 'budget',
  plural: 'budgets',
  permission: 'limit',
  fields: {
    description,
    per: oneOrList(
      choice(BUDGET_SCOPES, 'What is counted apart.'),
      'What has a budget of its own, one or several together; `gateway`, which stands alone, is one for all.',
    ),
    match: object(
      Object.fromEntries(
        BUDGET_SCOPES.filter((scope) => scope !== 'gateway').map((scope) => [scope, pattern(scope)]),
      ),
      [],
      'Which calls the budget is for.',
    ),
    ...budgetFields,
  },
  required: ['amountUsd'],
  check(data) {
    checkPer(data, '');
    checkBudget(data, '');
  },
};

export const RESOURCES = [ORGANIZATIONS, TEAMS, USERS, CUSTOMERS, PROJECTS, LIMITS];
