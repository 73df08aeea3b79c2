// Organizations, teams, users, customers, projects and keys, as the API has them.
import { useLoad, type Loaded } from '../../api/load.ts';
import { allOf } from '../../api/pages.ts';
import { may } from '../../api/session.ts';

export interface Managed {
  readonly id: string;
  readonly name: string;
  readonly managed: 'db' | 'file';
  readonly version?: number;
  readonly blocked?: boolean;
  readonly description?: string;
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  readonly customer?: string;
  readonly project?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly [field: string]: unknown;
}

export interface Key extends Managed {
  readonly prefix?: string;
  readonly lastFour?: string;
  readonly lastUsedAt?: string | null;
  readonly expiresAt?: string;
  readonly rotatedAt?: string;
  readonly service?: boolean;
}

export const KINDS = ['organization', 'team', 'user', 'customer', 'project', 'key', 'limit'] as const;
export type Kind = (typeof KINDS)[number];

/** Name in the address of the API. */
export const PLURAL: Readonly<Record<Kind, string>> = {
  organization: 'organizations',
  team: 'teams',
  user: 'users',
  customer: 'customers',
  project: 'projects',
  key: 'keys',
  limit: 'limits',
};

export const TITLES: Readonly<Record<Kind, string>> = {
  organization: 'Organizations',
  team: 'Teams',
  user: 'Users',
  customer: 'Customers',
  project: 'Projects',
  key: 'Keys',
  limit: 'Limits',
};

export interface Book {
  readonly organizations: readonly Managed[];
  readonly teams: readonly Managed[];
  readonly users: readonly Managed[];
  readonly customers: readonly Managed[];
  readonly projects: readonly Managed[];
  readonly keys: readonly Key[];
  readonly limits: readonly Managed[];
  /** There are more of some kind than a page can show. */
  readonly cut: boolean;
}

const MOST = 2_000;

export function useBook(): Loaded<Book> {
  return useLoad('book', async (signal) => {
    const read = async (kind: Kind): Promise<readonly Managed[]> =>
      may(kind, 'read') ? allOf<Managed>(`/api/${PLURAL[kind]}`, {}, MOST, signal) : [];
    const [organizations, teams, users, customers, projects, keys, limits] = await Promise.all([
      read('organization'),
      read('team'),
      read('user'),
      read('customer'),
      read('project'),
      read('key'),
      read('limit'),
    ]);
    const all = [organizations, teams, users, customers, projects, keys, limits];
    return {
      organizations,
      teams,
      users,
      customers,
      projects,
      keys,
      limits,
      cut: all.some((one) => one.length >= MOST),
    };
  });
}

export function listOf(book: Book, kind: Kind): readonly Managed[] {
  return book[`${kind}s` as keyof Book] as readonly Managed[]; // every kind has its list under its plural
}

/** Name of what an id stands for. */
export function nameOf(book: Book, kind: Kind, id: unknown): string {
  return listOf(book, kind).find((one) => one.id === id)?.name ?? String(id ?? '');
}
