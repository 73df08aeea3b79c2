// MCP servers in the configuration files of apps: each app spells them its own way.
import { parse as parseJson } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { maskedCommand, maskedUrl } from './masked.ts';

export interface FoundServer {
  /** As the app knows it. */
  readonly name: string;
  readonly transport: 'stdio' | 'http' | 'sse';
  /** Secrets taken out. */
  readonly target: string;
}

type Table = Readonly<Record<string, unknown>>;
export type ServerReader = (text: string, home: string) => FoundServer[];

const tableOf = (value: unknown): Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}; // as was just asked

function jsonOf(text: string): Table {
  return tableOf(parseJson(text, [], { allowTrailingComma: true, allowEmptyContent: true }));
}

function tomlOf(text: string): Table {
  try {
    return parseToml(text);
  } catch {
    // The app cannot read it either.
    return {};
  }
}

/** Under `mcpServers`, and under those of Claude Code's projects. */
export const jsonServers: ServerReader = (text, home) => {
  const whole = jsonOf(text);
  const projects = Object.values(tableOf(whole['projects'])).map(tableOf);
  return [whole, ...projects].flatMap((one) => serversIn(one['mcpServers'], home));
};
/** Under another member, or one within it. */
export const jsonServersAt =
  (...members: readonly string[]): ServerReader =>
  (text, home) =>
    serversIn(
      members.reduce<unknown>((here, member) => tableOf(here)[member], jsonOf(text)),
      home,
    );
export const tomlServers: ServerReader = (text, home) => serversIn(tomlOf(text)['mcp_servers'], home);

function serversIn(value: unknown, home: string): FoundServer[] {
  return Object.entries(tableOf(value)).flatMap(([name, entry]) => {
    const found = serverOf(tableOf(entry), home);
    return found === null ? [] : [{ name: name.slice(0, 128), ...found }];
  });
}

function serverOf(entry: Table, home: string): Omit<FoundServer, 'name'> | null {
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const url = [entry['url'], entry['httpUrl'], entry['serverUrl']].find((one) => typeof one === 'string');
  if (typeof url === 'string') {
    // Gemini CLI: `url` is one that speaks SSE, `httpUrl` one that does not.
    const sse = entry['type'] === 'sse' || entry['transport'] === 'sse' || /\/sse\/?$/.test(url);
    return { transport: sse ? 'sse' : 'http', target: maskedUrl(url) };
  }
  // OpenCode has command and arguments as one list, Zed has them as a table.
  const command = entry['command'];
  const parts = Array.isArray(command)
    ? texts(command)
    : typeof command === 'string'
      ? [command, ...texts(entry['args'])]
      : typeof tableOf(command)['path'] === 'string'
        ? [String(tableOf(command)['path']), ...texts(tableOf(command)['args'])]
        : [];
  const [program, ...args] = parts;
  if (program === undefined || program === '') return null;
  return { transport: 'stdio', target: maskedCommand(program, args, home) };
}
