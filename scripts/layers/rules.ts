// The house rules on imports as data: which folder lies on which, who owns which vendor, who must not know whom.
// docs/architecture.md ("Layers") says the same in prose.

/** Layers from the bottom; a file may import its own layer and those below. The first matching prefix counts. */
export const LAYERS: readonly (readonly [prefix: string, layer: number])[] = [
  ['src/contracts/', 0],
  ['src/version.ts', 0],
  ['src/names/', 1],
  ['src/wire/', 1],
  ['src/body/', 1],
  ['src/dialects/', 1],
  ['src/providers/', 1],
  ['src/aws/', 1],
  ['src/operations/', 1],
  ['src/models/', 1],
  ['src/budgets/', 1],
  ['src/prices/', 1],
  ['src/registry/', 1],
  ['src/routing/', 1],
  ['src/tokens/', 1],
  ['src/ipc/', 1],
  ['src/jobs/', 1],
  ['src/config/', 1],
  ['src/cache/', 1],
  ['src/limits/', 1],
  ['src/circuit/', 1],
  ['src/governance/', 1],
  ['src/grpc/', 1],
  ['src/guardrails/remote/', 2],
  ['src/guardrails/', 1],
  ['src/credentials/', 2],
  ['src/dns/', 2],
  ['src/lanes/', 2],
  ['src/loads/', 2],
  ['src/media/', 2],
  ['src/redis/', 2],
  ['src/stores/', 2],
  ['src/limiter/', 2],
  ['src/catalog/', 2],
  ['src/upstream/', 2],
  ['src/services/', 2],
  ['src/vectors/', 3],
  ['src/plugins/', 2],
  ['src/spool/', 2],
  ['src/journal/', 2],
  ['src/responses/', 2],
  ['src/objects/', 2],
  ['src/observability/', 2],
  ['src/pipeline/', 3],
  ['src/http/', 4],
  ['src/gateway/', 5],
  ['workers/', 6],
  ['cluster/', 6],
  ['gatehouse/', 6],
];

/** Vendor -> the only files or folders that may import it. */
export const VENDORS: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['src/http/exchange/', 'src/http/uws/'],
  'uWebSockets.js-next': ['src/http/exchange/'],
  undici: [], // tests and the bench compare with it; the gateway runs without
  piscina: ['workers/tasks/piscina.ts'],
  pino: ['src/observability/logger.ts'],
  'prom-client': ['src/observability/metric-totals.ts'],
  msgpackr: ['src/ipc/codec.ts', 'src/redis/cache/message-pack.ts'],
  'lru-cache': ['src/cache/'],
  postgres: ['src/stores/postgres.ts'],
  'node:sqlite': ['src/stores/sqlite.ts'],
  ioredis: ['src/redis/client.ts', 'src/redis/connectors.ts'],
  jose: ['src/services/issuer-keys.ts', 'src/services/tokens.ts'],
  '@grpc/grpc-js': [], // tests only: the gateway has a client of its own
  '@bufbuild/protobuf': ['src/grpc/'],
  protobufjs: ['src/grpc/proto-text.ts', 'src/grpc/descriptor-names.ts'],
  '@huggingface/tokenizers': ['src/grpc/tokenizer/tokens-to-text.ts'],
  'openid-client': ['gatehouse/who/oidc-client.ts'],
  re2js: ['src/guardrails/user-pattern.ts'],
  ajv: ['src/guardrails/json-schema.ts'],
  yaml: ['src/config/file.ts'],
  typebox: ['src/config/schema/', 'src/config/check.test.ts'],
  'gpt-tokenizer': ['src/tokens/'],
  '@aws-sdk/credential-providers': ['src/credentials/aws.ts'],
  'node:dns': ['src/dns/names.ts'],
  'node:dns/promises': ['src/dns/question.ts'],
  'node:cluster': ['cluster/crew/supervisor.ts', 'workers/link.ts'],
};

/** Process entries: the primary starts the others by path, and their whole vocabulary is contracts/ipc.ts. */
export const APART: readonly string[] = ['workers', 'cluster', 'gatehouse'];

/** A module of ours that only some may import, and why. */
export const RESERVED: Readonly<Record<string, { by: readonly string[]; because: string }>> = {
  'src/routing/retry.ts': {
    by: ['src/pipeline/dispatch/after-failure.ts'],
    because: 'one loop retries and falls back, no second one hides elsewhere',
  },
};
