import { expect, it } from 'vitest';
import type { Config } from '../contracts/config.ts';
import { createModelLabels, statedModels } from './model-labels.ts';

function config(declared: string[], aliases: Config['models'] = {}): Config {
  const providers = [{ name: 'oa', models: declared, keys: [{ models: ['of-a-key', 'gpt-*'] }] }];
  return { models: aliases, providers } as unknown as Config; // no more of it is looked at
}

it('stated are aliases, what they lead to, and declared models that are no pattern', () => {
  expect(
    [...statedModels(config(['m', 'gpt-*', '*'], { fast: { targets: ['oa/small', 'an/x'] } }))].sort(),
  ).toEqual(['an/x', 'fast', 'oa/m', 'oa/of-a-key', 'oa/small']);
});

it('a stated name keeps its label however many were made up before', () => {
  const labels = createModelLabels();
  const at = config(['m', '*']);
  const seen = new Set(Array.from({ length: 5_000 }, (_, i) => labels.label(`oa/made-up-${i}`, at)));
  expect(seen.size).toBe(101);
  expect(labels.label('oa/m', at)).toBe('oa/m');
  expect(labels.stated('oa/m')).toBe(true);
  expect(labels.label('oa/made-up-99', at)).toBe('oa/made-up-99');
  expect(labels.stated('oa/made-up-99')).toBe(false);
  expect(labels.label('oa/made-up-100', at)).toBe('_other');
  expect(labels.label('', at)).toBe('_other');
});

it('a name that a new configuration states has its label from then on', () => {
  const labels = createModelLabels();
  const before = config(['*']);
  for (let i = 0; i < 200; i++) labels.label(`oa/made-up-${i}`, before);
  expect(labels.label('oa/late', before)).toBe('_other');
  expect(labels.label('oa/late', config(['*', 'late']))).toBe('oa/late');
});

it('a made-up name with characters that steer a terminal has no label, and takes nobody’s place', () => {
  const labels = createModelLabels();
  const at = config(['*', 'stated']);
  for (const sign of ['\u001b[31m', '\n', '\u202e', '\u0085', '\u200b'])
    expect(labels.label(`oa/a${sign}b`, at)).toBe('_other');
  for (let i = 0; i < 100; i++) expect(labels.label(`oa/<b>${i}</b> é`, at)).toBe(`oa/<b>${i}</b> é`);
  expect(labels.label('oa/stated', at)).toBe('oa/stated');
});
