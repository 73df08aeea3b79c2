// LiteLLM's config.yaml: models with their providers, keys and limits, fallbacks and retries.
import type { ProviderRecord } from '../../contracts/provider.ts';
import { matchesPattern } from '../../names/pattern.ts';
import { isPriceField } from '../../prices/fields.ts';
import { PROVIDERS } from '../../providers/registry.ts';
import type { Path } from '../path.ts';
import { type ImportAccount, isMapping, type Mapping } from './account.ts';
import { litellmWindow } from './budget-window.ts';
import { storesOf } from './litellm-stores.ts';
import { ProviderGroups } from './provider-group.ts';

/** Its names of providers where they are not ours. */
const VENDORS: Readonly<Record<string, string>> = {
  azure_ai: 'azure',
  cohere_chat: 'cohere',
  fireworks_ai: 'fireworks',
  github: 'github-models',
  hosted_vllm: 'vllm',
  lm_studio: 'lmstudio',
  nvidia_nim: 'nvidia',
  ollama_chat: 'ollama',
  together_ai: 'together',
  vertex_ai: 'vertex',
};
/** Any server that speaks OpenAI's dialect. */
const COMPATIBLE = new Set(['openai_like', 'custom_openai', 'litellm_proxy', 'text-completion-openai']);
const STRATEGIES: Readonly<Record<string, string>> = {
  'simple-shuffle': 'weighted',
  'least-busy': 'least-busy',
  'latency-based-routing': 'latency',
  'cost-based-routing': 'cost',
  'usage-based-routing': 'usage',
  'usage-based-routing-v2': 'usage',
};
const FALLBACKS = [
  ['fallbacks', 'error'],
  ['context_window_fallbacks', 'context_window'],
  ['content_policy_fallbacks', 'content_policy'],
] as const;

/** The file as ours. What has no counterpart is in `account` afterwards. */
export function importLitellm(account: ImportAccount): Mapping {
  const providers = new ProviderGroups();
  const targets = new Map<string, Mapping[]>();
  const limits: Mapping[] = [];
  const budgets: Mapping[] = [];
  const prices: Record<string, Mapping> = {};
  for (let index = 0; index < account.list(['model_list']).length; index++) {
    const path: Path = ['model_list', index];
    const name = account.text([...path, 'model_name']);
    const made = targetOf(account, [...path, 'litellm_params'], providers);
    if (name === undefined || made === null) continue;
    const { weight, requests, tokens, ...target } = made;
    const own = budgetOf(account, [...path, 'litellm_params'], 'max_budget', 'budget_duration');
    if (own !== null) budgets.push({ per: 'model', match: { model: target.model }, ...own });
    const price = priceFieldsOf(account, [...path, 'litellm_params']);
    if (price !== null) prices[target.model] = price;
    if (requests !== undefined || tokens !== undefined) {
      const rate = {
        ...(requests !== undefined && { requests: `${requests}/min` }),
        ...(tokens !== undefined && { tokens: `${tokens}/min` }),
      };
      limits.push({ per: 'model', match: { model: target.model }, ...rate });
    }
    if (name.includes('*')) continue; // the provider takes its names as they are
    targets.set(name, [...(targets.get(name) ?? []), { ...target, ...(weight !== undefined && { weight }) }]);
  }
  const strategy = strategyOf(account, ['router_settings', 'routing_strategy']);
  const models: Record<string, Mapping> = {};
  for (const [name, list] of targets) {
    const plain = list.every(({ weight }) => weight === undefined);
    models[name] = {
      ...(list.length > 1 && { strategy }),
      targets: plain ? list.map(({ model }) => model) : list,
    };
  }
  for (const section of ['router_settings', 'litellm_settings']) addFallbacks(account, section, models);
  const aliases = account.mapping(['router_settings', 'model_group_alias']);
  for (const [alias, group] of Object.entries(aliases)) {
    const known = typeof group === 'string' ? models[group] : undefined;
    account.take(['router_settings', 'model_group_alias', alias]);
    if (known !== undefined) models[alias] = known;
  }
  const retries =
    account.number(['router_settings', 'num_retries']) ?? account.number(['litellm_settings', 'num_retries']);
  const seconds =
    account.number(['router_settings', 'timeout']) ?? account.number(['litellm_settings', 'request_timeout']);
  const all = budgetOf(account, ['litellm_settings'], 'max_budget', 'budget_duration');
  if (all !== null) budgets.push({ per: 'gateway', ...all });
  const customers = account.number(['litellm_settings', 'max_end_user_budget']);
  if (customers !== undefined) budgets.push({ per: 'customer', amountUsd: customers, window: 'never' });
  const users = budgetOf(
    account,
    ['litellm_settings'],
    'max_internal_user_budget',
    'internal_user_budget_duration',
  );
  if (users !== null) budgets.push({ per: 'user', ...users });
  for (const name of Object.keys(account.mapping(['router_settings', 'provider_budget_config']))) {
    const path: Path = ['router_settings', 'provider_budget_config', name];
    const found =
      budgetOf(account, path, 'budget_limit', 'time_period') ??
      budgetOf(account, path, 'max_budget', 'budget_duration');
    if (found !== null)
      budgets.push({ per: 'provider', match: { provider: VENDORS[name] ?? name }, ...found });
  }
  const master = account.text(['general_settings', 'master_key']);
  return {
    ...(master !== undefined && { auth: { keys: [{ name: 'master', value: master }] } }),
    providers: providers.entries(),
    ...(Object.keys(models).length > 0 && { models }),
    ...(limits.length > 0 && { limits }),
    ...(budgets.length > 0 && { budgets }),
    ...(Object.keys(prices).length > 0 && { prices }),
    ...storesOf(account),
    ...(retries !== undefined && { retries: { max: retries } }),
    ...(seconds !== undefined && { timeouts: { totalMs: seconds * 1000 } }),
  };
}

