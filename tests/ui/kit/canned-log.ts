// Rows and statistics as the API would tell them, made from numbers that are the same on every run.
import { MEAN } from './mean.ts';

export type Amount = 'none' | 'little' | 'year';

const MODELS = ['gpt-5-mini', 'claude-sonnet-5', 'gemini-3-flash', 'mistral-large', MEAN];
const PROVIDERS = ['openai', 'anthropic', 'vertex', 'mistral', 'azure-eu'];
const KEYS = ['search-service', 'ada-laptop', 'support-bot', 'batch', MEAN];
const TEAMS = ['search', 'support', 'research', ''];
const OWNERS = ['provider', 'provider', 'caller', 'policy', 'gateway'];
const KINDS = [
  'provider_rate_limit',
  'provider_overloaded',
  'invalid_request',
  'budget_exceeded',
  'gateway_timeout',
];

/** 0 to 1, the same for the same seed. */
export function chance(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const pick = <T>(list: readonly T[], seed: number): T => list[Math.floor(chance(seed) * list.length)]!;

/** @param index 0 = the newest */
export function row(index: number, now: number): Record<string, unknown> {
  const failed = chance(index + 7) < 0.06;
  const left = !failed && chance(index + 11) < 0.02;
  const which = Math.floor(chance(index + 1) * PROVIDERS.length);
  const kind = Math.floor(chance(index + 3) * OWNERS.length);
  const output = failed ? null : Math.round(20 + chance(index + 5) * 900);
  const ttftMs = failed ? null : Math.round(180 + chance(index + 2) ** 4 * 2_400);
  const totalMs = Math.round((ttftMs ?? 90) + (output ?? 0) * (8 + chance(index + 4) * 14));
  const attempts = chance(index + 9) < 0.07 ? 2 : 1;
  return {
    id: 9_000_000_000_000 - index,
    call: `req_${(0x1a2b3c4d5e6f + index).toString(16)}${String(index).padStart(4, '0')}`,
    attempt: attempts,
    attempts,
    final: true,
    at: now - index * 1_700 - Math.round(chance(index) * 900),
    session: '',
    parent: '',
    operation: 'chat',
    dialect: 'openai-chat',
    route: '/v1/chat/completions',
    key: pick(KEYS, index + 21),
    keyId: 'key_1',
    organization: 'acme',
    team: pick(TEAMS, index + 22),
    user: index % 9 === 0 ? MEAN : 'ada',
    customer: index % 5 === 0 ? MEAN : '',
    project: '',
    tags: index % 7 === 0 ? [MEAN, 'prod'] : ['prod'],
    requestedModel: index % 4 === 0 ? 'fast' : MODELS[which],
    model: index % 4 === 0 ? 'fast' : MODELS[which],
    provider: PROVIDERS[which],
    upstreamModel: `${MODELS[which]}-2026-09`,
    keyAlias: 'a',
    stream: index % 3 !== 0,
    status: failed ? [429, 529, 400, 402, 504][kind] : left ? 499 : 200,
    outcome: failed ? 'error' : left ? 'cancelled' : 'ok',
    error: failed ? 'GW_UPSTREAM_REFUSED' : '',
    errorType: failed ? KINDS[kind] : '',
    owner: failed ? OWNERS[kind] : '',
    stop: failed ? '' : 'stop',
    inputTokens: Math.round(200 + chance(index + 6) * 9_000),
    cacheReadTokens: index % 2 === 0 ? 180 : 0,
    cacheWriteTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
    audioInputTokens: null,
    audioOutputTokens: null,
    images: null,
    characters: null,
    seconds: null,
    searches: null,
    costNano: index % 13 === 0 ? null : Math.round(40_000 + chance(index + 8) ** 3 * 48_000_000),
    priceVersion: 'builtin 2026-11-20',
    beganMs: attempts === 2 ? 320 : 0,
    queueMs: 4,
    headMs: ttftMs === null ? null : ttftMs - 60,
    attemptMs: totalMs - (attempts === 2 ? 320 : 0),
    ttftMs,
    totalMs,
    overheadMs: Number((0.2 + chance(index + 10) * 0.9).toFixed(2)),
    tokensPerSecond: output === null ? null : Math.round(30 + chance(index + 12) * 80),
    cache: index % 6 === 0 ? 'miss' : '',
    cacheType: '',
    similarity: null,
    savedNano: null,
    savedMs: null,
    guardrails: index % 10 === 0 ? [{ name: 'pii', at: 'request', action: 'mask' }] : [],
    rescued: '',
    translated: which === 1,
    dropped: [],
    adapted: [],
    bytesIn: 4_200,
    bytesOut: 18_200,
    node: 'gate-1',
    worker: index % 2,
  };
}

const FACET_VALUES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  outcome: [
    ['ok', 118_204],
    ['error', 2_411],
    ['cancelled', 912],
  ],
  owner: [
    ['', 119_116],
    ['provider', 1_820],
    ['caller', 402],
    ['policy', 171],
    ['gateway', 18],
  ],
  errorType: KINDS.map((kind, index) => [kind, 900 - index * 170] as const),
  model: MODELS.map((model, index) => [model, 48_000 - index * 9_000] as const),
  provider: PROVIDERS.map((provider, index) => [provider, 48_000 - index * 9_000] as const),
  key: KEYS.map((key, index) => [key, 61_000 - index * 12_000] as const),
  team: TEAMS.map((team, index) => [team, 61_000 - index * 12_000] as const),
  stop: [
    ['stop', 98_000],
    ['length', 4_100],
    ['tool_calls', 12_800],
  ],
};

