// The administrator that a person of the OpenID provider is: found by the subject, once by a verified address, or made. Never by a
// name: who may choose a name at the provider must not become somebody here.
import { isDeepStrictEqual } from 'node:util';
import type { OidcConfig, OidcRole } from '../../src/contracts/admin.ts';
import type { Change, StoredData, StoredObject } from '../../src/contracts/store.ts';
import type { Person } from '../who/oidc-person.ts';
import { type ApiContext, eventOf } from './context.ts';
import { findObject } from './references.ts';
import type { ApiRequest } from './route.ts';

/** Who it is, is known; it may not in. */
export class NotLetIn extends Error {
  readonly why: 'no_role' | 'unknown_user' | 'blocked' | 'name_taken' | 'try_again';
  /** Of the administrator; '' = there is none. */
  readonly target: string;

  constructor(why: NotLetIn['why'], message: string, target = '') {
    super(message);
    this.why = why;
    this.target = target;
  }
}

export interface OidcAdmins {
  /** Makes, links or changes the administrator as the provider says, with an entry of the login. @throws NotLetIn */
  admit(request: ApiRequest, person: Person): Promise<StoredObject>;
}

export function createOidcAdmins(context: ApiContext, oidc: OidcConfig): OidcAdmins {
  const { store } = context;

  const one = async (where: Record<string, string>): Promise<StoredObject | null> => {
    const { items } = await store.list({ kind: 'admin', where, limit: 2 });
    // Of two with the same address nobody knows which one is meant.
    return items.length === 1 ? items[0]! : null;
  };

  async function find({ subject, email, verified }: Person): Promise<StoredObject | null> {
    const linked = await one({ subject });
    if (linked !== null || !verified || email === '') return linked;
    const addressed = await one({ email });
    return addressed !== null && addressed.data['subject'] === undefined ? addressed : null;
  }

  async function idsOf(teams: readonly string[]): Promise<string[]> {
    const found = await Promise.all(teams.map((team) => findObject(store, 'team', team)));
    return [...new Set(found.flatMap((team) => (team === null ? [] : [team.id])))];
  }

  function roleOf(person: Person, before: StoredObject | null): OidcRole {
    // With grants the provider's word alone counts: who lost theirs is out.
    const kept = oidc.grants.length === 0 ? (before?.data['role'] as OidcRole | undefined) : undefined; // as its schema has it
    const role = person.role ?? kept ?? oidc.defaultRole;
    if (role !== null) return role;
    throw new NotLetIn('no_role', 'no grant fits, and there is no role for others', targetOf(before));
  }

  /** As it is to be from now on. */
  async function dataOf(person: Person, before: StoredObject | null): Promise<StoredData> {
    const role = roleOf(person, before);
    const { teams: had, ...rest } = before?.data ?? {};
    const stated = oidc.grants.length > 0 || oidc.claims.teams !== null;
    const teams = stated ? await idsOf(person.teams) : had;
    return {
      ...rest,
      role,
      subject: person.subject,
      ...(person.email !== '' && (person.verified || before === null) ? { email: person.email } : {}),
      ...(role === 'team-admin' && teams !== undefined ? { teams } : {}),
    };
  }

  /** Set-up tokens end with the first who may do everything. */
  async function setUpTokens(role: unknown): Promise<Change[]> {
    if (role !== 'admin') return [];
    const { items } = await store.list({ kind: 'token', where: { setup: true }, limit: 100 });
    return items.map(({ id, version }) => ({ op: 'delete', kind: 'token', id, from: version }) as const);
  }

  return {
    async admit(request, person) {
      const before = await find(person);
      if (before?.data['blocked'] === true)
        throw new NotLetIn('blocked', 'the administrator is blocked', targetOf(before));
      if (before === null && oidc.users === 'known')
        throw new NotLetIn('unknown_user', 'no administrator is this person, and none is made');
      const data = await dataOf(person, before);
      const id = before?.id ?? context.id('admin');
      const name = before?.name ?? person.name;
      if (name === '') throw new NotLetIn('unknown_user', 'the claims have no name that could be used');
      const same = before !== null && isDeepStrictEqual(data, before.data);
      const changes: Change[] =
        before === null
          ? [
              ...(await setUpTokens(data['role'])),
              { op: 'create', kind: 'admin', id, name, lookup: null, data },
            ]
          : same
            ? []
            : [{ op: 'replace', kind: 'admin', id, from: before.version, name, lookup: before.lookup, data }];
      const deed = {
        action: 'login',
        target: `admin/${id}`,
        before: before === null || same ? null : { name, ...before.data },
        after: { name, by: 'oidc', ...(same ? { subject: person.subject } : data) },
      };
      const done = await store.commit(changes, eventOf(context, request, deed));
      if (done.ok) return done.objects.find(({ kind }) => kind === 'admin') ?? before!;
      if (done.why === 'taken')
        throw new NotLetIn(
          'name_taken',
          `another administrator is called ${name}: give that one this subject, or another name`,
        );
      throw new NotLetIn(
        'try_again',
        'somebody else changed the administrator at the same moment',
        targetOf(before),
      );
    },
  };
}

const targetOf = (admin: StoredObject | null): string => (admin === null ? '' : `admin/${admin.id}`);
