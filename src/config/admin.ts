// From the entries of the file to what the primary and the gatehouse go by.
import type { AdminConfig, EdgeEnrolment, OidcConfig } from '../contracts/admin.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_ADMIN, DEFAULT_EDGE, DEFAULT_OIDC } from './schema/defaults.ts';
import { buildRequestLog } from './request-log.ts';
import type { FileConfig } from './schema/schema.ts';

/** `dataDir` as it was stated: the loader knows where a relative path begins. */
export function buildAdmin({ admin = {}, log = {} }: FileConfig, context: BuildContext): AdminConfig {
  const oidc = buildOidc(admin.oidc, context);
  return {
    enabled: admin.enabled ?? DEFAULT_ADMIN.enabled,
    port: admin.port ?? null,
    host: admin.host?.replace(/^\[(.*)\]$/, '$1') ?? DEFAULT_ADMIN.host,
    dataDir: admin.dataDir ?? DEFAULT_ADMIN.dataDir,
    databaseUrl: admin.databaseUrl ?? null,
    masterKey: admin.masterKey ?? null,
    litellm: admin.litellm ?? DEFAULT_ADMIN.litellm,
    oidc,
    edge: buildEdge(admin.edge, oidc, context),
    log: buildRequestLog(log, context),
  };
}

type OidcEntry = NonNullable<NonNullable<FileConfig['admin']>['oidc']>;

function buildOidc(entry: OidcEntry | undefined, context: BuildContext): OidcConfig | null {
  if (entry === undefined) return null;
  // Each may come from a variable of its own: the schema has seen them one by one.
  const lacking = (['issuer', 'clientId', 'url'] as const).filter((field) => entry[field] === undefined);
  if (lacking.length > 0) {
    if (context.sound(['admin', 'oidc']))
      context.report(['admin', 'oidc'], `is missing \`${lacking.join('`, `')}\``);
    return null;
  }
  const { claims = {}, grants = [], ...stated } = entry;
  return {
    issuer: stated.issuer,
    clientId: stated.clientId,
    clientSecret: stated.clientSecret ?? null,
    url: stated.url.replace(/\/+$/, ''),
    label: stated.label ?? DEFAULT_OIDC.label,
    scopes: [...new Set(['openid', ...(stated.scopes ?? DEFAULT_OIDC.scopes)])],
    claims: { ...DEFAULT_OIDC.claims, ...claims },
    grants: grants.map(({ value, role, teams = [] }) => ({ value, role, teams })),
    defaultRole: stated.defaultRole ?? null,
    users: stated.users ?? DEFAULT_OIDC.users,
    only: stated.only ?? DEFAULT_OIDC.only,
  };
}

type EdgeEntry = NonNullable<NonNullable<FileConfig['admin']>['edge']>;

function buildEdge(entry: EdgeEntry = {}, oidc: OidcConfig | null, context: BuildContext): EdgeEnrolment {
  const { clientId, clientSecret = null, certificates = DEFAULT_EDGE.certificates, team = null } = entry;
  const issuer = entry.issuer ?? oidc?.issuer;
  if (clientId === undefined) return { oidc: null, certificates, team };
  if (issuer === undefined) {
    context.report(['admin', 'edge'], 'is missing `issuer`: there is no `admin.oidc` to take it from');
    return { oidc: null, certificates, team };
  }
  const scopes = [...new Set(['openid', ...(entry.scopes ?? DEFAULT_OIDC.scopes)])];
  const claims = oidc?.claims ?? DEFAULT_OIDC.claims;
  return { oidc: { issuer, clientId, clientSecret, scopes, claims }, certificates, team };
}
