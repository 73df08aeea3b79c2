import { describe, expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Operation, OperationName } from '../contracts/operation.ts';
import { chat } from '../operations/chat.ts';
import { tokenCount } from '../operations/token-count.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { servedBy, waysTo } from './served-by.ts';

const counted: Operation = { ...tokenCount, estimated: false };
/** Only these two have the operation. */
const HAVE: readonly DialectName[] = ['anthropic', 'gemini'];
const dialectOf = (name: DialectName): Dialect =>
  ({ name, 'token-count': HAVE.includes(name) ? {} : null }) as Dialect;
const speaking = (dialects: DialectName[], change: Partial<ProviderConfig> = {}): ProviderConfig =>
  makeProvider('p', {
    speaks: dialects.map((dialect) => ({ dialect, path: '', auth: { kind: 'none' } })),
    ...change,
  });
const served = (provider: ProviderConfig, operation: Operation | undefined, client: DialectName) => {
  const found = servedBy(provider, 'm', operation, client, dialectOf);
  return found === null ? null : `${found.operation} in ${found.spoken.dialect}`;
};

describe('a provider is asked', () => {
  test('in its client’s dialect, else in the first it speaks', () => {
    for (const operation of [undefined, chat]) {
      expect(served(speaking(['cohere', 'gemini']), operation, 'gemini')).toBe('chat in gemini');
      expect(served(speaking(['cohere', 'gemini']), operation, 'anthropic')).toBe('chat in cohere');
    }
  });

  test('in a dialect that has the operation', () => {
    expect(served(speaking(['anthropic', 'gemini']), counted, 'gemini')).toBe('token-count in gemini');
    expect(served(speaking(['cohere', 'gemini']), counted, 'cohere')).toBe('token-count in gemini');
    expect(served(speaking(['cohere']), counted, 'cohere')).toBeNull();
  });

  test('in the nearest one where its client’s is not spoken', () => {
    const most = speaking(['cohere', 'openai-chat', 'openai-responses', 'anthropic']);
    expect(served(most, chat, 'bedrock-invoke')).toBe('chat in anthropic');
    expect(served(speaking(['cohere', 'openai-chat']), chat, 'openai-responses')).toBe('chat in openai-chat');
    expect(served(most, chat, 'gemini')).toBe('chat in cohere');
  });

  test('in dialects that name its model, and else in those that name none', () => {
    const auth = { kind: 'none' } as const;
    const provider = makeProvider('p', {
      speaks: [
        { dialect: 'gemini', path: '', auth },
        { dialect: 'anthropic', path: '', auth, models: ['claude-*'] },
        { dialect: 'openai-chat', path: '', auth, models: ['claude-*', 'meta/*'] },
      ],
    });
    const of = (model: string) => waysTo(provider, model).map(({ dialect }) => dialect);
    expect(of('claude-x')).toEqual(['anthropic', 'openai-chat']);
    expect(of('meta/llama')).toEqual(['openai-chat']);
    expect(of('gemini-x')).toEqual(['gemini']);
    const bedrock = makeProvider('b', {
      speaks: [
        { dialect: 'bedrock', path: '', auth },
        { dialect: 'openai-chat', path: '/openai/v1', auth, only: ['openai.*'] },
      ],
    });
    const beside = (model: string) => waysTo(bedrock, model).map(({ dialect }) => dialect);
    expect(beside('openai.gpt-oss')).toEqual(['bedrock', 'openai-chat']);
    expect(beside('amazon.nova')).toEqual(['bedrock']);
    expect(beside('')).toEqual(['bedrock']);
    const found = (model: string) =>
      servedBy(provider, model, chat, 'openai-chat', dialectOf)?.spoken.dialect;
    expect(found('gemini-x')).toBe('gemini');
    expect(found('claude-x')).toBe('openai-chat');
    expect(waysTo(speaking(['cohere', 'gemini']), 'claude-x')).toHaveLength(2);
    const named = makeProvider('q', { speaks: [{ dialect: 'cohere', path: '', auth, models: ['x'] }] });
    expect(waysTo(named, 'y')).toHaveLength(1);
  });

  test('only for what its record says it serves', () => {
    expect(served(speaking(['gemini'], { endpoints: {} }), counted, 'gemini')).toBeNull();
    expect(served(speaking(['gemini'], { endpoints: { 'token-count': {} } }), counted, 'gemini')).toBe(
      'token-count in gemini',
    );
    expect(served(speaking(['gemini'], { endpoints: {} }), chat, 'gemini')).toBe('chat in gemini');
  });

  test('for what stands in where it has nothing of its own', () => {
    const emulated: Operation = { ...counted, standIn: 'chat' };
    expect(served(speaking(['gemini']), emulated, 'cohere')).toBe('token-count in gemini');
    expect(served(speaking(['cohere']), emulated, 'anthropic')).toBe('chat in cohere');
    expect(served(speaking(['gemini'], { endpoints: {} }), emulated, 'gemini')).toBe('chat in gemini');
  });

  test('whatever it has where the gateway answers in its place', () => {
    expect(served(speaking(['cohere'], { endpoints: {} }), tokenCount, 'gemini')).toBe(
      'token-count in cohere',
    );
  });
});

