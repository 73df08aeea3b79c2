// What several test files need and the first of them makes (an environment of Python, a program of npm): the files run in
// processes of their own, and two that make it at once break each other's. SQLite holds the lock: synchronous, with a wait, and
// given up by the kernel if its holder dies.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Longest wait for another's turn, ms: one that gets its packages from a slow registry. */
const WAIT_MS = 400_000;

/**
 * Runs `make` while no other process does so for the same name.
 * @param name path of what is made; `<name>.lock` beside it stays.
 * @throws what `make` throws; "database is locked" behind 400 s.
 */
export function oneAtATime<T>(name: string, make: () => T): T {
  mkdirSync(path.dirname(name), { recursive: true });
  const lock = new DatabaseSync(`${name}.lock`);
  try {
    lock.exec(`PRAGMA busy_timeout = ${WAIT_MS}; BEGIN EXCLUSIVE`);
    return make();
  } finally {
    lock.close();
  }
}