/** Null: none is stated, or for a time that we do not have, which is said. */
function budgetOf(account: ImportAccount, path: Path, amount: string, duration: string): Mapping | null {
  const amountUsd = account.number([...path, amount]);
  if (amountUsd === undefined) return null;
  const text = account.text([...path, duration]);
  const window = litellmWindow(text);
  if (window !== null) return { amountUsd, window };
  account.say([...path, duration], `\`${text}\` is no length of a budget here, which is left out`);
  return null;
}

/** Prices have its names here. */
function priceFieldsOf(account: ImportAccount, path: Path): Mapping | null {
  const names = Object.keys(account.mapping(path)).filter((name) => isPriceField(name));
  const fields: Mapping = {};
  for (const name of names) {
    const usd = account.number([...path, name]);
    if (usd !== undefined) fields[name] = usd;
  }
  return Object.keys(fields).length === 0 ? null : fields;
}

interface Made {
  model: string;
  weight: number | undefined;
  requests: number | undefined;
  tokens: number | undefined;
}

function targetOf(account: ImportAccount, path: Path, providers: ProviderGroups): Made | null {
  const at = (name: string): Path => [...path, name];
  const full = account.text(at('model'));
  if (full === undefined) {
    account.say(path, 'names no `model`: what it is for is left out');
    return null;
  }
  const text = (name: string): string | undefined => account.text(at(name));
  const base = text('api_base') ?? text('base_url');
  const found = vendorOf(full, base !== undefined);
  if (found === null) {
    account.say(
      at('model'),
      `\`${full}\` is of a provider that Headgate does not know: state it as a custom one, with its \`dialect\` and \`baseUrl\``,
    );
    return null;
  }
  const { record, model } = found;
  const version = text('api_version');
  const region = text('aws_region_name') ?? text('vertex_location') ?? text('vertex_ai_location');
  const project = text('vertex_project') ?? text('vertex_ai_project');
  const headers = account.take(at('extra_headers'));
  const timeout = account.number(at('timeout'));
  const firstToken = account.number(at('stream_timeout'));
  const retries = account.number(at('max_retries'));
  const timeouts = {
    ...(timeout !== undefined && { totalMs: timeout * 1000 }),
    ...(firstToken !== undefined && { firstTokenMs: firstToken * 1000 }),
  };
  const entry: Mapping = {
    ...(record === null && { dialect: 'openai-chat' }),
    ...(base !== undefined && { baseUrl: base }),
    ...(record?.name === 'azure' && version !== undefined && { apiVersion: version }),
    ...(region !== undefined && { region }),
    ...(project !== undefined && { project }),
    ...(isMapping(headers) && { headers }),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(retries !== undefined && { retries: { max: retries } }),
  };
  const wildcard = model.includes('*');
  const named = record?.name ?? 'custom';
  const provider = providers.nameOf(
    record?.name ?? null,
    named,
    entry,
    keyOf(account, path),
    wildcard ? null : model,
  );
  return {
    model: `${provider}/${model}`,
    weight: account.number(at('weight')),
    requests: account.number(at('rpm')),
    tokens: account.number(at('tpm')),
  };
}

