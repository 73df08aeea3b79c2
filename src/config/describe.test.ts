import { describe, expect, it } from 'vitest';
import { DEFAULT_OFFLOAD_BYTES } from '../body/offload-threshold.ts';
import { openai } from '../providers/openai.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { assemble } from './assemble.ts';
import { describeConfig, listModels } from './describe.ts';
import { parseConfig } from './file.ts';
import type { FileConfig } from './schema/schema.ts';

const assembled = (yaml: string) =>
  assemble(parseConfig(yaml, 'f').value as FileConfig, 2, {
    env: {},
    folder: '/nowhere',
    records: PROVIDERS,
    sound: () => true,
    report: (_, message) => {
      throw new Error(message);
    },
    reportEnv: () => {},
    note: () => {},
    secret: () => {},
  });

const described = (yaml: string): string => {
  const { config, keys } = assembled(yaml);
  return describeConfig(config, keys);
};

const EXAMPLE = `
server: { port: 9000 }
auth: { keys: [{ name: app, value: client-key-0123456789 }] }
routes: { "/v1/messages": { timeouts: { totalMs: 0 } } }
providers:
  openai:
    keys: [{ value: sk-abcdefghijklmnop, weight: 2, models: [gpt-4o] }, short]
    headers: { x-team: blue-team-secret }
    lane: { concurrency: 10 }
  local: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9001/v1", models: [llama, "qwen-*"] }
models:
  fast: { targets: [openai/gpt-4o, local/llama] }
`;

describe('what check prints', () => {
  it('names every listener with what is spoken there, and every job', () => {
    const lines = described(`
server:
  listeners: [{ port: 9000 }, { unix: /run/gate.sock }, { port: 9001, grpc: true }, { port: 9002, host: "::1", proxyProtocol: true }]
auth: { keys: [{ name: app, value: client-key-0123456789 }] }
providers: { openai: { keys: [{ value: sk-abcdefghijklmnop }] } }
operations:
  classify: { model: openai/gpt-4o, request: { messages: [{ role: user, content: "{{payload.text}}" }] } }
`).split('\n');
    expect(lines[0]).toBe(
      'listen     0.0.0.0:9000, unix:/run/gate.sock, 0.0.0.0:9001 (gRPC), [::1]:9002 (PROXY)',
    );
    expect(lines).toContain('  POST /jobs/classify  →  openai/gpt-4o');
  });

  it('is the whole configuration with keys cut down and header values left out', () => {
    expect(described(EXAMPLE).split('\n')).toEqual([
      'listen     0.0.0.0:9000',
      `processes  2 workers, 1 thread each for bodies over ${DEFAULT_OFFLOAD_BYTES} bytes`,
      'bodies     up to 33554432 bytes, whole within 60 s',
      'stopping   0 ms before listeners close, streams end within 300 s',
      'watching   a slow client for 30 s, a worker standing still for 8 s',
      'browsers   *',
      'metrics    open to everybody who reaches the port',
      'telemetry  to nobody',
      'log        info, access lines on, format auto',
      'callers    app (cli…6789)',
      '',
      'providers',
      '  openai  openai-chat, openai-responses at https://api.openai.com/v1',
      '    keys      key-1 (sk-…mnop) weight 2 for gpt-4o; key-2 (****)',
      `    models    ${openai.modelPatterns.join(', ')}`,
      '    lane      10 in flight, 30 waiting for up to 10 s, then shed',
      '    timeouts  connect 5 s, headers 600 s, firstToken 300 s, betweenTokens 120 s, total 900 s',
      '    retries   2 per target, 5 attempts in all, pause 500 ms to 8 s',
      '    cooldown  as long as stated, else 30 s when limited and 5 s when overloaded, 86400 s at most',
      '    sockets   used for 300 s',
      '    headers   x-team',
      '  local  openai-chat at http://127.0.0.1:9001/v1',
      '    keys      none',
      '    models    llama, qwen-*',
      '    lane      4096 in flight, 4096 waiting for up to 10 s, then shed',
      '    timeouts  connect 5 s, headers 600 s, firstToken 300 s, betweenTokens 120 s, total 900 s',
      '    retries   2 per target, 5 attempts in all, pause 500 ms to 8 s',
      '    cooldown  as long as stated, else 30 s when limited and 5 s when overloaded, 86400 s at most',
      '    sockets   used for 300 s',
      '',
      'aliases',
      '  fast  →  openai/gpt-4o, then local/llama',
      '',
      'routes',
      '  /v1/messages  total off',
    ]);
  });

  it('says when anyone may call', () => {
    expect(described('server:')).toContain('callers    anyone who reaches the port');
    const both = described('auth: { anonymous: true, keys: [client-key-0123456789] }');
    expect(both).toContain('callers    key-1 (cli…6789), and anyone without a key');
  });
});

describe('what models prints', () => {
  it('is each public name and where it leads', () => {
    expect(listModels(assembled(EXAMPLE).config)).toEqual([
      ['fast', 'openai/gpt-4o, then local/llama'],
      ...openai.modelPatterns.map((pattern) => [pattern, `openai/${pattern}`]),
      ['openai/…', 'any model of openai (openai-chat, openai-responses at https://api.openai.com/v1)'],
      ['llama', 'local/llama'],
      ['qwen-*', 'local/qwen-*'],
    ]);
  });
});
