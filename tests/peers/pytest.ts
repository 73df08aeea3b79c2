// Runs pytest and reads what came of it.
import { spawn } from 'node:child_process';

export interface PytestRun {
  status: number | null;
  output: string;
  passed: number;
}

/** @param env Besides PATH; nothing else of ours is handed on. */
export function runPytest(
  python: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<PytestRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-m', 'pytest', '-q', '--tb=short', ...args], {
      cwd,
      env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (piece: Buffer): void => void (output += piece.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({ status, output, passed: Number(/(\d+) passed/.exec(output)?.[1] ?? 0) }),
    );
  });
}