export function logPage(amount: Amount, limit: number, from: number, now: number): object {
  const whole = amount === 'none' ? 0 : amount === 'little' ? 40 : 121_527;
  const count = Math.max(0, Math.min(limit, whole - from));
  return {
    rows: Array.from({ length: count }, (_, index) => row(from + index, now)),
    next: from + count < whole ? String(from + count) : null,
    total: whole,
    facets:
      whole === 0
        ? {}
        : Object.fromEntries(
            Object.entries(FACET_VALUES).map(([name, values]) => [
              name,
              values.map(([value, counted]) => ({ value, count: counted })),
            ]),
          ),
  };
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  model: MODELS,
  provider: PROVIDERS,
  key: KEYS,
  team: TEAMS,
  errorType: KINDS,
  guardrail: ['pii:request:pass', 'pii:request:mask', 'no <script>:answer:block'],
};

function cell(requests: number, seed: number): Record<string, unknown> {
  const failed = Math.round(requests * 0.02);
  const times = (p50: number) => ({
    count: requests,
    p50: requests === 0 ? null : p50,
    p95: requests === 0 ? null : p50 * 3.1,
    p99: requests === 0 ? null : p50 * 5.2,
  });
  return {
    requests,
    ok: requests - failed - Math.round(requests * 0.007),
    cancelled: Math.round(requests * 0.007),
    errors: {
      caller: Math.round(failed * 0.2),
      policy: Math.round(failed * 0.1),
      provider: failed - Math.round(failed * 0.2) - Math.round(failed * 0.1),
      gateway: 0,
    },
    attempts: requests + failed,
    inputTokens: requests * 3_100,
    cacheReadTokens: requests * 900,
    cacheWriteTokens: 0,
    outputTokens: requests * 420,
    reasoningTokens: 0,
    costNano: requests * 2_340_000,
    unpriced: Math.round(requests * 0.01),
    savedNano: requests * 120_000,
    savedMs: requests * 190,
    cacheHits: Math.round(requests * 0.08),
    cacheMisses: Math.round(requests * 0.31),
    ttftMs: times(310 + seed * 20),
    totalMs: times(2_900),
    overheadMs: times(0.31),
    tokensPerSecond: times(71),
  };
}

export function stats(amount: Amount, query: URLSearchParams, now: number): object {
  const points = amount === 'year' ? 365 : 60;
  const stepMs = amount === 'year' ? 86_400_000 : 60_000;
  const until = Math.ceil(now / stepMs) * stepMs;
  const starts = Array.from({ length: points }, (_, index) => until - (points - index) * stepMs);
  const perPoint = amount === 'none' ? 0 : amount === 'little' ? 24 : 3_300;
  const requests = perPoint * points;
  const metrics = (query.get('metrics') ?? '').split(',');
  const series = (share: number): Record<string, (number | null)[]> =>
    Object.fromEntries(
      metrics.map((metric) => [metric, starts.map((_, index) => point(metric, perPoint * share, index))]),
    );
  const group = query.get('group');
  const values = group === null ? [null] : (GROUPS[group] ?? []).filter(() => amount !== 'none');
  return {
    since: starts[0],
    until,
    step: amount === 'year' ? 'day' : 'minute',
    starts,
    total: cell(requests, 0),
    before: query.get('compare') === null ? null : cell(Math.round(requests * 0.9), 1),
    groups: values.map((value, index) => {
      const share = group === null ? 1 : 0.45 / (index + 1);
      return { value, total: cell(Math.round(requests * share), index), before: null, series: series(share) };
    }),
  };
}

function point(metric: string, requests: number, index: number): number | null {
  const wave = 0.65 + 0.3 * Math.sin(index / 7) + 0.2 * chance(index + metric.length);
  const at = requests * wave;
  if (/\.p\d+$/.test(metric)) {
    // A gap: nothing happened there.
    if (requests === 0 || index === 20) return null;
    const base = metric.startsWith('overhead') ? 1.4 : metric.endsWith('p50') ? 320 : 980;
    return Number((base * (0.85 + 0.3 * chance(index * 3 + base))).toFixed(2));
  }
  const shares: Readonly<Record<string, number>> = {
    ok: 0.97,
    cancelled: 0.007,
    'errors.provider': index > 38 && index < 46 ? 0.09 : 0.006,
    'errors.caller': 0.004,
    'errors.policy': 0.002,
    'errors.gateway': 0,
    inputTokens: 3_100,
    outputTokens: 420,
    costNano: 2_340_000,
    cacheHits: 0.08,
    cacheMisses: 0.31,
    savedNano: 120_000,
    savedMs: 190,
  };
  return Math.round(at * (shares[metric] ?? 1));
}
