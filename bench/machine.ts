// Facts about the machine that a reader of numbers needs, and nothing that tells whose machine it is.
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { uwsVersion } from './installed.ts';
import type { MachineFacts } from './result.ts';

export function machineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    // Distributions and clouds append names of their own to the version.
    kernel: /^\d+(\.\d+)*/.exec(release())?.[0] ?? release(),
    node: process.version,
    uws: uwsVersion() ?? 'unknown',
    commit: commit(),
  };
}

function commit(): string | null {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === null) return null;
  return git('status', '--porcelain', '--untracked-files=no', 'src', 'workers', 'cluster', 'gatehouse') === ''
    ? hash
    : `${hash}+`;
}
