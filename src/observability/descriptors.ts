// File descriptors of this process: how many the system lets it have and how many it has open. Linux only; elsewhere
// both are unknown. Used by http/descriptor-gate, process-meter and cluster/reporter.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { measured } from './measured.ts';

/** Descriptors this process may have: node has raised the soft limit to the hard one at its start. Null = unknown. */
export function readDescriptorLimit(): number | null {
  return measured(() => parseDescriptorLimit(readFileSync('/proc/self/limits', 'latin1')), null);
}

/** The soft limit in the text of /proc/self/limits; null when there is none. */
export function parseDescriptorLimit(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** Before Linux 6.2 counting means listing them: some thousands are listed only once in so many looks. */
const LIST_CHEAP = 2_000;
const LOOKS_A_LIST = 30;

/** @returns a counter of open descriptors, to be asked about once a second; null = unknown. */
export function createDescriptorCount(): () => number | null {
  let known: number | null = null;
  let looks = 0;
  return () => {
    const size = measured(() => statSync('/proc/self/fd').size, 0);
    if (size > 0) return size;
    if (known === null || known < LIST_CHEAP || looks++ % LOOKS_A_LIST === 0) {
      // One of them is the listing's own. Out of descriptors there is none to list with: the last count stands.
      known = measured(() => readdirSync('/proc/self/fd').length - 1, known);
    }
    return known;
  };
}
