import { describe, expect, it } from 'vitest';
import { type Administrator, may, mayMove, mayOn, permissionsOf, type Role } from './roles.ts';

const who = (role: Role, change: Partial<Administrator> = {}): Administrator => ({
  role,
  teams: [],
  scopes: null,
  ...change,
});
const ROLES: readonly Role[] = ['admin', 'editor', 'viewer', 'team-admin'];

describe('a role', () => {
  it('that is not admin has less than admin has, and none can change the audit log', () => {
    for (const role of ROLES) {
      for (const permission of permissionsOf(role)) expect(may(who('admin'), permission)).toBe(true);
      for (const verb of ['create', 'update', 'delete'] as const)
        expect(may(who(role), { resource: 'audit', verb })).toBe(false);
    }
  });

  it('below admin makes no administrators and applies no configurations', () => {
    for (const role of ROLES.filter((each) => each !== 'admin')) {
      expect(may(who(role), { resource: 'administrator', verb: 'create' })).toBe(false);
      expect(may(who(role), { resource: 'administrator', verb: 'update' })).toBe(false);
      expect(may(who(role), { resource: 'config', verb: 'update' })).toBe(false);
    }
  });

  it('of viewers reads and does nothing else', () => {
    expect(permissionsOf('viewer').every(({ verb }) => verb === 'read')).toBe(true);
  });

  it('of a team goes no further than its teams, and moves nothing in or out', () => {
    const admin = who('team-admin', { teams: ['a', 'b'] });
    const update = { resource: 'key', verb: 'update' } as const;
    expect([mayOn(admin, update, 'a'), mayOn(admin, update, 'c'), mayOn(admin, update, null)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([mayMove(admin, update, 'a', 'b'), mayMove(admin, update, 'a', 'c')]).toEqual([true, false]);
    expect(mayMove(admin, update, 'c', 'a')).toBe(false);
    expect(mayOn(admin, { resource: 'limit', verb: 'update' }, 'a')).toBe(false);
    expect(mayOn(admin, { resource: 'provider', verb: 'read' }, 'a')).toBe(false);
    expect(mayOn(who('editor'), update, null)).toBe(true);
  });

  it('is narrowed by scopes of a token and never widened', () => {
    const token = who('editor', { scopes: ['key:*', '*:read', 'administrator:create'] });
    expect(may(token, { resource: 'key', verb: 'delete' })).toBe(true);
    expect(may(token, { resource: 'team', verb: 'read' })).toBe(true);
    expect(may(token, { resource: 'team', verb: 'update' })).toBe(false);
    expect(may(token, { resource: 'administrator', verb: 'create' })).toBe(false);
    expect(may(who('admin', { scopes: [] }), { resource: 'key', verb: 'read' })).toBe(false);
  });
});
