import { expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const load = (env: Record<string, string>) => loadConfig({ env, cwd: '/nonexistent', cores: 1 });

it('reads an OpenID provider of the environment alone, with defaults for the rest', () => {
  const { admin } = load({
    HEADGATE_OIDC_ISSUER: 'https://sso.example.com/realms/main',
    HEADGATE_OIDC_CLIENT_ID: 'headgate',
    HEADGATE_OIDC_URL: 'https://gate.example.com/',
    HEADGATE_OIDC_DEFAULT_ROLE: 'viewer',
  });
  expect(admin.oidc).toEqual({
    issuer: 'https://sso.example.com/realms/main',
    clientId: 'headgate',
    clientSecret: null,
    url: 'https://gate.example.com',
    label: 'Sign in with SSO',
    scopes: ['openid', 'profile', 'email'],
    claims: { name: 'preferred_username', email: 'email', roles: 'groups', teams: null },
    grants: [],
    defaultRole: 'viewer',
    users: 'create',
    only: false,
  });
  expect(load({}).admin.oidc).toBeNull();
});

it('refuses a provider of which something is missing, and an address with a path', () => {
  expect(() => load({ HEADGATE_OIDC_ISSUER: 'https://sso.example.com' })).toThrow(/clientId/);
  expect(() => load({ HEADGATE_OIDC_URL: 'https://gate.example.com/path' })).toThrow(/HEADGATE_OIDC_URL/);
});
