// How the gateway is administered, as the configuration says. Read by the primary and the gatehouse alone: workers have no
// use for it, and what stands here opens the store.
import type { CallbackConfig, LogExportConfig } from './log-receivers.ts';

export interface AdminConfig {
  /** False: no gatehouse; the gateway runs from its file alone. */
  enabled: boolean;
  /** Of a listener of its own, on `host`; null = the port of the gateway. */
  port: number | null;
  host: string;
  /** Absolute path of the folder of the store, the master key and the socket. */
  dataDir: string;
  /** PostgreSQL in place of the file in `dataDir`. */
  databaseUrl: string | null;
  /** Master keys as text; null = a file in `dataDir`. */
  masterKey: string | null;
  /** LiteLLM's calls are taken, too. */
  litellm: boolean;
  /** Where administrators log in instead; null = by password alone. */
  oidc: OidcConfig | null;
  /** How machines at the edge enrol. */
  edge: EdgeEnrolment;
  log: RequestLogConfig;
}

/** An OpenID provider whose people administer this gateway. */
export interface OidcConfig {
  /** Exactly as `iss` has it. */
  issuer: string;
  clientId: string;
  /** Null: a public client, by PKCE alone. */
  clientSecret: string | null;
  /** Of this gateway as browsers reach it, without a path. */
  url: string;
  /** On the button. */
  label: string;
  scopes: readonly string[];
  /** Paths of claims; null = no claim says it. */
  claims: {
    readonly name: string;
    readonly email: string;
    readonly roles: string;
    readonly teams: string | null;
  };
  /** In order: the first whose value the claim has gives the role. */
  grants: readonly OidcGrant[];
  /** Of who has no grant; null = nobody gets in without one. */
  defaultRole: OidcRole | null;
  /** `known`: those an administrator has made, and nobody else. */
  users: 'create' | 'known';
  /** Passwords are refused. */
  only: boolean;
}

export interface EdgeEnrolment {
  /** Where people log in for it; null = nobody enrols by a login. */
  readonly oidc: Pick<OidcConfig, 'issuer' | 'clientId' | 'clientSecret' | 'scopes' | 'claims'> | null;
  /** By a certificate that a listener has checked. */
  readonly certificates: boolean;
  /** Of the keys of devices, by id or name; null = none. */
  readonly team: string | null;
}

export type OidcRole = 'admin' | 'editor' | 'viewer' | 'team-admin';

export interface OidcGrant {
  /** `*` for any run of characters. */
  readonly value: string;
  readonly role: OidcRole;
  /** Of a team-admin: ids or names. */
  readonly teams: readonly string[];
}

/** The log of requests, as the gatehouse keeps it. */
export interface RequestLogConfig {
  enabled: boolean;
  retentionDays: number;
  bodyRetentionDays: number;
  /** Also of sums of days. */
  ledgerRetentionDays: number;
  /** Of all files that wait to be read. */
  spoolMaxBytes: number;
  callbacks: readonly CallbackConfig[];
  /** Null: none. */
  export: LogExportConfig | null;
}
