// What vendors' clients ask beside models' answers (data sets, jobs, agents, sessions, vaults, libraries, guardrails): it goes to the provider
// as it comes, as below /passthrough, so that their SDKs need no other address for it. Google's: google-paths.ts.
import type { DialectName } from '../../contracts/dialect-name.ts';

/** A path and all below it. */
export interface VendorTemplate {
  /** `{id}` stands for one segment. */
  readonly path: string;
  /** Nobody else's clients ask it: it needs no prefix. */
  readonly own: boolean;
  /** No model works for it: nothing is charged. */
  readonly free: boolean;
  /** Nothing below it is meant. */
  readonly exact?: true;
}

interface VendorPaths {
  readonly vendor: string;
  /** Whoever speaks it is asked; null = its vendor alone. */
  readonly dialect: DialectName | null;
  readonly templates: readonly VendorTemplate[];
}

const all = (
  paths: readonly string[],
  kind: Partial<Omit<VendorTemplate, 'path'>>,
): readonly VendorTemplate[] => paths.map((path) => ({ path, own: false, free: false, ...kind }));

/** What docs/endpoints.md lists, and what is matched. */
export const VENDOR_PATHS: readonly VendorPaths[] = [
  {
    vendor: 'cohere',
    dialect: 'cohere',
    templates: [
      ...all(['/v1/datasets', '/v1/connectors', '/v1/check-api-key'], { own: true, free: true }),
      ...all(['/v1/embed-jobs', '/v1/finetuning', '/v1/summarize'], { own: true }),
      ...all(['/v2/batches', '/v2/parse', '/v2/audio/transcriptions'], { own: true }),
    ],
  },
  {
    vendor: 'mistral',
    dialect: null,
    templates: [
      ...all(['/v1/libraries'], { own: true, free: true }),
      ...all(['/v2/audio/voices', '/v2/skills'], { own: true, free: true }),
      ...all(['/v1/batch/jobs', '/v1/audio/agents', '/v1/audio/sessions'], { own: true }),
      ...all(['/v1/agents', '/v1/conversations', '/v1/fine_tuning', '/v1/connectors'], {}),
      ...all(['/v1/audio/voices', '/v1/files/{id}/url', '/v1/prompts'], { free: true }),
    ],
  },
  {
    vendor: 'openai',
    dialect: 'openai-chat',
    templates: [
      ...all(['/v1/assistants', '/v1/vaults'], { own: true, free: true }),
      ...all(['/v1/threads', '/v1/chatkit', '/v1/agents'], { own: true }),
    ],
  },
  // Agents and vaults are OpenAI's for other vendors' clients, where both are here.
  {
    vendor: 'anthropic',
    dialect: 'anthropic',
    templates: [
      ...all(['/v1/environments', '/v1/memory_stores', '/v1/user_profiles', '/v1/deployment_runs'], {
        own: true,
        free: true,
      }),
      ...all(['/v1/agents', '/v1/vaults'], { own: true, free: true }),
      ...all(['/v1/sessions', '/v1/deployments', '/v1/dreams'], { own: true }),
    ],
  },
  // Their batches and videos have OpenAI's paths and shapes of their own, as their results have.
  {
    vendor: 'xai',
    dialect: null,
    templates: [
      ...all(['/v1/batches', '/v1/videos', '/v1/tts', '/v1/stt'], {}),
      ...all(
        [
          '/v1/tokenize-text',
          '/v1/language-models',
          '/v1/image-generation-models',
          '/v1/video-generation-models',
        ],
        { free: true },
      ),
    ],
  },
  {
    vendor: 'together',
    dialect: null,
    templates: [
      ...all(['/v1/batches', '/v1/videos', '/v1/fine-tunes'], {}),
      ...all(['/v1/tci', '/v1/evaluation'], { own: true }),
    ],
  },
  {
    vendor: 'openrouter',
    dialect: null,
    templates: [
      ...all(['/v1/images'], { exact: true }),
      ...all(['/v1/videos', '/v1/audio/transcriptions'], {}),
      ...all(['/v1/images/models', '/v1/embeddings/models', '/v1/providers'], { free: true }),
    ],
  },
  {
    vendor: 'perplexity',
    dialect: null,
    templates: [
      ...all(['/v1/contextualizedembeddings', '/v1/decisions', '/v1/agent'], {}),
      ...all(['/v1/browser'], { own: true }),
      ...all(['/search'], { exact: true }),
      ...all(['/async/chat/completions'], {}),
    ],
  },
  { vendor: 'fireworks', dialect: null, templates: all(['/v1/workflows', '/v1/image_generation'], {}) },
  { vendor: 'cerebras', dialect: null, templates: all(['/v1/batches'], {}) },
  // AWS has hosts of their own for the last two kinds: a provider of that address before the path names one (docs/clients.md).
  {
    vendor: 'bedrock',
    dialect: 'bedrock',
    templates: [
      ...all(['/guardrail', '/guardrail-checks', '/async-invoke'], { own: true }),
      ...all(['/model-invocation-job', '/model-invocation-jobs'], { own: true }),
      ...all(['/knowledgebases', '/retrieveAndGenerate', '/retrieveAndGenerateStream'], { own: true }),
    ],
  },
];

