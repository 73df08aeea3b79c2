// Two numbers out of a page in Prometheus' text format: requests that wait, and that are being answered. Series of one name (models, ranks)
// are added up.
import type { ServerLoad } from '../contracts/load-signal.ts';

/** @param waiting, running names, of which the first that the page has counts. @throws Error when it has none of `waiting`. */
export function readPage(page: string, waiting: readonly string[], running: readonly string[]): ServerLoad {
  const waits = firstOf(page, waiting);
  if (waits === null) throw new Error('its metrics say nothing of waiting requests');
  return { waiting: waits, running: firstOf(page, running) ?? 0 };
}

function firstOf(page: string, names: readonly string[]): number | null {
  for (const name of names) {
    const sum = sumOf(page, name);
    if (sum !== null) return sum;
  }
  return null;
}

/** Null: there is no such series. */
function sumOf(page: string, name: string): number | null {
  let sum: number | null = null;
  for (let at = page.indexOf(name); at >= 0; at = page.indexOf(name, at + 1)) {
    const begins = at === 0 || page[at - 1] === '\n';
    const next = page[at + name.length];
    if (!begins || (next !== '{' && next !== ' ')) continue;
    const lineEnd = page.indexOf('\n', at);
    const line = page.slice(at + name.length, lineEnd < 0 ? undefined : lineEnd);
    // Behind the labels, whose values may hold anything.
    const [value] = line
      .slice(line.lastIndexOf('}') + 1)
      .trim()
      .split(' ');
    const number = Number(value);
    if (value !== '' && Number.isFinite(number)) sum = (sum ?? 0) + number;
  }
  return sum;
}
