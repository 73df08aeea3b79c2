import { describe, expect, it } from 'vitest';
import type { CertificateRule } from '../contracts/certificate-rule.ts';
import type { ClientCertificate } from '../contracts/client-certificate.ts';
import { GatewayError } from '../contracts/errors.ts';
import { createCertificateCallers } from './certificate-callers.ts';
import { principalOf } from './principal.ts';

const rule = (over: Partial<CertificateRule>): CertificateRule => ({
  name: 'mesh',
  match: { san: 'spiffe://example.org/*' },
  claims: {},
  belongs: {},
  policy: {},
  ...over,
});
const app: ClientCertificate = {
  fingerprint: 'ab'.repeat(32),
  subject: [
    ['OU', 'red'],
    ['CN', 'app'],
  ],
  names: [['URI', 'spiffe://example.org/ns/prod/sa/app']],
};
const callers = (rules: CertificateRule[], keys: string[] = []) =>
  createCertificateCallers(rules, {
    holderOf: (said, { tags, models }) =>
      said.team === 'gone'
        ? null
        : {
            ...said,
            ...(tags === undefined ? {} : { tags }),
            ...(models === undefined ? {} : { grants: [{ models }] }),
          },
    named: (name) => (keys.includes(name) ? principalOf({ name }) : null),
  });

describe('a certificate', () => {
  it('is of the first rule of which all fits', () => {
    const found = callers([
      rule({ name: 'other', match: { subject: { CN: 'app', OU: 'blue' } } }),
      rule({ name: 'print', match: { fingerprints: ['cd'.repeat(32)], san: 'spiffe://*' } }),
      rule({ name: 'unit', match: { subject: { ou: 'r*' }, san: '*/sa/app' } }),
      rule({}),
    ]).of(app);
    expect(found).toMatchObject({ name: 'unit:app' });
    expect(callers([rule({ match: { san: 'spiffe://other/*' } })]).of(app)).toBeNull();
  });

  it('says whom its holder belongs to, beside what the rule says', () => {
    const claims = { team: 'OU', user: 'CN', name: 'san.uri' };
    const found = callers([
      rule({ claims, belongs: { team: 'blue', project: 'p' }, policy: { tags: ['m'], models: ['oa/*'] } }),
    ]).of(app);
    expect(found).toMatchObject({
      name: 'mesh:spiffe://example.org/ns/prod/sa/app',
      team: 'red',
      user: 'app',
      project: 'p',
      tags: ['m'],
      guarded: true,
    });
  });

  it('is the same caller as another one of the same holder, and needs no second look', () => {
    const all = callers([rule({})]);
    const found = all.of(app);
    expect(all.of(app)).toBe(found);
    expect(all.of({ ...app, fingerprint: 'ef'.repeat(32) })).toBe(found);
    expect(all.of({ ...app, subject: [['CN', 'other']] })).not.toBe(found);
  });

  it('stands for a key as long as there is that key, and is refused where what it names is not there', () => {
    const keys = ['app-key'];
    const all = callers([rule({ key: 'app-key' })], keys);
    expect(all.of(app)).toMatchObject({ name: 'app-key' });
    keys.pop();
    expect(all.of(app)).toBeInstanceOf(GatewayError);
    expect(callers([rule({ belongs: { team: 'gone' } })]).of(app)).toMatchObject({
      code: 'GW_CLIENT_FORBIDDEN',
    });
  });
});
