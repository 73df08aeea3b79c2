import { describe, expect, it } from 'vitest';
import type { EdgeDecision, EdgeFinding, EdgeOrders, EdgeVerdict } from '../../../src/contracts/edge.ts';
import { blockedServers, refusalOf, refusalOfBody } from './guard.ts';
import { appKey, appOfKey } from './local-keys.ts';
import { appOfUserAgent } from './user-agents.ts';

const orders = (over: Partial<EdgeOrders> = {}, pending: EdgeDecision = 'allow'): EdgeOrders => ({
  device: { id: 'dev_1', name: 'laptop', state: 'approved' },
  decision: 'allow',
  verdicts: [],
  policy: {
    pendingDevices: 'allow',
    pendingApps: pending,
    pendingServers: pending,
    refreshSeconds: 60,
    fallback: true,
    intercept: { enabled: false, hosts: [] },
  },
  ...over,
});
const denied = (type: EdgeVerdict['type'], target: string, note = ''): EdgeVerdict => ({
  type,
  target,
  state: 'denied',
  decision: 'block',
  note,
});
const server = (target: string, ...names: string[]): EdgeFinding => ({
  type: 'server',
  target,
  names,
  transport: 'stdio',
  version: '',
  sources: [],
});

describe('a request', () => {
  it('goes on where the centre has said nothing', () => {
    expect(refusalOf(null, 'claude')).toBeNull();
    expect(blockedServers(null, [server('x', 'x')])).toEqual([]);
  });

  it('of a machine that is denied, or waits, is refused with the reason', () => {
    const device = { id: 'dev_1', name: 'laptop', state: 'denied' as const };
    expect(refusalOf(orders({ device, decision: 'block' }), 'claude')).toEqual({
      reason: 'device',
      message: expect.stringContaining('laptop') as string,
    });
    const waits = orders({ device: { ...device, state: 'pending' }, decision: 'block' });
    expect(refusalOf(waits, '')?.message).toContain('waits');
  });

  it('of an app is refused by its verdict, and by the policy where there is none', () => {
    const told = orders({ verdicts: [denied('app', 'cursor', 'use the CLI')] });
    expect(refusalOf(told, 'cursor')).toEqual({
      reason: 'app:cursor',
      message: "The app cursor is denied by the gate's administrators (“use the CLI”).",
    });
    expect(refusalOf(told, 'claude')).toBeNull();
    expect(refusalOf(orders({}, 'block'), 'claude')?.reason).toBe('app:claude');
    expect(refusalOf(orders({}, 'block'), '')?.reason).toBe('app:');
    // A verdict on a server of that name is none on the app.
    expect(refusalOf(orders({ verdicts: [denied('server', 'claude')] }), 'claude')).toBeNull();
  });
});

describe('tools of a server that is denied', () => {
  const told = orders({ verdicts: [denied('server', 'npx gh'), denied('server', 'https://mcp.example/x')] });
  const blocked = blockedServers(told, [server('npx gh', 'git.hub', 'gh'), server('npx ok', 'ok')]);
  const judged = (app: string, body: unknown) => refusalOfBody(blocked, told, app, body)?.reason ?? null;

  it.each<[string, string, unknown]>([
    ['Claude Code', 'claude', { tools: [{ name: 'Read' }, { name: 'mcp__gh__search' }] }],
    ['Claude Code, a name that is no word', 'claude', { tools: [{ name: 'mcp__git_hub__search' }] }],
    ['Codex', 'codex', { tools: [{ type: 'function', name: 'mcp__gh__search' }] }],
    [
      'Codex, grouped',
      'codex',
      { tools: [{ type: 'namespace', name: 'mcp__gh__', tools: [{ name: 'search' }] }] },
    ],
    ['chat', '', { tools: [{ type: 'function', function: { name: 'gh__search' } }] }],
    [
      'Gemini CLI',
      'gemini',
      { tools: [{ functionDeclarations: [{ name: 'a' }, { name: 'mcp_gh_search' }] }] },
    ],
    ['Bedrock', '', { toolConfig: { tools: [{ toolSpec: { name: 'mcp__gh__search' } }] } }],
    ['OpenCode', 'opencode', { tools: [{ function: { name: 'gh_search' } }] }],
    [
      'a server that the vendor calls',
      '',
      { mcp_servers: [{ name: 'x', url: 'https://mcp.example/x/?t=1' }] },
    ],
    [
      'the same in Responses',
      '',
      { tools: [{ type: 'mcp', server_label: 'y', server_url: 'https://mcp.example/x' }] },
    ],
  ])('are seen as %s offers them', (_words, app, body) => {
    expect(judged(app, body)).toMatch(/^server:/);
  });

  it.each<[string, string, unknown]>([
    ['of others', 'claude', { tools: [{ name: 'mcp__ok__search' }] }],
    ['whose name begins alike', 'claude', { tools: [{ name: 'mcp__ghost__search' }, { name: 'gh_search' }] }],
    ['nowhere', '', { messages: [{ content: 'mcp__gh__search' }] }],
    ['in what is no object', '', ['mcp__gh__search']],
    ['in nothing', '', null],
    [
      'in odd shapes',
      '',
      { tools: [null, 1, 'x', { name: 5 }, { functionDeclarations: {} }], mcp_servers: {} },
    ],
  ])('are not seen: %s', (_words, app, body) => {
    expect(judged(app, body)).toBeNull();
  });

  it('a server that was found after the centre was told last is what the policy says of such', () => {
    expect(blockedServers(orders({}, 'block'), [server('new', 'n')])).toMatchObject([
      { verdict: { target: 'new', state: 'pending', decision: 'block' }, names: ['n'] },
    ]);
    expect(blockedServers(orders(), [server('new', 'n')])).toEqual([]);
  });
});

describe('who asks', () => {
  it('is known by a key of its own', () => {
    const local = 'hgl-the-key-of-this-machine-0123456789';
    expect(appOfKey(`Bearer ${appKey(local, 'claude')}`, local)).toBe('claude');
    expect(appOfKey(local, local)).toBe('');
    expect(appOfKey(appKey('another-key', 'claude'), local)).toBeNull();
    expect(appOfKey(appKey(local, 'claude').replace('claude', 'codex'), local)).toBeNull();
    expect(appOfKey('', local)).toBeNull();
  });

  it.each([
    ['claude-cli/2.1.332 (external, cli)', 'claude'],
    ['codex_cli_rs/0.171.0 (Debian; x86_64)', 'codex'],
    ['codex-tui/0.171.0', 'codex'],
    ['GeminiCLI/v0.61.0 (linux; x64)', 'gemini'],
    ['opencode/1.18.33', 'opencode'],
    ['curl/8.0', ''],
    ['', ''],
  ])('and by what it says of itself: %s', (text, app) => {
    expect(appOfUserAgent(text)).toBe(app);
  });
});
