import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../providers/registry.ts';
import { ENV_VARIABLES, readEnvironment, unknownVariables } from './environment.ts';

const read = (name: string, value: string): unknown => {
  const { settings, problems } = readEnvironment({ [name]: value });
  return problems.length > 0 ? problems.map(({ problem }) => problem.message) : settings[0]?.value;
};

describe('environment variables', () => {
  it('are those the issue and the operators were promised', () => {
    const promised =
      'PORT HOST WORKERS CONCURRENCY QUEUE QUEUE_TIMEOUT_MS ON_FULL THREADS MAX_BODY_BYTES MAX_UPLOAD_BYTES MAX_EVENT_BYTES MAX_SOCKETS_PER_KEY MAX_CONNECTIONS_PER_ADDRESS RECEIVE_BUFFER_BYTES OFFLOAD_BYTES OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DEFAULT_ROLE OIDC_ISSUER OIDC_ONLY OIDC_URL OIDC_USERS EDGE_CERTIFICATES EDGE_CLIENT_ID EDGE_CLIENT_SECRET EDGE_ISSUER EDGE_TEAM DRAIN_TIMEOUT_MS PRE_STOP_MS API_KEYS ALLOW_ANONYMOUS CUSTOMER_HEADER TRUSTED_PROXIES LOG_LEVEL LOG_FORMAT ACCESS_LOG CLIENT_PROGRESS_MS HEARTBEAT_MS HEARTBEAT_DIALECTS BODY_TIMEOUT_MS WATCHDOG_MS CORS_ORIGINS NORMALISE_TEXT CONNECT_TIMEOUT_MS HEADERS_TIMEOUT_MS FIRST_TOKEN_TIMEOUT_MS BETWEEN_TOKENS_TIMEOUT_MS TOTAL_TIMEOUT_MS RETRIES BREAKER_FAILURES BREAKER_OPEN_MS BREAKER_MAX_OPEN_MS BREAKER_SLOW_START_MS REDIS_URL REDIS_CA REDIS_MODE REDIS_ON_FAILURE REDIS_TIMEOUT_MS RESPONSES_STORE RESPONSES_TTL_MS RESPONSES_MAX_BYTES RESPONSES_UNKNOWN RESPONSES_MAX_BACKGROUND OVERLOAD_WAIT_MS BATCHES_POLL OVERLOAD_LOOP_DELAY_MS OVERLOAD_MEMORY IDEMPOTENCY_TTL_MS IDEMPOTENCY_MAX_BYTES METRICS_KEY IETF_RATELIMIT CONNECTION_MAX_AGE_MS DNS_SERVERS DNS_TIMEOUT_MS MEDIA_FETCH RESCUE RESCUE_STALL_MS GUARDRAIL_SECRET OTLP_ENDPOINT OTLP_METRICS_INTERVAL_MS SERVICE_NAME TRACES TRACE_CONTENT TRACE_RATIO REQUEST_LOG LOG_RETENTION_DAYS LOG_BODY_RETENTION_DAYS LEDGER_RETENTION_DAYS LOG_SPOOL_MAX_BYTES ADMIN ADMIN_PORT ADMIN_HOST DATA_DIR DATABASE_URL LITELLM_API MASTER_KEY';
    const names = promised.split(' ').map((name) => `HEADGATE_${name}`);
    expect(ENV_VARIABLES.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it.each<[string, string, unknown]>([
    ['HEADGATE_PORT', '0', 0],
    ['HEADGATE_PORT', ' 81 ', 81],
    ['HEADGATE_HOST', '::1', '::1'],
    ['HEADGATE_ACCESS_LOG', 'off', false],
    ['HEADGATE_ACCESS_LOG', 'Yes', true],
    ['HEADGATE_ALLOW_ANONYMOUS', '1', true],
    ['HEADGATE_ON_FULL', 'block', 'block'],
    [
      'HEADGATE_CORS_ORIGINS',
      'https://a.example, http://localhost:3000,',
      ['https://a.example', 'http://localhost:3000'],
    ],
    ['HEADGATE_DNS_SERVERS', '10.0.0.1,[fd00::1]:53', ['10.0.0.1', '[fd00::1]:53']],
    ['HEADGATE_API_KEYS', 'abc-key', ['abc-key']],
    [
      'HEADGATE_API_KEYS',
      'app=k-1, ops=k-2',
      [
        { name: 'app', value: 'k-1' },
        { name: 'ops', value: 'k-2' },
      ],
    ],
    [
      'HEADGATE_API_KEYS',
      'YWJjZA==,YWJjZGU=,app=YWI=',
      ['YWJjZA==', 'YWJjZGU=', { name: 'app', value: 'YWI=' }],
    ],
    ['HEADGATE_PORT', '', undefined],
    ['HEADGATE_API_KEYS', '  ', undefined],
  ])('%s=%s is read', (name, value, expected) => {
    expect(read(name, value)).toEqual(expected);
  });

  it.each<[string, string, string]>([
    ['HEADGATE_PORT', 'abc', 'expected a whole number from 0 to 65535, got text'],
    ['HEADGATE_PORT', '70000', 'expected a whole number from 0 to 65535, got a number outside that range'],
    ['HEADGATE_PORT', '0x50', 'expected a whole number from 0 to 65535, got text'],
    ['HEADGATE_WORKERS', '1.5', 'expected a whole number from 1 to 512, got a fraction'],
    ['HEADGATE_QUEUE', '-1', 'expected a whole number from 0 to 10000000, got a number outside that range'],
    ['HEADGATE_ACCESS_LOG', 'maybe', 'expected `true` or `false`, got text'],
    ['HEADGATE_ON_FULL', 'blok', 'expected one of `shed`, `block`, got other text; did you mean `block`?'],
    [
      'HEADGATE_LOG_LEVEL',
      'wran',
      'expected one of `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`, got other text; did you mean `warn`?',
    ],
    ['HEADGATE_API_KEYS', ' , ,', 'expected a list, got text'],
  ])('%s=%s is refused in plain words', (name, value, message) => {
    expect(read(name, value)).toEqual([message]);
  });
});

describe('unknown HEADGATE_ variables', () => {
  const notes = (names: string[]): string[] =>
    unknownVariables(Object.fromEntries(names.map((name) => [name, 'x'])), ['my-local.1'], PROVIDERS);

  it('are noted with the nearest known name', () => {
    expect(notes(['HEADGATE_PROT', 'HEADGATE_QUEUE_TIMEOUT', 'HEADGATE_BANANA_SPLIT'])).toEqual([
      'environment variable `HEADGATE_BANANA_SPLIT` is not a variable of Headgate and is ignored',
      'environment variable `HEADGATE_PROT` is not a variable of Headgate and is ignored; did you mean `HEADGATE_PORT`?',
      'environment variable `HEADGATE_QUEUE_TIMEOUT` is not a variable of Headgate and is ignored; did you mean `HEADGATE_QUEUE_TIMEOUT_MS`?',
    ]);
  });

  it('are not those that replace a base URL', () => {
    expect(notes(['HEADGATE_OPENAI_BASE_URL', 'HEADGATE_MY_LOCAL_1_BASE_URL', 'HEADGATE_CONFIG'])).toEqual(
      [],
    );
    expect(notes(['HEADGATE_OPENIA_BASE_URL'])[0]).toMatch(/names no provider.*`HEADGATE_OPENAI_BASE_URL`/);
  });
});
