import { expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

function load(yaml: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-mtls-'));
  try {
    writeFileSync(path.join(folder, 'headgate.yaml'), yaml);
    return loadConfig({ env: {}, cwd: folder, cores: 1 }).config;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('reads rules, asks for credentials where there are any, and says that no listener asks for certificates', () => {
  const config = load(`
teams: { red: {} }
auth:
  mtls:
    - { name: mesh, match: { san: "spiffe://x/*", fingerprint: "${'AB:'.repeat(31)}AB" }, team: red, claims: { user: CN }, models: ["oa/*"] }
    - { match: { subject: { CN: app } }, key: app }
`);
  expect(config.auth.anonymous).toBe(false);
  expect(config.mtls?.rules).toEqual([
    {
      name: 'mesh',
      match: { san: 'spiffe://x/*', fingerprints: ['ab'.repeat(32)] },
      claims: { user: 'CN' },
      belongs: { team: 'red' },
      policy: { models: ['oa/*'] },
    },
    { name: 'mtls-2', match: { subject: { CN: 'app' } }, key: 'app', claims: {}, belongs: {}, policy: {} },
  ]);
  expect(config.notes.join()).toContain('no listener asks clients');
});

it.each([
  ['match: {}', /subject/],
  ['match: { san: x }, team: blue', /none called `blue`/],
  ['match: { san: x }, key: k, team: red', /no place beside it/],
  ['match: { fingerprint: abc }', /64 hexadecimal/],
  ['match: { san: x }, claims: { team: "san.other" }', /attribute/],
])('refuses %s', (entry, fault) => {
  expect(() => load(`teams: { red: {} }\nauth: { mtls: [{ ${entry} }] }\n`)).toThrow(fault);
});
