// Where the edge keeps what is its own on this machine.
import { homedir } from 'node:os';
import path from 'node:path';
import type { Surroundings } from './setup/agent-files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `HEADGATE_EDGE_DIR`, else `~/.headgate/edge`. */
export function edgeFolder(env: Environment): string {
  return env['HEADGATE_EDGE_DIR'] ?? path.join(homeOf(env), '.headgate/edge');
}

export function surroundings(env: Environment): Surroundings {
  return { home: homeOf(env), env };
}

const homeOf = (env: Environment): string => env['HOME'] ?? env['USERPROFILE'] ?? homedir();
