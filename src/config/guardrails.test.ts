import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-guardrails-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (rest: object) => {
  const providers = { local: { dialect: 'openai-chat', baseUrl: 'http://h/v1' } };
  writeFileSync(join(folder, 'headgate.yaml'), JSON.stringify({ providers, ...rest }));
  return loadConfig({ env: {}, cwd: folder, cores: 1 }).config;
};
const problems = (...guardrails: object[]): string => {
  try {
    load({ guardrails });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return '';
};
const words = { checks: [{ type: 'keywords', words: ['x'] }] };

describe('guardrails of a configuration', () => {
  it('are one list: those of aliases, keys and groups are for their calls', () => {
    const { guardrails } = load({
      guardrails: [{ name: 'all', when: { operations: ['chat'] }, ...words }],
      models: { fast: { targets: ['local/m'], guardrails: [{ name: 'of-fast', ...words }] } },
      teams: { blue: { guardrails: [{ name: 'of-blue', ...words }] } },
      auth: { keys: [{ value: 'key-0123456789', guardrails: [{ name: 'of-key', ...words }] }] },
    });
    expect(guardrails!.map(({ name, when }) => [name, when])).toEqual([
      ['all', { operations: ['chat'] }],
      ['of-fast', { models: ['fast'] }],
      ['of-key', { keys: ['key-1'] }],
      ['of-blue', { teams: ['blue'] }],
    ]);
    expect(guardrails![0]).toMatchObject({
      on: ['input', 'output'],
      action: 'block',
      onError: 'closed',
      status: 400,
    });
  });

  it('are none where none is stated', () => {
    expect(load({}).guardrails).toBeUndefined();
  });

  it('look where their checks have something to say', () => {
    const on = (type: string, more: object = {}, action = 'block') =>
      load({ guardrails: [{ name: 'g', action, checks: [{ type, ...more }] }] }).guardrails![0]!.on;
    expect(on('schema')).toEqual(['output']);
    expect(on('tools', { deny: ['x'] })).toEqual(['tool_call']);
    expect(on('injection')).toEqual(['input']);
    expect(on('pii', {}, 'redact')).toEqual(['input', 'output']);
  });

  it.each([
    [{ name: 'g', checks: [{ type: 'keywords' }] }, 'needs `words`'],
    [{ name: 'g', checks: [{ type: 'pii', words: ['x'] }] }, 'says nothing of a check of type `pii`'],
    [{ name: 'g', checks: [{ type: 'pii', entities: ['name'] }] }, 'one of email, phone'],
    [{ name: 'g', checks: [{ type: 'regex', patterns: ['(a)\\1'] }] }, 'not possible in linear time'],
    [{ name: 'g', checks: [{ type: 'regex', patterns: ['(?=a)b'] }] }, 'not possible in linear time'],
    [{ name: 'g', checks: [{ type: 'regex', patterns: ['(a'] }] }, 'no regular expression'],
    [{ name: 'g', action: 'redact', checks: [{ type: 'injection' }] }, 'cannot redact'],
    [
      { name: 'g', action: 'retry', on: ['input'], checks: [{ type: 'injection' }] },
      '`retry` is for answers',
    ],
    [{ name: 'g', when: { operations: ['chatt'] }, ...words }, 'did you mean `chat`'],
    [{ name: 'g', checks: [{ type: 'webhok', url: 'http://h' }] }, 'did you mean `webhook`'],
    [{ name: 'g', checks: [{ type: 'length' }] }, 'state `minChars` or `maxChars`'],
    [{ name: 'g', checks: [{ type: 'judge', model: 'm' }] }, 'needs `policy`'],
  ])('that say nothing sensible are refused: %j', (guardrail, message) => {
    expect(problems(guardrail)).toContain(message);
  });

  it('have names of their own', () => {
    expect(problems({ name: 'g', ...words }, { name: 'g', ...words })).toContain(
      'two guardrails are called `g`',
    );
  });

  it('take any JSON Schema', () => {
    const schema = { type: 'object', properties: { on: { enum: ['yes', 'no'] } }, required: ['on'] };
    const { guardrails } = load({ guardrails: [{ name: 'g', checks: [{ type: 'schema', schema }] }] });
    expect(guardrails![0]!.checks[0]).toEqual({ type: 'schema', schema });
  });
});