function keyOf(account: ImportAccount, path: Path): Mapping | null {
  const text = (name: string): string | undefined => account.text([...path, name]);
  const value = text('api_key');
  if (value !== undefined) return { value };
  const accessKeyId = text('aws_access_key_id');
  const secretAccessKey = text('aws_secret_access_key');
  const sessionToken = text('aws_session_token');
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const roleArn = text('aws_role_name');
  const profile = text('aws_profile_name');
  if (roleArn !== undefined || profile !== undefined)
    return { aws: { ...(roleArn !== undefined && { roleArn }), ...(profile !== undefined && { profile }) } };
  const file = text('vertex_credentials');
  if (file !== undefined)
    return {
      google:
        file.trim().startsWith('{') || /^(os\.environ\/|env\.)/.test(file) ? { credentials: file } : { file },
    };
  const tenantId = text('tenant_id');
  const clientId = text('client_id');
  const clientSecret = text('client_secret');
  return tenantId !== undefined && clientId !== undefined && clientSecret !== undefined
    ? { azure: { tenantId, clientId, clientSecret } }
    : null;
}

/** Null: nobody we know. A null record: any server that speaks OpenAI's dialect. */
function vendorOf(full: string, hasBase: boolean): { record: ProviderRecord | null; model: string } | null {
  const slash = full.indexOf('/');
  const prefix = full.slice(0, Math.max(slash, 0));
  const rest = full.slice(slash + 1);
  const record = PROVIDERS.find(({ name }) => name === (VENDORS[prefix] ?? prefix));
  if (record !== undefined) {
    // An OpenAI with another address is a server that is compatible with it.
    if (record.name === 'openai' && hasBase) return { record: null, model: rest };
    return {
      record,
      model: record.name === 'bedrock' ? rest.replace(/^(converse|invoke|converse_like)\//, '') : rest,
    };
  }
  if (COMPATIBLE.has(prefix)) return { record: null, model: rest };
  const claiming = PROVIDERS.find(({ modelPatterns }) =>
    modelPatterns.some((pattern) => pattern !== '*' && matchesPattern(pattern, full)),
  );
  if (slash === -1 && claiming !== undefined) return { record: claiming, model: full };
  return slash > 0 && hasBase ? { record: null, model: rest } : null;
}

function strategyOf(account: ImportAccount, path: Path): string {
  const stated = account.text(path);
  if (stated === undefined) return 'weighted';
  const ours = STRATEGIES[stated];
  if (ours === undefined)
    account.say(path, `\`${stated}\` is a strategy that Headgate does not have: \`weighted\` stands in`);
  return ours ?? 'weighted';
}

function addFallbacks(account: ImportAccount, section: string, models: Record<string, Mapping>): void {
  for (const [key, on] of FALLBACKS) {
    const path: Path = [section, key];
    account.list(path).forEach((item, index) => {
      for (const [name, list] of Object.entries(isMapping(item) ? item : {})) {
        const model = models[name];
        const known = Array.isArray(list)
          ? list.filter((to): to is string => typeof to === 'string' && models[to] !== undefined)
          : [];
        if (model === undefined || known.length === 0) {
          account.say([...path, index, name], 'names a model that the file does not have, and is left out');
          continue;
        }
        account.take([...path, index, name]);
        const before = Array.isArray(model['fallbacks']) ? (model['fallbacks'] as unknown[]) : [];
        models[name] = { ...model, fallbacks: [...before, ...known.map((to) => ({ on: [on], to }))] };
      }
    });
  }
}
