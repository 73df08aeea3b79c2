// Bifrost's `governance`: virtual keys, teams and customers with their budgets and rate limits. Its customers own teams: they are our
// organizations.
import { windowAt } from '../../budgets/window.ts';
import { ZoneClock } from '../../budgets/zone-clock.ts';
import type { Path } from '../path.ts';
import { type ImportAccount, isMapping, type Mapping } from './account.ts';
import type { BifrostPlaces } from './bifrost-places.ts';
import { bifrostWindow } from './budget-window.ts';

const NANO = 1e9;
const ROOT = 'governance';

/** How a budget or a rate limit in a list of its own says whose it is. */
const OWNERS = { virtual_keys: 'virtual_key_id', teams: 'team_id', customers: 'customer_id' } as const;
type Owner = keyof typeof OWNERS;
/** Its lengths that a rate of ours has. */
const UNITS: Readonly<Record<string, string>> = { '1s': 's', '1m': 'min', '1h': 'h', '1d': 'd', '24h': 'd' };

/** Members of our file; none where there are none. */
export function bifrostGovernance(account: ImportAccount, places: BifrostPlaces): Mapping {
  const [customerNames, teamNames] = [namesOf(account, 'customers'), namesOf(account, 'teams')];
  const names = {
    customers: byId(account, 'customers', customerNames),
    teams: byId(account, 'teams', teamNames),
  };
  const budgets: Mapping[] = [];
  const keys = namesOf(account, 'virtual_keys').flatMap((name, at) =>
    keyOf(account, at, name, names, budgets, places),
  );
  const organizations = holders(account, 'customers', customerNames, () => ({}));
  const teams = holders(account, 'teams', teamNames, (path) => {
    const organization = names.customers.get(account.text([...path, 'customer_id']) ?? '');
    return organization === undefined ? {} : { organization };
  });
  return {
    ...(keys.length > 0 && { auth: { keys } }),
    ...(Object.keys(organizations).length > 0 && { organizations }),
    ...(Object.keys(teams).length > 0 && { teams }),
    ...(budgets.length > 0 && { budgets }),
  };
}

/** As our names may be; '' where nothing of it may. */
function plainName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
}

/**
 * Of each entry of a list the name that it has here, each another one: limits and budgets go by them. One that no letter of ours stands
 * in goes by its id. '' = it has neither.
 */
function namesOf(account: ImportAccount, list: Owner): readonly string[] {
  const taken = new Set<string>();
  return account.list([ROOT, list]).map((entry, at) => {
    const stated = ['name', 'id'].map((field) => (isMapping(entry) ? entry[field] : undefined));
    const texts = stated.filter((one): one is string => typeof one === 'string' && one !== '');
    const plain = texts.map(plainName).find((name) => name !== '') ?? '';
    let name = plain;
    for (let nth = 2; name !== '' && taken.has(name); nth++) name = `${plain.slice(0, 60)}-${nth}`;
    taken.add(name);
    if (texts[0] !== undefined && plainName(texts[0]) !== name && name !== '')
      account.say([ROOT, list, at, 'name'], `is \`${name}\` here`);
    return name;
  });
}

function byId(account: ImportAccount, list: Owner, names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [at, entry] of account.list([ROOT, list]).entries())
    if (isMapping(entry) && typeof entry['id'] === 'string' && names[at]! !== '')
      found.set(entry['id'], names[at]!);
  return found;
}

function holders(
  account: ImportAccount,
  list: 'teams' | 'customers',
  names: readonly string[],
  more: (path: Path) => Mapping,
): Record<string, Mapping> {
  const found: Record<string, Mapping> = {};
  for (const [at, name] of names.entries()) {
    const path: Path = [ROOT, list, at];
    for (const known of ['id', 'name']) account.take([...path, known]);
    if (name === '') account.say(path, 'has no name, and is left out');
    else found[name] = { ...more(path), ...moneyAndRates(account, list, path) };
  }
  return found;
}

