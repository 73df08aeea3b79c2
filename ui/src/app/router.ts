// The address is the state: which page, which filters, which drawer. Paths are below /ui.
import { computed, signal } from '@preact/signals';

const BASE = '/ui';

const href = signal(location.pathname + location.search);

addEventListener('popstate', () => {
  href.value = location.pathname + location.search;
});

/** Path below /ui, such as `/logs` or `/keys/key_1`. */
export const path = computed(() => {
  const whole = href.value.split('?', 1)[0]!;
  const rest = whole.startsWith(BASE) ? whole.slice(BASE.length) : whole;
  return rest === '' ? '/' : rest.length > 1 ? rest.replace(/\/+$/, '') : rest;
});

export const query = computed(() => new URLSearchParams(href.value.split('?')[1] ?? ''));

/** What is in the address of a place of the page. */
export function addressOf(to: string): string {
  return BASE + to;
}

/** @param replace the place before is not to be come back to: a filter while it is typed */
export function go(to: string, { replace = false } = {}): void {
  const next = addressOf(to);
  if (next === href.peek()) return;
  if (replace) history.replaceState(null, '', next);
  else history.pushState(null, '', next);
  href.value = next;
  if (!replace && to.split('?', 1)[0] !== path.peek()) scrollTo(0, 0);
}

/** Changes parameters of the address; null takes one away. The rest stays. */
export function setQuery(
  changes: Readonly<Record<string, string | null>>,
  options = { replace: false },
): void {
  go(path.peek() + withQuery(query.peek(), changes), options);
}

/** `?a=b`, or '' when nothing is left. */
export function withQuery(from: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(from);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}

/** What every page shares: the range of time goes along from page to page. */
export const SHARED = ['from', 'to', 'compare'] as const;

/** Address of a page with the range of time that is looked at now. */
export function placeOf(to: string, more: Readonly<Record<string, string>> = {}): string {
  const kept = new URLSearchParams();
  for (const name of SHARED) {
    const value = query.value.get(name);
    if (value !== null) kept.set(name, value);
  }
  return to + withQuery(kept, more);
}
