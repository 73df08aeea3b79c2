import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeConfig, listModels } from './describe.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';
import { createSecretBox, keyFault, maskKey } from './secrets.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything a person or a log may see of a load, whether it succeeds or not. */
function said(yaml: string, env: Record<string, string>): { text: string; loaded: boolean } {
  writeFileSync(join(folder, 'headgate.yaml'), yaml);
  try {
    const { config, keys, notes } = loadConfig({ env, cwd: folder, cores: 1 });
    const models = listModels(config).flat();
    return {
      text: [...notes, ...config.notes, describeConfig(config, keys), ...models].join('\n'),
      loaded: true,
    };
  } catch (error) {
    if (error instanceof ConfigError)
      return { text: `${error.message}\n${error.problems.join('\n')}`, loaded: false };
    throw error;
  }
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const word = fc
  .array(fc.constantFrom(...LETTERS), { minLength: 12, maxLength: 40 })
  .map((letters) => letters.join(''));
/** Keys as they should be, and as they get broken on their way. */
const secret = fc
  .tuple(word, fc.constantFrom(...Array<string>(20).fill(''), '\n', '\r\n', ' ', 'ü', '=', ','))
  .chain(([text, flaw]) =>
    // Not with `=` in the middle: in HEADGATE_API_KEYS that is a name and its key.
    fc.constantFrom(
      `Zq${text}${flaw}`,
      `sk-Zq${text}${flaw}`,
      `Zq${text}${flaw === '=' ? '' : flaw}Zq${text}`,
    ),
  );
/** What is left of a secret when a flaw breaks it into pieces. */
const pieces = (value: string): string[] => value.split(/[\s,=ü]+/).filter((piece) => piece.length >= 8);

/** Files with `S` where a secret goes, in right places and in wrong ones. */
const FILES = [
  'auth: { keys: [S] }',
  'providers: { openai: { keys: [S], headers: { x-token: S } } }',
  'providers: { a: { dialect: anthropic, baseUrl: "http://h", keys: [{ value: S, weight: 3 }] } }\nmodels: { f: { targets: [a/x] } }',
  'auth: { keys: [S, { name: app, value: S }] }',
  'auth: { keys: S }',
  'auth: { keys: [{ valu: S }] }',
  'auth: { key: S }',
  'providers: { openai: { keys: [S] }, a: { dialect: openai-chat, baseUrl: "http://h/v1", keys: [{ value: S, weight: 0 }] } }',
  'providers: { openai: { keys: [{ value: S, alias: k }, { value: S, alias: k }], headers: { x-token: S } } }',
  'providers: { openai: { key: S } }',
  'providers: { openai: { keys: S, headers: { authorization: S, host: S } } }',
  'providers: { a: { dialect: S, baseUrl: S, keys: [S], models: [S], lane: { onFull: S } } }',
  'providers: { a: { dialect: anthropic, baseUrl: "http://u:p@h", keys: [S, S] } }',
  'providers: { openai: S }\nmodels: { fast: { targets: [S] } }',
  'providers: { openai: { keys: [S] } }\nmodels: { fast: { targets: [opnai/x, S] } }',
  'server: { port: S, host: S, corsOrigins: [S] }\nlog: { level: S, access: S }',
  'server: S',
  'S',
  '- S',
  'auth: { keys: [S',
  'auth: { keys: *S }',
  'auth:\n\tkeys: S',
  'auth: { keys: [!tag S] }',
];

describe('a secret', () => {
  it('is in no error, note or description, whatever is wrong with it or around it', () => {
    const outcomes = { loaded: 0, refused: 0 };
    const how = fc.constantFrom('literal', 'quoted', 'env', 'os.environ', 'file');
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        how,
        secret,
        secret,
        fc.nat(3),
        (file, via, inside, outside, extra) => {
          writeFileSync(join(folder, 'secret'), inside);
          const references: Record<typeof via, string> = {
            // A comma would make the rest of it a key of its own, and names of providers are shown.
            literal: inside.includes(',') ? JSON.stringify(inside) : inside,
            quoted: JSON.stringify(inside),
            env: 'env.INSIDE',
            'os.environ': 'os.environ/INSIDE',
            file: '"file:secret"',
          };
          const env = {
            INSIDE: inside,
            OPENAI_API_KEY: outside,
            ...(extra > 1 ? { HEADGATE_API_KEYS: `app=${outside},${inside}` } : {}),
            ...(extra === 3
              ? { HEADGATE_PORT: inside, HEADGATE_CORS_ORIGINS: outside, HEADGATE_OPENAI_BASE_URL: inside }
              : {}),
          };
          const { text, loaded } = said(
            file.replaceAll('S', () => references[via]),
            env,
          );
          outcomes[loaded ? 'loaded' : 'refused'] += 1;
          for (const piece of [...pieces(inside), ...pieces(outside)]) expect(text).not.toContain(piece);
        },
      ),
      { numRuns: 1500 },
    );
    // Both ways out were really taken.
    expect(outcomes.loaded).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });
});

describe('the secret box', () => {
  it('takes out longer secrets before shorter ones they contain', () => {
    const box = createSecretBox();
    box.add('abcdefgh');
    box.add('abcdefgh-ijkl');
    expect(box.redact('x abcdefgh-ijkl y abcdefgh z')).toBe('x **** y **** z');
  });

  it('leaves ordinary words alone that happen to be a key', () => {
    const box = createSecretBox();
    box.add('ollama');
    expect(box.redact('provider ollama')).toBe('provider ollama');
  });
});

describe('a key', () => {
  it.each([
    ['a-good-key_1=', null],
    ['', 'the key is shorter than 1 characters'],
    ['a\nb', 'the key contains a line break'],
    ['a b', 'the key contains white space'],
    ['a\u00a0b', 'the key contains white space'],
    ['a\u0000b', 'the key contains characters that cannot stand in a header'],
  ])('%j is judged', (value, fault) => {
    expect(keyFault(value, 1)).toBe(fault);
  });

  it('is shown by its ends only when enough is left out', () => {
    expect(maskKey('sk-123456789')).toBe('****');
    expect(maskKey('sk-1234567890')).toBe('sk-…7890');
  });
});
