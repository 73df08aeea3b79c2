import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findHere } from './findings.ts';
import { maskedCommand, maskedUrl } from './masked.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'headgate-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string | object, mode = 0o600): void {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text), { mode });
}
const found = (env: Record<string, string> = {}) => findHere({ home, env });
const servers = (env: Record<string, string> = {}) =>
  found(env)
    .filter(({ type }) => type === 'server')
    .map(({ target, names, transport, sources }) => ({ target, names, transport, sources }));

describe('what is found on a machine', () => {
  it('on an empty one is nothing', () => {
    expect(found({ PATH: '/nonexistent' })).toEqual([]);
  });

  it('is one server, whatever apps call it, and every app that is told of it', () => {
    const github = {
      command: 'npx',
      args: ['-y', '@example/github-mcp'],
      env: { GITHUB_TOKEN: 'ghp_secret' },
    };
    write('.claude.json', {
      mcpServers: { github, docs: { type: 'http', url: 'https://docs.example/mcp?key=abc' } },
      projects: {
        '/src/a': { mcpServers: { local: { command: `${home}/bin/serve`, args: ['--port', '1'] } } },
      },
    });
    write('.codex/config.toml', '[mcp_servers.gh]\ncommand = "npx"\nargs = ["-y", "@example/github-mcp"]\n');
    write(
      '.gemini/settings.json',
      `{ // comments are theirs to make
      "mcpServers": { "github": { "command": "npx", "args": ["-y", "@example/github-mcp"] },
        "events": { "url": "https://events.example/sse" }, "docs": { "httpUrl": "https://docs.example/mcp/" }, }, }`,
    );
    expect(servers({ PATH: '' })).toEqual([
      {
        target: 'npx -y @example/github-mcp',
        names: ['github', 'gh'],
        transport: 'stdio',
        sources: ['claude', 'codex', 'gemini'],
      },
      {
        target: 'https://docs.example/mcp',
        names: ['docs'],
        transport: 'http',
        sources: ['claude', 'gemini'],
      },
      { target: '~/bin/serve --port 1', names: ['local'], transport: 'stdio', sources: ['claude'] },
      { target: 'https://events.example/sse', names: ['events'], transport: 'sse', sources: ['gemini'] },
    ]);
    expect(JSON.stringify(found())).not.toMatch(/ghp_secret|abc/);
  });

  it.each<[string, string, string | object]>([
    ['opencode', '.config/opencode/opencode.json', { mcp: { s: { type: 'local', command: ['run', 'it'] } } }],
    ['crush', '.config/crush/crush.json', { mcp: { s: { type: 'stdio', command: 'run', args: ['it'] } } }],
    ['cursor', '.cursor/mcp.json', { mcpServers: { s: { command: 'run', args: ['it'] } } }],
    [
      'windsurf',
      '.codeium/windsurf/mcp_config.json',
      { mcpServers: { s: { command: 'run', args: ['it'] } } },
    ],
    [
      'zed',
      '.config/zed/settings.json',
      { context_servers: { s: { command: { path: 'run', args: ['it'] } } } },
    ],
    ['claude', '.claude/settings.json', { mcpServers: { s: { command: 'run', args: ['it'] } } }],
  ])('in the files of %s', (app, file, text) => {
    write(file, text);
    expect(servers()).toEqual([{ target: 'run it', names: ['s'], transport: 'stdio', sources: [app] }]);
    expect(found()[0]).toMatchObject({ type: 'app', target: app, sources: [`~/${file}`] });
  });

  it('where variables say that files are elsewhere', () => {
    write('other/config.toml', '[mcp_servers.a]\nurl = "https://a.example"\n');
    write('claude/.claude.json', { mcpServers: { b: { url: 'https://b.example' } } });
    const env = { CODEX_HOME: path.join(home, 'other'), CLAUDE_CONFIG_DIR: path.join(home, 'claude') };
    expect(servers(env).map(({ target }) => target)).toEqual(['https://b.example', 'https://a.example']);
  });

  it('an app by its program alone, with the version of its package, unrun', () => {
    write('lib/codex/package.json', { name: 'codex', version: '0.171.0' });
    write('lib/codex/bin/codex.js', '#!/bin/sh\nexit 1\n', 0o755);
    mkdirSync(path.join(home, 'bin'));
    symlinkSync(path.join(home, 'lib/codex/bin/codex.js'), path.join(home, 'bin/codex'));
    expect(found({ PATH: `/nonexistent:${path.join(home, 'bin')}` })).toEqual([
      {
        type: 'app',
        target: 'codex',
        names: ['Codex CLI'],
        transport: '',
        version: '0.171.0',
        sources: ['~/bin/codex'],
      },
    ]);
  });

  it.each(['{"mcpServers":', '[]', '{"mcpServers":[1]}', '{"mcpServers":{"x":null,"y":{"args":[1]}}}'])(
    'a file that says nothing (%s) breaks nothing',
    (text) => {
      write('.cursor/mcp.json', text);
      write('.codex/config.toml', 'a = = 1');
      expect(servers()).toEqual([]);
    },
  );
});

describe('secrets', () => {
  it.each<[string[], string]>([
    [['npx', 'srv', '--api-key', 'abc'], 'npx srv --api-key ***'],
    [['npx', 'srv', '--token=abc'], 'npx srv --token=***'],
    [['env', 'GITHUB_TOKEN=ghp_x', 'srv'], 'env GITHUB_TOKEN=*** srv'],
    [['srv', 'sk-ant-api03-xyz'], 'srv ***'],
    [
      ['mcp-remote', 'https://u:p@h.example/sse?key=1', '--header', 'Authorization: x'],
      'mcp-remote https://h.example/sse --header ***',
    ],
    [['srv', 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFi'], 'srv ***'],
    [
      ['docker', 'run', '-i', '--rm', 'ghcr.io/example/server:1.2'],
      'docker run -i --rm ghcr.io/example/server:1.2',
    ],
    [['/home/ada/bin/x', '/home/adam/y'], '~/bin/x /home/adam/y'],
  ])('in a command are not told: %j', ([command, ...args], shown) => {
    expect(maskedCommand(command!, args, '/home/ada')).toBe(shown);
  });

  it('in an address are not told', () => {
    expect(maskedUrl('https://user:pw@h.example:8443/a/b/?token=x#y')).toBe('https://h.example:8443/a/b');
    expect(maskedUrl('https://h.example/s/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFi/mcp')).toBe(
      'https://h.example/s/***/mcp',
    );
    expect(maskedUrl('no address')).toBe('***');
  });
});
