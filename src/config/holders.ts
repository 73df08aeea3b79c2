// What a key of the file is, with what it inherits: its team's organization, the grants of all it belongs to, tags,
// priority, aliases and fallbacks.
import type { CallerGroup, CallerGroups, CallerPolicy, Grant, Holder } from '../contracts/holder.ts';
import { isNetwork } from '../governance/networks.ts';
import { Patterns } from '../governance/patterns.ts';
import { suggestion } from '../names/nearest.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';
import { showName } from './secrets.ts';

/** What is said of a caller: by its entry among the keys, or by its token. */
export interface CallerEntry extends CallerGroup {
  readonly user?: string;
  readonly customer?: string;
  readonly project?: string;
  readonly service?: boolean;
  readonly expiresAt?: string;
}

const LISTS = ['models', 'providers', 'endpoints', 'ips'] as const;
const GROUPS = ['organizations', 'teams', 'users', 'projects'] as const;

/** @param path of the entry. @returns all of the holder but its name. */
export function buildHolder(
  entry: CallerEntry,
  groups: CallerGroups,
  path: Path,
  context: Pick<BuildContext, 'report'>,
): Omit<Holder, 'name'> {
  const find = (
    section: (typeof GROUPS)[number],
    name: string | undefined,
    at: Path,
  ): CallerGroup | undefined => {
    if (name === undefined) return undefined;
    const known = groups[section];
    // A gateway that declares none may still count per team.
    if (known === undefined || Object.keys(known).length === 0) return undefined;
    if (Object.hasOwn(known, name)) return known[name] ?? undefined;
    const near = suggestion(name, Object.keys(known));
    context.report(at, `\`${section}\` has none called ${showName(name)}${near}`);
    return undefined;
  };
  const user = find('users', entry.user, [...path, 'user']);
  const project = find('projects', entry.project, [...path, 'project']);
  const teamName = entry.team ?? project?.team ?? user?.team;
  const team = find('teams', teamName, entry.team === undefined ? path : [...path, 'team']);
  const organizationName =
    entry.organization ?? team?.organization ?? project?.organization ?? user?.organization;
  const organization = find(
    'organizations',
    organizationName,
    entry.organization === undefined ? path : [...path, 'organization'],
  );
  // The most particular first: its word counts where only one can.
  const layers: readonly CallerPolicy[] = [entry, project, user, team, organization].filter(
    (layer) => layer !== undefined,
  );
  const aliases = Object.assign({}, ...layers.map((layer) => aliasesOf(layer)).reverse()) as Record<
    string,
    readonly string[]
  >;
  const tags = [...new Set(layers.flatMap((layer) => layer.tags ?? []))];
  const priority = layers.find((layer) => layer.priority !== undefined)?.priority;
  const fallbacks = layers.find((layer) => layer.fallbacks !== undefined)?.fallbacks;
  const grants = layers.map((layer) => grantOf(layer, aliases)).filter((grant) => grant !== null);
  const expiresAtMs = timeOf(entry.expiresAt, [...path, 'expiresAt'], context);
  return {
    ...(organizationName === undefined ? {} : { organization: organizationName }),
    ...(teamName === undefined ? {} : { team: teamName }),
    ...(entry.user === undefined ? {} : { user: entry.user }),
    ...(entry.customer === undefined ? {} : { customer: entry.customer }),
    ...(entry.project === undefined ? {} : { project: entry.project }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(priority === undefined ? {} : { priority }),
    ...(entry.service === true ? { service: true } : {}),
    ...(expiresAtMs === null ? {} : { expiresAtMs }),
    ...(layers.some((layer) => layer.blocked === true) ? { blocked: true } : {}),
    ...(grants.length === 0 ? {} : { grants }),
    ...(Object.keys(aliases).length === 0 ? {} : { aliases }),
    ...(fallbacks === undefined ? {} : { fallbacks }),
  };
}

/** Faults of the sections by themselves, whether or not a key refers to them. */
export function checkGroups(file: FileConfig, context: BuildContext): void {
  const check = (ips: readonly string[] | undefined, path: Path): void => {
    for (const [index, entry] of (ips ?? []).entries())
      if (entry !== '*' && !isNetwork(entry))
        context.report([...path, 'ips', index], 'this is neither an address nor a network');
  };
  for (const section of GROUPS)
    for (const [name, entry] of Object.entries(file[section] ?? {})) {
      const { ips, organization, team }: CallerGroup = entry;
      check(ips, [section, name]);
      refer('organizations', organization, [section, name, 'organization'], file, context);
      refer('teams', team, [section, name, 'team'], file, context);
    }
  for (const [index, entry] of (file.auth?.keys ?? []).entries())
    if (typeof entry !== 'string') check(entry.ips, ['auth', 'keys', index]);
}

function refer(
  section: 'organizations' | 'teams',
  name: string | undefined,
  path: Path,
  file: FileConfig,
  context: BuildContext,
): void {
  const known = Object.keys(file[section] ?? {});
  if (name === undefined || known.length === 0 || known.includes(name)) return;
  context.report(path, `\`${section}\` has none called ${showName(name)}${suggestion(name, known)}`);
}

function aliasesOf({ aliases = {} }: CallerPolicy): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(aliases).map(([name, to]) => [name, typeof to === 'string' ? [to] : to]),
  );
}

/** Who may use a name of its own may use what it stands for. */
function grantOf(layer: CallerPolicy, aliases: Readonly<Record<string, readonly string[]>>): Grant | null {
  const lists = LISTS.flatMap((list) => (layer[list] === undefined ? [] : [[list, layer[list]] as const]));
  if (lists.length === 0) return null;
  const grant: Grant = Object.fromEntries(lists);
  if (grant.models === undefined) return grant;
  const allowed = new Patterns(grant.models);
  const more = Object.entries(aliases).flatMap(([name, to]) => (allowed.allows([name]) ? to : []));
  return more.length === 0 || allowed.allowsAll ? grant : { ...grant, models: [...grant.models, ...more] };
}

function timeOf(text: string | undefined, path: Path, context: Pick<BuildContext, 'report'>): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  context.report(path, 'there is no such day or time');
  return null;
}
