// HTTP facts as bounded label values.

const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** `2xx` for 200; `none` when there was no status at all. */
export function statusClass(status: number): string {
  return CLASSES[Math.floor(status / 100)] ?? 'none';
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** The method when it is one of HTTP's own; a client may send any word. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : '_other';
}
