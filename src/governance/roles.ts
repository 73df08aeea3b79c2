// What administrators may do, as a table. Deny by default: what has no line nobody may do, and a route without a
// permission cannot be written down (its type asks for one).

export type Role = 'admin' | 'editor' | 'viewer' | 'team-admin';

export type Resource =
  | 'organization'
  | 'team'
  | 'user'
  | 'customer'
  | 'project'
  | 'key'
  | 'limit'
  | 'provider'
  | 'model'
  | 'config'
  | 'audit'
  | 'log'
  | 'cluster'
  | 'cache'
  | 'administrator'
  /** Machines at the edge, and what is found on them. */
  | 'device';

export type Verb = 'read' | 'create' | 'update' | 'delete';

export interface Permission {
  readonly resource: Resource;
  readonly verb: Verb;
}

/** Who asks. */
export interface Administrator {
  readonly role: Role;
  /** Those a team-admin has; of no meaning for other roles. */
  readonly teams: readonly string[];
  /** Null: all its role may do. Else what a personal token was narrowed to, `key:read`, `key:*` or `*:read`. */
  readonly scopes: readonly string[] | null;
}

const ALL: readonly Verb[] = ['read', 'create', 'update', 'delete'];
const READ: readonly Verb[] = ['read'];

type Row = Readonly<Partial<Record<Resource, readonly Verb[]>>>;

const TABLE: Readonly<Record<Role, Row>> = {
  admin: {
    organization: ALL,
    team: ALL,
    user: ALL,
    customer: ALL,
    project: ALL,
    key: ALL,
    limit: ALL,
    provider: ALL,
    model: ALL,
    config: ALL,
    audit: READ, // append-only for everybody
    log: ALL,
    cluster: ALL,
    cache: ['read', 'delete'],
    administrator: ALL,
    device: ALL,
  },
  editor: {
    organization: READ,
    team: ALL,
    user: ALL,
    customer: ALL,
    project: ALL,
    key: ALL,
    limit: ALL,
    provider: ALL,
    model: ALL,
    config: READ, // whole configurations, and so other administrators' objects, are applied by admins
    log: READ,
    cluster: READ,
    cache: ['read', 'delete'],
    device: ALL,
  },
  viewer: {
    organization: READ,
    team: READ,
    user: READ,
    customer: READ,
    project: READ,
    key: READ,
    limit: READ,
    provider: READ,
    model: READ,
    config: READ,
    log: READ,
    cluster: READ,
    cache: READ,
    device: READ,
  },
  // Of its own teams alone, by `mayOn`.
  'team-admin': { team: READ, user: ALL, project: READ, key: ALL, limit: READ, model: READ, log: READ },
};

/** Resources of a team; a team-admin sees none without one. */
const OF_A_TEAM: ReadonlySet<Resource> = new Set(['team', 'user', 'project', 'key', 'limit', 'log']);

/** Whether the role has such a permission at all, for some object. */
export function may({ role, scopes }: Administrator, { resource, verb }: Permission): boolean {
  if (TABLE[role][resource]?.includes(verb) !== true) return false;
  if (scopes === null) return true;
  return [`${resource}:${verb}`, `${resource}:*`, `*:${verb}`, '*:*'].some((scope) => scopes.includes(scope));
}

/** Whether it may on this object. @param team of the object; null = of none. */
export function mayOn(who: Administrator, permission: Permission, team: string | null): boolean {
  if (!may(who, permission)) return false;
  if (who.role !== 'team-admin' || !OF_A_TEAM.has(permission.resource)) return true;
  return team !== null && who.teams.includes(team);
}

/**
 * Whether an object may go from one team to another: `who` must have both, or nobody could keep a key from being taken
 * out of its team, or put into somebody else's.
 */
export function mayMove(
  who: Administrator,
  permission: Permission,
  from: string | null,
  to: string | null,
): boolean {
  return mayOn(who, permission, from) && mayOn(who, permission, to);
}

/** The permissions of a role, for the page that shows them. */
export function permissionsOf(role: Role): Permission[] {
  return Object.entries(TABLE[role]).flatMap(([resource, verbs]) =>
    // The keys of a row are resources: its type says so, which Object.entries forgets.
    verbs.map((verb) => ({ resource: resource as Resource, verb })),
  );
}
