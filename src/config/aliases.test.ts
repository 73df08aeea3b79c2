import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-aliases-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (rest: string) => {
  writeFileSync(
    join(folder, 'headgate.yaml'),
    `providers: { local: { dialect: openai-chat, baseUrl: "http://h/v1" } }\n${rest}`,
  );
  return loadConfig({ env: {}, cwd: folder, cores: 1 }).config;
};
const problems = (rest: string): readonly string[] => {
  try {
    load(rest);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('targets of an alias', () => {
  it('have weights where they state one, and a strategy', () => {
    const { models } = load(
      'models: { fast: { strategy: adaptive, targets: [{ model: local/a, weight: 3 }, local/b] } }',
    );
    expect(models['fast']).toEqual({
      targets: ['local/a', 'local/b'],
      weights: [3, 1],
      strategy: 'adaptive',
    });
  });

  it('whose weights nobody reads are noted', () => {
    const { models, notes } = load('models: { fast: { targets: [{ model: local/a, weight: 3 }, local/b] } }');
    expect(models['fast']!.targets).toEqual(['local/a', 'local/b']);
    expect(notes.join('\n')).toContain('weights say nothing');
  });

  it.each([
    [
      'a strategy that is none',
      'models: { fast: { strategy: fastest, targets: [local/a] } }',
      'models.fast.strategy',
    ],
    [
      'a weight of nothing',
      'models: { fast: { strategy: weighted, targets: [{ model: local/a, weight: 0 }] } }',
      'weight',
    ],
    ['a target that is no name', 'models: { fast: { targets: [{ model: a }] } }', 'provider/model'],
    [
      'a provider that is not there',
      'models: { fast: { targets: [{ model: locl/a, weight: 1 }] } }',
      'did you mean `local`',
    ],
  ])('%s is a problem', (_, text, says) => {
    expect(problems(text).join('\n')).toContain(says);
  });
});

describe('prices', () => {
  it("are stated in LiteLLM's names", () => {
    const { prices } = load(
      'prices: { "local/*": { input_cost_per_token: 0.0000002, output_cost_per_token: 0.0000006 } }',
    );
    expect(prices).toEqual({ 'local/*': { input_cost_per_token: 2e-7, output_cost_per_token: 6e-7 } });
  });

  it('of a field that nobody understands are a problem, with the nearest that somebody does', () => {
    expect(problems('prices: { "local/*": { input_cost_per_tokens: 0.1 } }').join('\n')).toContain(
      'did you mean `input_cost_per_token`?',
    );
  });
});
