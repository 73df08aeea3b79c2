import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig, readConfigFile } from './file.ts';
import { ConfigError } from './problem.ts';

const errors = (text: string): readonly string[] => {
  try {
    parseConfig(text, 'f.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('a configuration file', () => {
  it('is read as YAML 1.2: no and on are text, octals are decimal', () => {
    expect(parseConfig('a: no\nb: on\nc: 010\nd: 1e3\ne: ~\n1: x', 'f').value).toEqual({
      a: 'no',
      b: 'on',
      c: 10,
      d: 1000,
      e: null,
      '1': 'x',
    });
  });

  it('may be JSON, tabs included', () => {
    expect(parseConfig('{\n\t"server": {\n\t\t"port": 1\n\t}\n}', 'f').value).toEqual({
      server: { port: 1 },
    });
  });

  it('may be empty', () => {
    expect(parseConfig('# nothing yet\n', 'f').value).toBeNull();
  });

  it('tells where each key and value stands, aliases where they are used', () => {
    const file = parseConfig('base: &b\n  port: 1\nserver: *b\nlist:\n  - x\n  - { y: 2 }\n', 'f');
    expect(file.at(file.find(['base', 'port']))).toBe('f:2:9');
    expect(file.at(file.find(['base', 'port'], true))).toBe('f:2:3');
    expect(file.at(file.find(['server']))).toBe('f:3:9');
    expect(file.at(file.find(['list', 1, 'y']))).toBe('f:6:10');
    expect(file.at(file.find(['list', 1, 'absent', 'deeper']))).toBe('f:6:5');
    expect(file.value).toEqual({ base: { port: 1 }, server: { port: 1 }, list: ['x', { y: 2 }] });
  });

  it.each([
    [
      'a key that stands twice',
      'a: 1\nb: 2\na: 3',
      ['f.yaml:3:1: this key stands twice in the same mapping'],
    ],
    ['several at once', 'a: 1\na: 2\nb: 1\nb: 2', ['f.yaml:2:1', 'f.yaml:4:1']],
    ['a tab as indent', 'a:\n\tb: 1', ['f.yaml:2:1: tabs cannot indent; use spaces']],
    ['an open bracket', 'a: [1, 2', ['f.yaml:1:9']],
    ['two documents', 'a: 1\n---\nb: 1', ['f.yaml:2:1: only one document is allowed in the file']],
    ['an alias to nothing', 'a: *b', ['f.yaml:1:4: this alias names no anchor above it']],
    ['an alias inside itself', 'a: &a [*a]', ['f.yaml:1:8: this alias contains itself']],
    ['a tag', 'a: !!js/function x', ['f.yaml:1:4: tags are not supported']],
    ['a list as a key', '? [a]\n: 1', ['f.yaml:1:3: a key must be plain text']],
    ['another YAML version', '%YAML 1.1\n---\na: yes', ['f.yaml:1:1: the file must be YAML 1.2']],
  ])('with %s is refused with its place', (_, text, expected) => {
    const found = errors(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, start] of expected.entries())
      expect(found[index]?.startsWith(start), found[index]).toBe(true);
  });

  it('cannot grow without bound through aliases of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    expect(errors(`l0: &l0 [x]\n${levels.join('\n')}`)[0]).toMatch(/too many values/);
  });

  it('never repeats its text in a syntax error', () => {
    for (const text of [
      'a: "sk-secret-1',
      'a: b: sk-secret-1',
      '- @sk-secret-1',
      'a: *sk-secret-1',
      '{a: sk-secret-1',
    ]) {
      expect(errors(text).join()).not.toContain('sk-secret-1');
      expect(errors(text).length).toBeGreaterThan(0);
    }
  });

  it('with __proto__ as a key has it as data', () => {
    const value = parseConfig('__proto__: { polluted: true }', 'f').value as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('reading from disk', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headgate-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('refuses what is missing, a folder, or not UTF-8', () => {
    writeFileSync(join(folder, 'latin1'), Buffer.from([0x61, 0x3a, 0x20, 0xe4]));
    expect(() => readConfigFile(join(folder, 'absent'), 'f')).toThrow('f: there is no such file');
    expect(() => readConfigFile(folder, 'f')).toThrow('f: it is a folder, not a file');
    expect(() => readConfigFile(join(folder, 'latin1'), 'f')).toThrow('f: it is not UTF-8 text');
  });
});
