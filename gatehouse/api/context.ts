// What every handler works with, and the one way to change something: permission, checks, commit, audit entry.

import type { EdgeEnrolment, OidcConfig } from '../../src/contracts/admin.ts';
import type { FileObjects, GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { LogReads } from '../../src/contracts/log-store.ts';
import type {
  AuditEvent,
  Change,
  ObjectKind,
  Store,
  StoredData,
  StoredObject,
} from '../../src/contracts/store.ts';
import { mayOn, type Permission } from '../../src/governance/roles.ts';
import type { EdgeEvents } from '../../src/stores/log/edge-events.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Exporter } from '../export/exporter.ts';
import type { LogTail } from '../ingest/tail.ts';
import type { GatehouseKeys } from '../keep/keys.ts';
import type { Recalculator } from '../recalculate/recalculator.ts';
import type { ClusterHistory } from '../watch/cluster-history.ts';
import type { ApiRequest } from './route.ts';

export interface ApiContext {
  readonly store: Store;
  readonly keys: GatehouseKeys;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  id(kind: ObjectKind): string;
  /** ms since 1970. */
  now(): number;
  /** What stands in the file of this gateway. */
  file(): FileObjects;
  /** What only the primary knows, or can do. @throws ApiError 503, 409 */
  ask(ask: GatehouseAsk): Promise<unknown>;
  /** Tells the primary of what was committed; resolves when it was sent. */
  publish(): Promise<void>;
  /** Of the group of processes. */
  health(): Record<string, unknown>;
  readonly version: string;
  /** LiteLLM's calls are taken, too. */
  readonly litellm: boolean;
  /** Where administrators log in; null = by password alone. */
  readonly oidc: OidcConfig | null;
  /** How machines at the edge enrol. */
  readonly enrolment: EdgeEnrolment;
  readonly url: string;
  /** The request log; null = none is kept. */
  logs(): LogReads | null;
  /** Resolves when what workers left for the log until now was read, or could not be. @returns whether it is in the log. */
  catchUp(): Promise<boolean>;
  /** What devices at the edge did without the centre; null = it is not kept. */
  edgeEvents(): EdgeEvents | null;
  /** Hands the log to storage; null = to none. */
  exporter(): Exporter | null;
  /** Prices charges anew; null = there is no log. */
  recalculator(): Recalculator | null;
  /** How its processes did. */
  readonly history: Pick<ClusterHistory, 'view'>;
  /** Rows as they are written. */
  readonly tail: LogTail;
  /** Folder of the store. */
  readonly dataDir: string;
}

/** What is written into the audit log beside who, when and from where. */
export interface Deed {
  readonly action: string;
  readonly target: string;
  readonly before?: StoredData | null;
  readonly after?: StoredData | null;
}

export function eventOf(
  context: Pick<ApiContext, 'now'>,
  request: Pick<ApiRequest, 'actor' | 'ip'>,
  deed: Deed,
  outcome: AuditEvent['outcome'] = 'success',
  reason = '',
): AuditEvent {
  return {
    at: context.now(),
    initiator: request.actor.name,
    action: deed.action,
    target: deed.target,
    outcome,
    reason,
    ip: request.ip,
    before: masked(deed.before ?? null),
    after: masked(deed.after ?? null),
  };
}

/** @throws ApiError when nothing was changed: 404, 409. */
export async function commit(
  context: ApiContext,
  request: Pick<ApiRequest, 'actor' | 'ip'>,
  changes: readonly Change[],
  deed: Deed,
): Promise<readonly StoredObject[]> {
  const result = await context.store.commit(changes, eventOf(context, request, deed));
  if (result.ok) return result.objects;
  switch (result.why) {
    case 'missing':
      throw new ApiError(404, 'not_found', `There is no such ${changes[result.change]!.kind}.`);
    case 'stale':
      throw lostUpdate(result.version);
    case 'taken':
      throw new ApiError(
        409,
        result.field === 'name' ? 'name_taken' : 'taken',
        `There is another ${changes[result.change]!.kind} with this ${result.field === 'lookup' ? 'credential' : result.field}.`,
        { param: result.field === 'name' ? 'name' : '' },
      );
  }
}

export function lostUpdate(version: number): ApiError {
  return new ApiError(
    409,
    'version_conflict',
    `Somebody else changed it: it has version ${version} now. Read it again and repeat the change.`,
    { headers: { etag: etagOf(version) } },
  );
}

export const etagOf = (version: number): string => `"${version}"`;

/** @throws ApiError 403, and 404 where the object must not even be known of. */
export function allow(request: ApiRequest, permission: Permission, team: string | null, what: string): void {
  const { actor } = request;
  if (actor.kind !== 'admin') throw new ApiError(403, 'forbidden', 'An administrator is needed for that.');
  if (mayOn(actor.administrator, permission, team)) return;
  if (actor.administrator.role === 'team-admin' && team !== null)
    throw new ApiError(404, 'not_found', `There is no such ${what}.`);
  throw new ApiError(
    403,
    'forbidden',
    `The role ${actor.administrator.role} may not ${permission.verb} this ${what}.`,
  );
}

/** Members that are never shown; in an audit entry only that they were there. */
export const SECRET = 'secret';

export function masked(data: StoredData | null): StoredData | null {
  if (data === null || !(SECRET in data)) return data;
  return { ...data, [SECRET]: '***' };
}