function keyOf(
  account: ImportAccount,
  at: number,
  name: string,
  names: { readonly teams: ReadonlyMap<string, string>; readonly customers: ReadonlyMap<string, string> },
  budgets: Mapping[],
  places: BifrostPlaces,
): Mapping[] {
  const path: Path = [ROOT, 'virtual_keys', at];
  const value = account.text([...path, 'value']);
  for (const known of ['id', 'name']) account.take([...path, known]);
  if (account.take([...path, 'is_active']) === false) {
    account.say(path, 'is not active, and is left out');
    return [];
  }
  if (value === undefined) {
    account.say(path, 'has no `value` in the file (it stands in the database): issue a key anew');
    return [];
  }
  const team = names.teams.get(account.text([...path, 'team_id']) ?? '');
  const organization = names.customers.get(account.text([...path, 'customer_id']) ?? '');
  const expiresAt = account.text([...path, 'expires_at']);
  const models = modelsOf(account, path, name === '' ? null : name, budgets, places);
  return [
    {
      ...(name !== '' && { name }),
      value,
      ...(team !== undefined && { team }),
      ...(organization !== undefined && { organization }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(models !== null && { models }),
      ...moneyAndRates(account, 'virtual_keys', path),
    },
  ];
}

/** What its configurations of providers let it use; null = they say nothing of it. @param budgets gains those of one provider alone */
function modelsOf(
  account: ImportAccount,
  path: Path,
  key: string | null,
  budgets: Mapping[],
  places: BifrostPlaces,
): string[] | null {
  const configs = account.list([...path, 'provider_configs']);
  if (configs.length === 0) return null;
  return configs.flatMap((_, at): string[] => {
    const own: Path = [...path, 'provider_configs', at];
    const stated = account.text([...own, 'provider']);
    for (const known of ['id', 'weight', 'virtual_key_id']) account.take([...own, known]);
    if (stated === undefined) return [];
    const { names: providers, others } = places.of(stated, own);
    // One budget over all of them: names of further places begin as the first does.
    const whose =
      providers.length === 1
        ? { per: ['key', 'provider'], match: { key, provider: providers[0] } }
        : { per: ['key'], match: { key, provider: `${providers[0]}*` } };
    for (const budget of budgetsAt(account, null, own, false))
      if (key === null) account.say(own, 'has a budget, and its key no name to say it by: it is left out');
      else budgets.push({ ...whose, ...budget });
    const all = account.take([...own, 'allowed_models']);
    const none = account.take([...own, 'blacklisted_models']);
    const texts = (list: unknown): string[] =>
      Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
    const allowed = all === undefined ? ['*'] : texts(all);
    if (allowed.length === 0)
      account.say(
        own,
        'allows no model: where Bifrost took that for all of them, add `provider/*` to `models`',
      );
    return [
      ...providers.flatMap((provider) => [
        ...allowed.map((model) => `${provider}/${model}`),
        ...texts(none).map((model) => `!${provider}/${model}`),
      ]),
      // An alias may lead there.
      ...others.map((provider) => `!${provider}/*`),
    ];
  });
}

function moneyAndRates(account: ImportAccount, owner: Owner, path: Path): Mapping {
  const calendar = account.take([...path, 'calendar_aligned']) === true;
  const budgets = budgetsAt(account, owner, path, calendar);
  const limits = limitsAt(account, owner, path);
  return { ...(budgets.length > 0 && { budgets }), ...(limits.length > 0 && { limits }) };
}

/** Those that an object names, those that name it, and those that stand in it. @param owner null = nothing names it */
function placesOf(
  account: ImportAccount,
  owner: Owner | null,
  path: Path,
  { list, reference, inside }: { list: string; reference: string; inside: string },
): Path[] {
  const id = account.look([...path, 'id']);
  const named = account.text([...path, reference]);
  const shared = account
    .list([ROOT, list])
    .map((_, at): Path => [ROOT, list, at])
    .filter((at) => {
      const own = account.look([...at, 'id']);
      if (own !== undefined && own === named) return true;
      return owner !== null && id !== undefined && account.look([...at, OWNERS[owner]]) === id;
    });
  const within = account.look([...path, inside]);
  if (Array.isArray(within)) return [...shared, ...within.map((_, at): Path => [...path, inside, at])];
  return isMapping(within) ? [...shared, [...path, inside]] : shared;
}

function budgetsAt(account: ImportAccount, owner: Owner | null, path: Path, calendar: boolean): Mapping[] {
  const where = { list: 'budgets', reference: 'budget_id', inside: 'budgets' };
  return placesOf(account, owner, path, where).flatMap((at): Mapping[] => {
    for (const known of ['id', ...Object.values(OWNERS)]) account.take([...at, known]);
    const used = account.number([...at, 'current_usage']) ?? 0;
    const since = Date.parse(account.text([...at, 'last_reset']) ?? '');
    const amountUsd = account.number([...at, 'max_limit']);
    const window = bifrostWindow(account.text([...at, 'reset_duration']));
    const aligned = account.take([...at, 'calendar_aligned']) === true || calendar;
    if (amountUsd === undefined || window === null) {
      account.say(at, 'is no budget that can be said here, and is left out');
      return [];
    }
    const align = window !== 'never' && !aligned ? 'rolling' : 'calendar';
    let override = overrideOf(account, at);
    const spec = { window, align, timezone: 'UTC', anchorMs: since } as const;
    if (used > 0 && !isOver(spec, account.nowMs)) {
      const own: Path = [...at, 'current_usage'];
      if (override !== null) account.say(own, 'is spent, and is not taken off the amount of its override');
      else {
        override = restOf(amountUsd - used, window, account.nowMs);
        account.say(own, 'is taken off the amount of the window that runs');
      }
    }
    return [
      {
        amountUsd,
        window,
        ...(align === 'rolling' && { align }),
        ...(override !== null && { override }),
      },
    ];
  });
}

/** Whether the window that began at `anchorMs` has ended, and what was spent in it says nothing any more. */
function isOver(spec: Parameters<typeof windowAt>[0], nowMs: number): boolean {
  if (Number.isNaN(spec.anchorMs)) return false;
  const { endMs } = windowAt(spec, spec.anchorMs, new ZoneClock());
  return endMs !== null && endMs <= nowMs;
}

/** What is left of a window, in whole nanodollars. */
function restOf(usd: number, window: string, nowMs: number): Mapping {
  const amountUsd = Math.max(0, Math.round(usd * NANO) / NANO);
  return window === 'never' ? { amountUsd } : { amountUsd, windows: 1, from: new Date(nowMs).toISOString() };
}

/** Another amount for some windows, or for good. */
function overrideOf(account: ImportAccount, at: Path): Mapping | null {
  const amountUsd = account.number([...at, 'override_amount']);
  const mode = account.text([...at, 'override_mode']);
  const left = account.number([...at, 'override_cycles_remaining']);
  const windows = account.number([...at, 'override_cycles_total']) ?? left;
  const from = Date.parse(account.text([...at, 'override_anchor_reset']) ?? '');
  if (amountUsd === undefined) return null;
  if (mode !== 'cycles') return { amountUsd };
  if (windows !== undefined && windows > 0 && !Number.isNaN(from))
    return { amountUsd, windows, from: new Date(from).toISOString() };
  account.say(
    [...at, 'override_amount'],
    'holds for some windows, and since when is not said: it is left out',
  );
  return null;
}

function limitsAt(account: ImportAccount, owner: Owner, path: Path): Mapping[] {
  const where = { list: 'rate_limits', reference: 'rate_limit_id', inside: 'rate_limit' };
  return placesOf(account, owner, path, where).flatMap((at): Mapping[] => {
    for (const known of ['id', ...Object.values(OWNERS)]) account.take([...at, known]);
    return (['request', 'token'] as const).flatMap((kind): Mapping[] => {
      const most = account.number([...at, `${kind}_max_limit`]);
      const length = account.text([...at, `${kind}_reset_duration`]);
      for (const known of ['current_usage', 'last_reset']) account.take([...at, `${kind}_${known}`]);
      if (most === undefined) return [];
      const unit = UNITS[length ?? ''];
      if (unit === undefined) {
        account.say(
          [...at, `${kind}_reset_duration`],
          'is no second, minute, hour or day: state the limit anew',
        );
        return [];
      }
      return [{ [`${kind}s`]: `${most}/${unit}` }];
    });
  });
}
