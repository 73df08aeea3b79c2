// What is found on this machine, as it is told to the centre: apps, and MCP servers that they are told of. Files are read, never written, and
// no program is run.
import { statSync } from 'node:fs';
import { EDGE_LIMITS, type EdgeFinding } from '../../../src/contracts/edge.ts';
import { onPath, packageVersion } from './on-path.ts';
import type { Surroundings } from '../setup/agent-files.ts';
import { readIfThere } from '../setup/plain-file.ts';
import { KNOWN_APPS, type KnownApp } from './apps.ts';
import type { FoundServer } from './servers.ts';

/** A configuration file is smaller. */
const MAX_BYTES = 32 * 1024 * 1024;

export function findHere(where: Surroundings): EdgeFinding[] {
  const servers = new Map<string, { server: FoundServer; names: Set<string>; apps: Set<string> }>();
  const apps: EdgeFinding[] = [];
  for (const known of KNOWN_APPS) {
    const { finding, found } = lookAt(known, where);
    if (finding !== null) apps.push(finding);
    for (const server of found) {
      const id = `${server.transport} ${server.target}`;
      const entry = servers.get(id) ?? { server, names: new Set(), apps: new Set() };
      entry.names.add(server.name);
      entry.apps.add(known.app);
      servers.set(id, entry);
    }
  }
  const listed = [...servers.values()].map(
    ({ server, names, apps: by }): EdgeFinding => ({
      type: 'server',
      target: server.target,
      names: [...names],
      transport: server.transport,
      version: '',
      sources: [...by],
    }),
  );
  return [...apps, ...listed].slice(0, EDGE_LIMITS.findings);
}

function lookAt(
  { app, title, programs, files }: KnownApp,
  where: Surroundings,
): { finding: EdgeFinding | null; found: FoundServer[] } {
  const program = programs.map((one) => onPath(one, where.env['PATH'] ?? '')).find((one) => one !== null);
  const here = files(where).flatMap(({ file, servers }) => {
    const text = readable(file);
    return text === null ? [] : [{ file, servers: servers?.(text, where.home) ?? [] }];
  });
  if (program === undefined && here.length === 0) return { finding: null, found: [] };
  const sources = [...(program === undefined ? [] : [program]), ...here.map(({ file }) => file)];
  return {
    finding: {
      type: 'app',
      target: app,
      names: [title],
      transport: '',
      version: program === undefined ? '' : packageVersion(program),
      sources: sources.map((one) => shortened(one, where.home)),
    },
    found: here.flatMap(({ servers }) => servers),
  };
}

function readable(file: string): string | null {
  try {
    if (statSync(file).size > MAX_BYTES) return null;
    return readIfThere(file);
  } catch {
    // Not there, or not ours to read.
    return null;
  }
}

function shortened(file: string, home: string): string {
  return (file.startsWith(home) && home !== '/' ? `~${file.slice(home.length)}` : file).slice(0, 1_024);
}
