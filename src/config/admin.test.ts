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

it('machines enrol at the provider of administrators, or at another, or not at all', () => {
  const { admin } = load({
    HEADGATE_OIDC_ISSUER: 'https://sso.example.com/realms/main',
    HEADGATE_OIDC_CLIENT_ID: 'headgate',
    HEADGATE_OIDC_URL: 'https://gate.example.com/',
    HEADGATE_EDGE_CLIENT_ID: 'machines',
    HEADGATE_EDGE_TEAM: 'laptops',
  });
  expect(admin.edge).toEqual({
    oidc: {
      issuer: 'https://sso.example.com/realms/main',
      clientId: 'machines',
      clientSecret: null,
      scopes: ['openid', 'profile', 'email'],
      claims: { name: 'preferred_username', email: 'email', roles: 'groups', teams: null },
    },
    certificates: false,
    team: 'laptops',
  });
  const other = { HEADGATE_EDGE_CLIENT_ID: 'machines', HEADGATE_EDGE_ISSUER: 'https://other.example' };
  expect(load(other).admin.edge.oidc?.issuer).toBe('https://other.example');
  expect(load({ HEADGATE_EDGE_CERTIFICATES: 'on' }).admin.edge).toEqual({
    oidc: null,
    certificates: true,
    team: null,
  });
  expect(() => load({ HEADGATE_EDGE_CLIENT_ID: 'machines' })).toThrow(/admin\.edge.*issuer/);
});
