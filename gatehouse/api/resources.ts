// The kinds of objects that people manage, as data.
import {
  blocked,
  choice,
  description,
  grantFields,
  limitNumbers,
  list,
  metadata,
  name,
  object,
  reference,
  tags,
  text,
} from './fields.ts';
import type { ResourceKind } from './resource-kind.ts';

const common = { description, blocked, metadata };

export const ORGANIZATIONS: ResourceKind = {
  kind: 'organization',
  plural: 'organizations',
  permission: 'organization',
  fields: { ...common, ...grantFields },
  filters: ['blocked'],
  usedBy: [['team', 'organization']],
};

export const TEAMS: ResourceKind = {
  kind: 'team',
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
  plural: 'customers',
  permission: 'customer',
  fields: { ...common, tags },
  filters: ['blocked'],
  usedBy: [['key', 'customer']],
};

export const PROJECTS: ResourceKind = {
  kind: 'project',
  plural: 'projects',
  permission: 'project',
  fields: { team: reference('team'), ...common, ...grantFields, tags },
  references: { team: 'team' },
  filters: ['team', 'blocked'],
  usedBy: [['key', 'project']],
};

const SCOPE = choice(['key', 'model', 'provider', 'gateway'], 'What is counted apart.');
const pattern = (what: string) => text(`Only for this ${what}; \`*\` at the end matches any rest.`);

export const LIMITS: ResourceKind = {
  kind: 'limit',
  plural: 'limits',
  permission: 'limit',
  fields: {
    description,
    per: list(SCOPE, 'What is counted apart, one or several together; `gateway` is one count for all.'),
    match: object(
      { key: pattern('key'), model: pattern('model'), provider: pattern('provider') },
      [],
      'Which calls the limit is for.',
    ),
    ...limitNumbers,
  },
  inFile: 'limits',
};

export const RESOURCES = [ORGANIZATIONS, TEAMS, USERS, CUSTOMERS, PROJECTS];

/** Limits of one key. */
export const keyLimits = list(object({ name, ...limitNumbers }), 'Limits of this key alone.');
