// Status lines as uWS wants them: code and reason phrase.
import { STATUS_CODES } from 'node:http';

const LINES: ReadonlyMap<number, string> = new Map<number, string>([
  ...Object.entries(STATUS_CODES).map(([code, phrase]): [number, string] => [
    Number(code),
    `${code} ${phrase}`,
  ]),
  [529, '529 Overloaded'],
]);

/** `429 Too Many Requests`; a code nobody named gets `599 Unknown`'s form. */
export function statusLine(status: number): string {
  return LINES.get(status) ?? `${status} Unknown`;
}
