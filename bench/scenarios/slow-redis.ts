// Starts a slow way to a Redis beside the load.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./slow-proxy.ts', import.meta.url));

export interface SlowRedis {
  url: string;
  stop(): void;
}

/** @param delayMs of a round trip */
export async function startSlowRedis(
  url: string,
  delayMs: number,
  cores: readonly number[],
): Promise<SlowRedis> {
  const near = new URL(url);
  const args = ['-c', cores.join(','), process.execPath, SCRIPT, near.port || '6379', String(delayMs)];
  const child = spawn('taskset', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line)));
      child.once('exit', () => reject(new Error('the slow way to Redis ended before it listened')));
      child.once('error', reject);
    });
    const far = new URL(url);
    far.port = String(port);
    return { url: far.href, stop: () => void child.kill('SIGKILL') };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
