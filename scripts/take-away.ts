// Takes away what a build made, beside others that do so and gateways that run.
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** Nobody builds for so long. */
const LEFT_MS = 3_600_000;

/** At once, under its name: what another puts in its place meanwhile stays whole. */
export function takeAway(folder: string): void {
  const old = `${folder}.old.${process.pid}`;
  // Of a process before this one that was ended here: in containers they have the same few numbers.
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(folder, old);
  } catch (error) {
    // Never there, or another took it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Of those that were ended while they built, `NAME.PID`. */
export function takeLeft(folder: string): void {
  for (const name of readdirSync(folder)) {
    const whole = path.join(folder, name);
    if (!/^\w+(?:\.old)?\.\d+$/.test(name)) continue;
    // Another may do the same.
    const at = statSync(whole, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (at < Date.now() - LEFT_MS) rmSync(whole, { recursive: true, force: true });
  }
}

/**
 * Of bundles named by their content.
 *
 * @param name stays. @param more of those before it, too; besides, where it is not 0, those that run: a worker that dies is forked anew from there.
 */
export function prune(quick: string, name: string, more: number): void {
  const others = readdirSync(quick)
    .filter((other) => /^[0-9a-f]{16}$/.test(other) && other !== name)
    // Another may prune, too.
    .map((other) => ({
      other,
      at: statSync(path.join(quick, other), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.at - a.at)
    .slice(more);
  // What is published holds one.
  const lines = more === 0 || others.length === 0 ? [] : commandLines();
  for (const { other } of others) {
    const folder = path.join(quick, other);
    if (!lines.some((line) => line.includes(`${folder}${path.sep}`)))
      rmSync(folder, { recursive: true, force: true });
  }
  takeLeft(quick);
}

/**
 * The command lines of all processes, as far as they can be read.
 *
 * @returns empty where the system has no /proc
 */
function commandLines(): string[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          // It ended meanwhile.
          return '';
        }
      });
  } catch {
    return [];
  }
}
