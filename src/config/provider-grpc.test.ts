// Providers that are asked by gRPC, and jobs that call their methods, as a configuration states them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../contracts/config.ts';
import { descriptorsOf } from '../grpc/proto-text.ts';
import { describeConfig } from './describe.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const PROTO = `syntax = "proto3"; package ml;
  service Llm { rpc Say(Ask) returns (Said); rpc Both(stream Ask) returns (Said); }
  message Ask { string text = 1; Limits limits = 2; map<string, string> tags = 3; message Limits { int32 top = 1; } }
  message Said { string text = 1; }`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-grpc-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(value: object, env: Record<string, string> = {}): Config {
  const file = join(folder, 'headgate.json');
  writeFileSync(file, JSON.stringify(value));
  return loadConfig({ env, cwd: folder, cores: 1, file }).config;
}

function faults(value: object): readonly string[] {
  try {
    load(value);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((line) => line.replace(/^headgate\.json:\d+:\d+: /, ''));
    throw error;
  }
  return [];
}

const gpu = (entry: object): object => ({ providers: { gpu: { baseUrl: 'grpc://gpu:8001', ...entry } } });

describe('a provider', () => {
  it('of a vendor, or of a protocol alone, is asked by gRPC with what that has by itself', () => {
    for (const entry of [{ vendor: 'triton' }, { grpc: { protocol: 'triton' } }]) {
      const [provider] = load(gpu(entry)).providers;
      expect(provider).toMatchObject({
        kind: 'grpc',
        vendor: 'triton',
        baseUrl: 'http://gpu:8001',
        endpoints: {},
      });
      expect(provider!.speaks).toMatchObject([{ dialect: 'openai-chat', auth: { kind: 'none' } }]);
      expect(provider!.grpc).toEqual({
        protocol: 'triton',
        prompt: 'plain',
        inputs: [{ name: 'text_input', type: 'BYTES', shape: [1], value: '{{prompt}}' }],
        parameters: {},
        modelVersion: '',
        answer: { text: 'text_output', cumulative: false },
        descriptors: '',
        methods: {},
        maxMessageBytes: 67_108_864,
        connections: 4,
        keepaliveMs: 300_000,
      });
    }
    const [secure] = load(gpu({ vendor: 'kserve', baseUrl: 'grpcs://gpu', keys: ['k'] })).providers;
    expect([secure!.baseUrl, secure!.speaks[0]!.auth]).toEqual(['https://gpu', { kind: 'bearer' }]);
  });

  it('takes a .proto from a file, as text, as several, or as descriptors', () => {
    writeFileSync(join(folder, 'llm.proto'), PROTO);
    const answer = { text: 'text' };
    const rest = { method: 'ml.Llm/Say', request: { text: '{{prompt}}' }, answer };
    const stated = [
      { proto: 'file:llm.proto' },
      { proto: PROTO },
      { proto: { 'llm.proto': 'file:llm.proto' } },
      { descriptors: descriptorsOf({ 'it.proto': PROTO }) },
    ];
    for (const one of stated) {
      const [provider] = load(gpu({ vendor: 'grpc', grpc: { ...one, ...rest } })).providers;
      expect(provider!.grpc).toMatchObject({
        methods: { '*': { method: 'ml.Llm/Say', answer: { text: 'text', cumulative: false } } },
      });
    }
  });

  it('goes through no proxy of the environment without TLS', () => {
    const env = { HTTP_PROXY: 'http://proxy.test:1', HTTPS_PROXY: 'http://proxy.test:1' };
    expect(load(gpu({ vendor: 'triton' }), env).providers[0]!.proxy).toBeUndefined();
    expect(load(gpu({ vendor: 'triton', baseUrl: 'grpcs://gpu' }), env).providers[0]!.proxy).toBe(
      'http://proxy.test:1',
    );
  });

  const proto = { proto: PROTO, method: 'ml.Llm/Say' };
  it.each<[object, string]>([
    [
      { vendor: 'openai', keys: ['k'], baseUrl: 'https://a.test/v1', grpc: {} },
      'gpu.grpc: this provider is asked by HTTP',
    ],
    [{ vendor: 'triton', dialect: 'openai-chat' }, 'gpu: it is asked by gRPC: it has no `dialect`'],
    [
      { vendor: 'triton', baseUrl: 'grpc://gpu:8001/v1' },
      'gpu.baseUrl: the address of a gRPC server has no path',
    ],
    [{ vendor: 'triton', grpc: { protocol: 'vllm' } }, 'gpu.grpc.protocol: its vendor speaks `triton`'],
    [{ vendor: 'triton', grpc: { proto: PROTO } }, 'gpu.grpc.proto: means nothing to the protocol `triton`'],
    [
      { vendor: 'sglang-grpc', grpc: { input: 'x' } },
      'gpu.grpc.input: means nothing to the protocol `sglang`',
    ],
    [{ vendor: 'triton', proxy: 'http://p:1' }, 'gpu.proxy: only a gRPC server with TLS'],
    [
      { vendor: 'triton', grpc: { inputs: [{ name: 'a', value: '{{promt}}' }] } },
      '`promt` begins with none of',
    ],
    [{ vendor: 'grpc' }, 'gpu.grpc: state `proto`'],
    [{ vendor: 'grpc', grpc: { proto: 'syntax = "proto3"; message {' } }, 'gpu.grpc.proto: it.proto: '],
    [
      { vendor: 'grpc', grpc: { ...proto, method: 'ml.Llm/None' } },
      'there is no method ml.Llm/None; there are ml.Llm/Say',
    ],
    [{ vendor: 'grpc', grpc: { ...proto, method: 'ml.Llm/Both' } }, 'takes a stream of messages'],
    [{ vendor: 'grpc', grpc: { ...proto, request: { txet: 'x' } } }, 'requests of ml.Llm/Say have no `txet`'],
    [
      { vendor: 'grpc', grpc: { ...proto, answer: { text: 'said' } } },
      'answers of ml.Llm/Say have no `said`',
    ],
    [{ vendor: 'grpc', grpc: { descriptors: 'AAAA' } }, 'gpu.grpc: '],
  ])('%j is refused', (entry, fault) => {
    expect(faults(gpu(entry)).join('\n')).toContain(fault);
  });
});

describe('load', () => {
  const of = (entry: object) => load(gpu(entry)).providers[0]!.load;

  it('is asked where a vendor tells it', () => {
    expect(of({ vendor: 'vllm', baseUrl: 'http://gpu:8000/v1', load: {} })).toMatchObject({
      source: 'metrics',
      url: 'http://gpu:8000/metrics',
      everyMs: 1_000,
      staleMs: 5_000,
    });
    expect(of({ vendor: 'triton', load: {} })).toMatchObject({
      source: 'statistics',
      url: 'http://gpu:8001/',
    });
    expect(of({ vendor: 'vllm-grpc', load: { everyMs: 4_000 } })).toMatchObject({
      source: 'loads',
      staleMs: 12_000,
    });
    const page = { source: 'metrics', url: 'https://gpu:9100/metrics', waiting: 'mine' };
    expect(of({ vendor: 'triton', load: page })).toMatchObject({
      url: 'https://gpu:9100/metrics',
      waiting: ['mine'],
    });
    expect(of({ vendor: 'triton' })).toBeUndefined();
  });

  it.each<[object, string]>([
    [
      { vendor: 'kserve', load: {} },
      'gpu.load: a provider that is asked by gRPC also needs the `url` of its metrics',
    ],
    [
      { vendor: 'vllm', baseUrl: 'http://gpu/v1', load: { source: 'loads' } },
      'also needs the `url` of its gRPC server',
    ],
    [{ vendor: 'triton', load: { url: 'ftp://gpu' } }, 'gpu.load.url: expected a URL'],
    [{ vendor: 'triton', load: { waiting: 'x' } }, 'gpu.load.waiting: is the name of a metric'],
  ])('%j is refused', (entry, fault) => {
    expect(faults(gpu(entry)).join('\n')).toContain(fault);
  });
});

describe('a job', () => {
  const job = (operation: object): object => ({
    ...gpu({ vendor: 'grpc', grpc: { proto: PROTO } }),
    operations: { one: operation },
  });

  it('may call a method, with its message for a request', () => {
    const request = {
      text: '{{payload.text}}',
      limits: { top: '{{payload.top}}' },
      tags: { any: '{{payload.by}}' },
    };
    const { operations } = load(job({ method: 'gpu/ml.Llm/Say', request }));
    expect(operations).toMatchObject([{ model: 'gpu/ml.Llm/Say', method: true, from: 'json', request }]);
  });

  it.each<[object, string]>([
    [{ request: {} }, 'operations.one: state `model` or `method`'],
    [{ model: 'a/b', method: 'gpu/ml.Llm/Say', request: {} }, 'operations.one: state `model` or `method`'],
    [{ method: 'none/ml.Llm/Say', request: {} }, 'operations.one.method: names no provider'],
    [{ method: 'gpu/ml.Llm/None', request: {} }, 'operations.one.method: gpu has no method ml.Llm/None'],
    [{ method: 'gpu/ml.Llm/Both', request: {} }, 'operations.one.method: ml.Llm/Both takes a stream'],
    [
      { method: 'gpu/ml.Llm/Say', request: { limits: { tpo: 1 } } },
      'operations.one.request: the message of ml.Llm/Say has no `limits.tpo`',
    ],
    [
      { method: 'gpu/ml.Llm/Say', dialect: 'anthropic', request: {} },
      'operations.one.dialect: a method is called in no dialect',
    ],
  ])('%j is refused', (operation, fault) => {
    expect(faults(job(operation)).join('\n')).toContain(fault);
  });
});

it('what `headgate check` says of one', () => {
  const text = describeConfig(load(gpu({ vendor: 'triton', load: {} })), []);
  expect(text).toContain('gRPC, triton at http://gpu:8001');
  expect(text).toContain('load      statistics of http://gpu:8001/, every 1 s');
});
