// Issuers whose tokens are taken for keys.
import type { Config } from '../contracts/config.ts';
import type { CallerGroup, CallerGroups } from '../contracts/holder.ts';
import type { TokenIssuer } from '../contracts/token-issuer.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_TOKEN_LEEWAY_MS } from './schema/defaults.ts';
import type { FileConfig } from './schema/schema.ts';

const DEFAULT_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** Nothing where there are none. */
export function buildJwt(file: FileConfig, context: BuildContext): Pick<Config, 'jwt'> {
  const entries = file.auth?.jwt ?? [];
  if (entries.length === 0) return {};
  const issuers = entries.map((entry, index): TokenIssuer => {
    const { name, issuer, audience, jwksUrl, algorithms, claims, leewayMs, ...policy } = entry;
    const path = ['auth', 'jwt', index];
    if (entries.findIndex((other) => other.issuer === issuer) < index)
      context.report([...path, 'issuer'], 'this issuer stands twice');
    return {
      name: name ?? `jwt-${index + 1}`,
      issuer,
      audiences: typeof audience === 'string' ? [audience] : audience,
      jwksUrl,
      algorithms: algorithms ?? DEFAULT_ALGORITHMS,
      claims: { name: 'sub', ...claims },
      leewayMs: leewayMs ?? DEFAULT_TOKEN_LEEWAY_MS,
      policy,
    };
  });
  return { jwt: { issuers, groups: callerGroups(file) } };
}

/** What callers without an entry of their own may belong to. */
export function callerGroups(file: FileConfig): CallerGroups {
  return {
    organizations: withoutLimits(file.organizations),
    teams: withoutLimits(file.teams),
    users: withoutLimits(file.users),
    projects: withoutLimits(file.projects),
  };
}

/** Limits are rules already: those who call with a token meet them by name. */
function withoutLimits(section: Readonly<Record<string, CallerGroup & { limits?: unknown }>> | undefined) {
  return Object.fromEntries(
    Object.entries(section ?? {}).map(([name, { limits: _, ...group }]): [string, CallerGroup] => [
      name,
      group,
    ]),
  );
}
