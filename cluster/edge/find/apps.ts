// Apps that speak to models: by which programs and files each is seen to be here, and where it keeps its MCP servers.
import path from 'node:path';
import type { Surroundings } from '../setup/agent-files.ts';
import { jsonServers, jsonServersAt, type ServerReader, tomlServers } from './servers.ts';

export interface KnownApp {
  readonly app: string;
  readonly title: string;
  /** On PATH. */
  readonly programs: readonly string[];
  /** Files of its own: one that is there shows the app to be here. */
  files(where: Surroundings): readonly AppFile[];
}

export interface AppFile {
  readonly file: string;
  /** Null: no MCP servers stand there. */
  readonly servers: ServerReader | null;
}

/** Where programs keep what is theirs, on each system. */
function applicationData({ home, env }: Surroundings): string {
  if (process.platform === 'darwin') return path.join(home, 'Library/Application Support');
  if (process.platform === 'win32') return env['APPDATA'] ?? path.join(home, 'AppData/Roaming');
  return env['XDG_CONFIG_HOME'] ?? path.join(home, '.config');
}
const config = ({ home, env }: Surroundings, file: string): string =>
  path.join(env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), file);
const at = (file: string, servers: ServerReader | null = jsonServers): AppFile => ({ file, servers });

export const KNOWN_APPS: readonly KnownApp[] = [
  {
    app: 'claude',
    title: 'Claude Code',
    programs: ['claude'],
    files: ({ home, env }) => {
      const folder = env['CLAUDE_CONFIG_DIR'];
      return [
        at(folder === undefined ? path.join(home, '.claude.json') : path.join(folder, '.claude.json')),
        at(path.join(folder ?? path.join(home, '.claude'), 'settings.json')),
      ];
    },
  },
  {
    app: 'claude-desktop',
    title: 'Claude Desktop',
    programs: [],
    files: (where) => [at(path.join(applicationData(where), 'Claude/claude_desktop_config.json'))],
  },
  {
    app: 'codex',
    title: 'Codex CLI',
    programs: ['codex'],
    files: ({ home, env }) => [
      at(path.join(env['CODEX_HOME'] ?? path.join(home, '.codex'), 'config.toml'), tomlServers),
    ],
  },
  {
    app: 'gemini',
    title: 'Gemini CLI',
    programs: ['gemini'],
    files: ({ home }) => [at(path.join(home, '.gemini/settings.json'))],
  },
  {
    app: 'opencode',
    title: 'OpenCode',
    programs: ['opencode'],
    files: (where) => [
      at(config(where, 'opencode/opencode.json'), jsonServersAt('mcp')),
      at(config(where, 'opencode/opencode.jsonc'), jsonServersAt('mcp')),
    ],
  },
  {
    app: 'crush',
    title: 'Crush',
    programs: ['crush'],
    files: (where) => [at(config(where, 'crush/crush.json'), jsonServersAt('mcp'))],
  },
  {
    app: 'cursor',
    title: 'Cursor',
    programs: ['cursor', 'cursor-agent'],
    files: ({ home }) => [at(path.join(home, '.cursor/mcp.json'))],
  },
  {
    app: 'vscode',
    title: 'Visual Studio Code',
    programs: ['code'],
    files: (where) => [
      at(path.join(applicationData(where), 'Code/User/mcp.json'), jsonServersAt('servers')),
      // Until it had a file for them.
      at(path.join(applicationData(where), 'Code/User/settings.json'), jsonServersAt('mcp', 'servers')),
    ],
  },
  {
    app: 'windsurf',
    title: 'Windsurf',
    programs: ['windsurf'],
    files: ({ home }) => [at(path.join(home, '.codeium/windsurf/mcp_config.json'))],
  },
  {
    app: 'zed',
    title: 'Zed',
    programs: ['zed'],
    files: (where) => [at(config(where, 'zed/settings.json'), jsonServersAt('context_servers'))],
  },
  {
    app: 'aider',
    title: 'aider',
    programs: ['aider'],
    files: ({ home }) => [at(path.join(home, '.aider.conf.yml'), null)],
  },
];
