// What a worker says of the holder of a key, and of how limits and budgets stand.
import type { ModelCatalog } from '../contracts/catalog.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Principal } from '../contracts/principal.ts';
import type { ListedModel, Snapshot } from '../contracts/snapshot.ts';
import type { KeyView, Standing, StandingCaller } from '../contracts/standing.ts';
import type { Limiter } from '../limiter/limiter.ts';
import type { WorkerLook } from '../contracts/worker-look.ts';
import { ownRules } from '../limits/own-rules.ts';
import type { LimitCaller } from '../limits/rule-match.ts';

type Standings = Pick<Limiter, 'standings'>;

/** Null: the key is nobody's. */
export async function keyView(
  credential: string,
  snapshot: Snapshot,
  catalog: Pick<ModelCatalog, 'list'>,
  limiter: Standings,
): Promise<KeyView | null> {
  const principal = snapshot.identify(credential) ?? (await holderOf(credential, snapshot));
  if (principal === null) return null;
  const { id, name, organization, team, user, customer, project, tags, expiresAtMs, blocked } = principal;
  const { permits, aliases } = principal;
  const own = [...(aliases?.keys() ?? [])];
  const listed = await catalog.list(snapshot);
  const may = ({ id: model, ownedBy }: ListedModel): boolean => {
    if (permits === null) return true;
    if (model.startsWith(`${ownedBy}/`))
      return permits.mayUse(model, ownedBy, model.slice(ownedBy.length + 1));
    const plan = snapshot.models.plan(model, 'openai-chat', null);
    return plan !== null && permits.within(plan) !== null;
  };
  return {
    ...{ id, name, organization, team, user, customer, project, tags, expiresAtMs, blocked },
    standings: await limiter.standings([...snapshot.config.limits, ...principal.rules], principal),
    models: [...new Set([...own, ...listed.filter(may).map(({ id: model }) => model)])],
  };
}

/** Of a token of an issuer that is trusted. */
async function holderOf(token: string, { tokens = null }: Snapshot): Promise<Principal | null> {
  if (tokens === null || !tokens.claims(token)) return null;
  const known = tokens.known(token) ?? (await tokens.verify(token));
  return known instanceof GatewayError ? null : known;
}

export function standings(
  { of, names, own }: Omit<Extract<WorkerLook, { do: 'standings' }>, 'do'>,
  { config }: Snapshot,
  limiter: Standings,
): Promise<Standing[]> {
  const wanted = names === null ? null : new Set(names);
  const all = [...config.limits, ...own.flatMap(ownRules)];
  const rules = wanted === null ? all : all.filter(({ name }) => wanted.has(name));
  return limiter.standings(rules, of === null ? null : callerOf(of));
}

function callerOf({ key = '', tags = [], ...of }: StandingCaller): LimitCaller {
  const { organization = null, team = null, user = null, customer = null, project = null } = of;
  return { name: key, organization, team, user, customer, project, tags, rules: [] };
}
