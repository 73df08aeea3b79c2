// `headgate …` as a person runs it, in a folder and an environment of the test's.
import { spawn } from 'node:child_process';
import { PROGRAM } from './program.ts';

export interface CommandRun {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
  /** What stands on its stdout so far. */
  out(): string;
}

/** @param env beside `PATH` and `HOME` of the test itself */
export function headgate(args: readonly string[], cwd: string, env: Record<string, string> = {}): CommandRun {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    err += piece.toString();
  });
  return {
    pid: child.pid!,
    out: () => out,
    ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err }))),
  };
}