test('an operation few models are made for is asked of them alone', () => {
  const rare: Operation = { ...counted, standIn: 'chat', natives: ['made-for-it*'] };
  const provider = speaking(['gemini']);
  const asked = (model: string) => servedBy(provider, model, rare, 'gemini', dialectOf)?.operation;
  expect([asked('made-for-it-2'), asked('m')]).toEqual(['token-count', 'chat']);
});

describe('what has no codec goes to', () => {
  const at = (provider: ProviderConfig, operation: OperationName, client: DialectName) =>
    served(provider, operations[operation], client);

  test('providers of the client’s own dialect alone', () => {
    const both = speaking(['cohere', 'openai-chat']);
    expect(at(both, 'file', 'openai-chat')).toBe('file in openai-chat');
    expect(at(both, 'file', 'anthropic')).toBeNull();
  });

  test('any provider where it is passed through', () => {
    const other = speaking(['cohere'], { endpoints: {} });
    expect(at(other, 'passthrough', 'openai-chat')).toBe('passthrough in cohere');
    expect(at(other, 'file', 'cohere')).toBeNull();
  });

  test.each<[string, DialectName, readonly OperationName[]]>([
    [
      'openai',
      'openai-chat',
      [
        'file',
        'file-content',
        'batch',
        'video',
        'video-form',
        'video-object',
        'video-content',
        'speech',
        'transcription',
        'image-form',
      ],
    ],
    ['anthropic', 'anthropic', ['file', 'file-content', 'message-batch', 'batch-results']],
  ])('%s, which is known to have it', (name, dialect, all) => {
    const record = PROVIDERS.find((one) => one.name === name)!;
    const provider = speaking([dialect], { endpoints: record.endpoints! });
    for (const operation of all) expect(at(provider, operation, dialect)).toBe(`${operation} in ${dialect}`);
  });
});

test('a text between two others is asked for by a route of its own, or by completions, or not at all', () => {
  const { completion, fim } = operations;
  const asked = (provider: ProviderConfig) =>
    [completion.infill!, fim].map(
      (one) => servedBy(provider, 'm', one, 'openai-chat', dialectByName)?.operation ?? null,
    );
  const quirks = { streamUsage: false, legacyMaxTokens: true };
  expect(asked(speaking(['openai-chat'], { quirks: { ...quirks, fim: true } }))).toEqual(['fim', 'fim']);
  expect(asked(speaking(['openai-chat']))).toEqual(['completion', 'completion']);
  expect(asked(speaking(['openai-chat'], { endpoints: {} }))).toEqual([null, null]);
  expect(asked(speaking(['anthropic']))).toEqual([null, null]);
});

test('Databricks is asked by Responses for OpenAI’s closed models alone', () => {
  const provider = { speaks: PROVIDERS.find(({ name }) => name === 'databricks')!.speaks } as ProviderConfig;
  const spoken = (model: string) => waysTo(provider, model).map(({ dialect }) => dialect);
  expect(spoken('databricks-gpt-5-4')).toEqual(['openai-chat', 'openai-responses']);
  expect(spoken('databricks-gpt-oss-120b')).toEqual(['openai-chat']);
  expect(spoken('databricks-claude-opus-5-5')).toEqual(['openai-chat', 'anthropic']);
});
