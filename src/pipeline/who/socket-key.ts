// Subprotocols that a client of a WebSocket offers. A browser can set no header there: OpenAI's SDK puts the key among them.

const KEY = 'openai-insecure-api-key.';
/** Before a ticket for the chat socket. */
export const TICKET_PROTOCOL = 'headgate-ticket.';

/** The key among them; '' = there is none. */
export function keyOfProtocols(value: string | undefined): string {
  if (value === undefined || !value.includes(KEY)) return '';
  const found = listed(value).find((name) => name.startsWith(KEY));
  return found === undefined ? '' : found.slice(KEY.length);
}

/** Those that are no credentials. */
export function offeredProtocols(value: string | undefined): string[] {
  return value === undefined ? [] : listed(value).filter((name) => !isSecret(name));
}

/** The one that is spoken: the first that is no credential, else the first. A client that offered some wants one back. '' = it offered none. */
export function chosenProtocol(value: string | undefined): string {
  return offeredProtocols(value)[0] ?? (value === undefined ? '' : (listed(value)[0] ?? ''));
}

const isSecret = (name: string): boolean => name.startsWith(KEY) || name.startsWith(TICKET_PROTOCOL);

const listed = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
