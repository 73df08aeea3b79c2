// Whom claims speak of, and what they may do here. Pure.
import type { OidcConfig, OidcRole } from '../../src/contracts/admin.ts';
import { matchesGlob } from '../../src/names/glob.ts';
import { type Claims, claimAt } from './oidc-client.ts';

export interface Person {
  /** Issuer and `sub`: no two people ever have the same. */
  readonly subject: string;
  /** As names of administrators may look; '' = the claims have none. */
  readonly name: string;
  /** '' = none. */
  readonly email: string;
  /** The provider says that the address is theirs. */
  readonly verified: boolean;
  /** Null: no grant fits. */
  readonly role: OidcRole | null;
  /** Ids or names, of a team-admin. */
  readonly teams: readonly string[];
}

export function personOf(claims: Claims, config: OidcConfig): Person {
  const { claims: paths, grants } = config;
  const email = textOf(claimAt(claims, paths.email)).slice(0, 320);
  const has = textsOf(claimAt(claims, paths.roles));
  const fitting = grants.filter(({ value }) => has.some((one) => matchesGlob(value, one)));
  const stated = paths.teams === null ? [] : textsOf(claimAt(claims, paths.teams));
  const granted = fitting.filter(({ role }) => role === 'team-admin').flatMap(({ teams }) => teams);
  return {
    subject: `${config.issuer}#${textOf(claims['sub'])}`,
    name: nameOf(textOf(claimAt(claims, paths.name)) || email || textOf(claims['sub'])),
    email,
    verified: claims['email_verified'] === true,
    role: fitting[0]?.role ?? null,
    teams: [...new Set([...granted, ...stated])].slice(0, 100),
  };
}

function nameOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A list, or one text: providers differ, some with spaces or commas between. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string');
  const text = textOf(value);
  return text === '' ? [] : [...new Set([text, ...text.split(/[\s,]+/)])];
}