const below = (...templates: readonly VendorTemplate[]): RegExp => {
  const one = ({ path, exact }: VendorTemplate): string =>
    path.replace('{id}', '[^/]+') + (exact === true ? '' : '(?:[/:].*)?');
  return new RegExp(`^(?:${templates.map(one).join('|')})$`);
};

const MATCHERS = VENDOR_PATHS.map((paths) => ({
  ...paths,
  // Most paths are none of these: one look for all.
  any: below(...paths.templates),
  templates: paths.templates.map((template) => ({ ...template, below: below(template) })),
}));

/** What AWS's paths begin with, which say no version. */
const AWS = `(?:${VENDOR_PATHS.find(({ vendor }) => vendor === 'bedrock')!
  .templates.map(({ path }) => path.slice(1))
  .join('|')})`;
/** Those of others that say none. */
const BARE = VENDOR_PATHS.flatMap(({ vendor, templates }) => (vendor === 'bedrock' ? [] : templates))
  .flatMap(({ path }) => (/^\/v\d/.test(path) ? [] : path.slice(1)))
  .join('|');
const PATH = new RegExp(
  `^(?:/(?:litellm|langchain))?(?:/(?!v\\d|${AWS}(?:/|$))([^/]+))?(/(?:v\\d/.*|(?:${AWS}|${BARE})(?:/.*)?))$`,
);

export interface VendorPath {
  readonly provider: string;
  /** Below the provider. */
  readonly rest: string;
  /** No model works for it. */
  readonly free: boolean;
}

/**
 * @param providers with the dialect that each speaks first. @param vendors of those that are one's that is known.
 * @param caller whose client asks: of what two vendors have at one path it gets its own; null = whoever has it first.
 * @returns null: it is none of these, or nobody here has it.
 */
export function vendorPath(
  path: string,
  providers: ReadonlyMap<string, DialectName>,
  vendors: ReadonlyMap<string, string>,
  caller: DialectName | null = null,
): VendorPath | null {
  const [, prefix, rest] = PATH.exec(path) ?? [];
  if (rest === undefined) return null;
  for (const { vendor, dialect, any, templates } of MATCHERS) {
    if ((caller !== null && dialect !== caller) || !any.test(rest)) continue;
    const { own, free } = templates.find((template) => template.below.test(rest))!; // one of them is it
    const has = (name: string): boolean =>
      vendors.get(name) === vendor || (dialect !== null && providers.get(name) === dialect);
    if (prefix !== undefined && providers.has(prefix)) {
      if (has(prefix)) return { provider: prefix, rest, free };
      continue;
    }
    if (prefix === undefined ? !own : prefix !== vendor) continue;
    const provider = has(vendor) ? vendor : [...providers.keys()].find(has);
    if (provider !== undefined) return { provider, rest, free };
  }
  return null;
}
