// Machines at the edge as the API would tell them.
import { MEAN } from './mean.ts';
import type { Amount } from './canned-log.ts';

const DAY = 86_400_000;
const STATES = ['pending', 'approved', 'denied'] as const;

/** What `/api/edge…` answers; null = there is nothing at this path. */
export function edge(path: string, amount: Amount, now: number): object | null {
  const iso = (days: number): string => new Date(now - days * DAY).toISOString();
  const list = (items: object[]): object => ({ items: amount === 'none' ? [] : items, next: null });
  const policy = {
    pendingDevices: 'allow',
    pendingApps: 'allow',
    pendingServers: 'block',
    refreshSeconds: 60,
    fallback: true,
    intercept: {
      enabled: true,
      hosts: [{ host: 'api.example.com', routes: [{ path: '/v1/', to: '/v1/' }], other: 'pass' }],
    },
  };
  const devices = ['ada-macbook', 'build-runner-17', MEAN].map((name, index) => ({
    id: `dev_${index}`,
    name,
    state: STATES[index],
    decision: index === 2 ? 'block' : 'allow',
    platform: 'darwin-arm64',
    version: '0.3.0',
    person: index === 1 ? '' : MEAN,
    team: 'team_1',
    key: 'key_1',
    seenAt: index === 2 ? null : iso(0.01 * (index + 1)),
    revision: 2,
    createdAt: iso(12),
  }));
  const item = (index: number, type: string, target: string, names: string[]): object => ({
    id: `item_${index}`,
    type,
    target,
    names,
    transport: type === 'server' ? 'stdio' : '',
    state: STATES[index % 3],
    decision: index % 3 === 1 ? 'allow' : 'block',
    note: index % 3 === 2 ? MEAN : '',
    decidedBy: index % 3 === 0 ? '' : 'admin:ada',
    devices: index * 7,
    version: 3,
    createdAt: iso(4),
  });
  const find = {
    device: 'dev_0',
    deviceName: 'ada-macbook',
    item: 'item_4',
    type: 'server',
    target: `npx -y ${MEAN}`,
    state: 'approved',
    names: [MEAN],
    version: '1.2.3',
    sources: ['claude', 'cursor'],
    since: iso(3),
  };
  const count = amount === 'none' ? 0 : 1;
  const counts = { pending: count, approved: count, denied: count };
  const event = {
    id: 'e',
    device: 'dev_0',
    method: 'POST',
    path: '/v1/messages',
    model: MEAN,
    status: 403,
    durationMs: 12,
  };
  switch (path) {
    case '/api/edge':
      return { devices: counts, apps: counts, servers: counts, policy };
    case '/api/edge/devices':
      return list(devices);
    case '/api/edge/catalog':
      return list([
        item(3, 'app', 'claude', ['Claude Code']),
        item(4, 'server', `npx -y ${MEAN}`, [MEAN]),
        item(5, 'server', 'https://mcp.example.com/sse', []),
      ]);
    case '/api/edge/events':
      return list([
        { ...event, at: now - 60_000, outcome: 'blocked', app: 'claude', reason: `server:${MEAN}` },
        { ...event, id: 'f', at: now - 90_000, outcome: 'fallback', app: '', reason: '' },
      ]);
    case '/api/edge/policy':
      return { ...policy, version: amount === 'none' ? 0 : 3 };
    case '/api/edge/authority':
      return amount === 'none'
        ? null
        : {
            name: 'Headgate edge',
            certificate: `-----BEGIN CERTIFICATE-----\n${'MIIB'.repeat(60)}\n-----END CERTIFICATE-----\n`,
            fingerprint: Array.from({ length: 32 }, () => 'A7').join(':'),
            notAfter: iso(-300),
          };
    default:
      return path === '/api/edge/devices/dev_0' ? { ...devices[0], found: [find] } : null;
  }
}
