// Writes docs/providers.md from the records. `node scripts/providers-doc.ts --check` fails when the file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseUrlVariable } from '../src/config/environment.ts';
import type { ClientHabits } from '../src/contracts/client-habits.ts';
import type { ProviderRecord } from '../src/contracts/provider.ts';
import { PROVIDERS } from '../src/providers/registry.ts';

const HEAD = `# Providers

Every provider that Headgate knows by name, as its record has it. One with a key variable of its own is on as soon as that is
in the environment (and the parts of its address, where it has any); the others when the file lists them. The file states only
what differs. Of several dialects the client's own is taken, else the one nearest to it, so that as little as possible is
translated.

A second account of the same provider has a name of its own and says whose it is: \`vendor: azure\`. \`HEADGATE_<NAME>_BASE_URL\`
replaces the base URL of any of them. Anything else is a custom provider: any base URL with any dialect
(\`openai-chat\`, \`openai-responses\`, \`anthropic\`, \`gemini\`, \`bedrock\`, \`bedrock-invoke\`, \`cohere\`):

\`\`\`yaml
providers:
  mine:
    dialect: [openai-chat, anthropic]        # preferred first
    baseUrl: https://models.example.com
    paths: { openai-chat: /v1 }
    keys: [env.MINE_API_KEY]
    models: ["*"]
\`\`\`

How keys, lanes, clocks and the rest are configured is in [configuration.md](configuration.md).

`;

/** A service of one's own, in as few words as it takes. */
const MAPPING = {
  proto:
    'syntax = "proto3"; package my; service Llm { rpc Say(Ask) returns (stream Said); } message Ask { string text = 1; } message Said { string text = 1; }',
  method: 'my.Llm/Say',
  request: { text: '{{prompt}}' },
  answer: { text: 'text' },
};

/** Parts of an address as an example has them. */
const EXAMPLES: Readonly<Record<string, string>> = {
  region: 'europe-west4',
  project: 'my-project',
  resource: 'my-resource',
  account: '0123456789abcdef0123456789abcdef',
  workspace: 'my-workspace.cloud.databricks.com',
};

const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => texts.map(code).join(', ');

/** The whole page. */
export function providersPage(): string {
  const contents = PROVIDERS.map(({ name, title }) => `[${title}](#${name})`).join(' · ');
  return `${HEAD}${contents}\n\n${PROVIDERS.map(section).join('\n')}`;
}

/** The configuration that a record's section shows, as a value. */
export function exampleOf(record: ProviderRecord): Record<string, unknown> {
  const parts = (record.parts ?? []).map(({ name }) => [name, exampleOfPart(record, name)]);
  const [variable] = record.keyEnv;
  const own = record.credential === undefined && variable !== undefined ? { keys: [`env.${variable}`] } : {};
  const local = record.keyEnv.length === 0 ? { baseUrl: record.baseUrl } : {};
  const mapping = record.grpc === 'proto' ? { grpc: MAPPING } : {};
  return { ...Object.fromEntries(parts), ...own, ...local, ...mapping };
}

function exampleOfPart({ name }: ProviderRecord, part: string): string {
  return name === 'bedrock' ? 'eu-west-1' : EXAMPLES[part]!;
}

function section(record: ProviderRecord): string {
  const { name, title, notes = [], baseUrl, parts = [], regionUrls = {}, keyEnv, urlEnv = [] } = record;
  const rows = [
    ['base URL', code(baseUrl)],
    ...Object.entries(regionUrls).map(([region, url]) => [`… in \`${region}\``, code(url)]),
    ...parts.map((part) => [
      code(`{${part.name}}`),
      `key \`${part.name}\`, else ${codes(part.env)}${part.fallback === undefined ? '' : `, else \`${part.fallback}\``}`,
    ]),
    ['address by environment', codes([baseUrlVariable(name), ...urlEnv])],
    ['key', keyEnv.length === 0 ? 'none needed' : codes(keyEnv)],
    ...(record.sharedKeyEnv ? [['key where it is configured', codes(record.sharedKeyEnv)]] : []),
    ...(record.pairEnv ? [['key pair where it is configured', codes(Object.values(record.pairEnv))]] : []),
    ...(record.credential ? [['without a key', CREDENTIALS[record.credential]]] : []),
    ...record.speaks.map((spoken) => [code(spoken.dialect), spokenText(record, spoken)]),
    ...(record.endpoints ? [['serves beside chat', codes(Object.keys(record.endpoints)) || 'nothing']] : []),
    ...(record.habits ? [['below its name', habitsText(record.habits)]] : []),
    ['bare model names', codes(record.modelPatterns) || `none: \`${name}/MODEL\` only`],
  ];
  const table = ['| | |', '|---|---|', ...rows.map(([key, value]) => `| ${key} | ${value} |`)];
  const lines = [`## ${name}`, '', `${title}.${notes.map((note) => ` ${note}`).join('')}`, '', ...table, ''];
  return [...lines, '```yaml', 'providers:', ...yamlOf(record), '```', ''].join('\n');
}

/** What its own clients get that OpenAI's do not. */
function habitsText({ usage, wholeCalls, vectorsId }: ClientHabits): string {
  const place = usage === 'x_groq' ? ' and in `x_groq`' : '';
  return [
    ...(usage ? [`streams tell the usage in the chunk that ends them${place}, asked for or not`] : []),
    ...(wholeCalls ? ['calls of tools come whole'] : []),
    ...(vectorsId ? ['vectors have an id'] : []),
  ].join('; ');
}

const CREDENTIALS: Readonly<Record<NonNullable<ProviderRecord['credential']>, string>> = {
  google: 'signs in as Google’s tools do (`google` in `keys`)',
  azure: 'signs in with Entra (`azure` in `keys`)',
  aws: 'AWS’s own chain of sources (`aws` in `keys`)',
  databricks: 'signs in as a service principal (`oauth` in `keys`)',
};

function spokenText({ dated }: ProviderRecord, spoken: ProviderRecord['speaks'][number]): string {
  const { dialect, path, root, auth, only, models = only } = spoken;
  const way =
    auth.kind === 'header'
      ? `key in \`${auth.name}\``
      : auth.kind === 'aws'
        ? 'signed, or key as Bearer'
        : 'key as Bearer';
  const place =
    path === ''
      ? root
        ? 'at the root of the service'
        : 'at the base URL'
      : `below \`${path}\`${root ? ' at the root' : ''}`;
  const older = dated?.[dialect];
  const whom = models === undefined || models.includes('*') ? '' : `; for ${codes(models)}`;
  return `${place}${older === undefined ? '' : ` (by date: \`${older}\`)`}; ${way}${whom}`;
}

function yamlOf(record: ProviderRecord): string[] {
  const entries = Object.entries(exampleOf(record)).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : plain(value)}`,
  );
  return [`  ${record.name}: {${entries.length > 0 ? ` ${entries.join(', ')} ` : ''}}`];
}

/** JSON is YAML. */
function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'docs', 'providers.md');
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') !== providersPage()) {
      console.error('docs/providers.md is out of date: run `node scripts/providers-doc.ts`');
      process.exit(1);
    }
  } else writeFileSync(file, providersPage());
}
