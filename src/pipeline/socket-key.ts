// Subprotocols that a client of a WebSocket offers. A browser can set no header there: OpenAI's SDK puts the key among them.

const KEY = 'openai-insecure-api-key.';

/** The key among them; '' = there is none. */
export function keyOfProtocols(value: string | undefined): string {
  if (value === undefined || !value.includes(KEY)) return '';
  const found = listed(value).find((name) => name.startsWith(KEY));
  return found === undefined ? '' : found.slice(KEY.length);
}

/** Those that are no credentials. */
export function offeredProtocols(value: string | undefined): string[] {
  return value === undefined ? [] : listed(value).filter((name) => !name.startsWith(KEY));
}

const listed = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
