// A log line for a person at a terminal: what a pipe gets as JSON, on one line, the fields that matter first. Only the
// terminal's own process pays for it; text from outside never reaches the terminal unescaped.
import type { LogFormat } from '../contracts/log-config.ts';

/** Whether lines are to be readable. @param terminal the destination is one. */
export function wantsReadable(format: LogFormat, terminal: boolean): boolean {
  return format === 'auto' ? terminal : format === 'pretty';
}

const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 32, warn: 33, error: 31, fatal: 35 };
/** Said elsewhere on the line, or of use to programs only. */
const HIDDEN: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'worker', 'role', 'pid']);

/**
 * One JSON line as text, line break included. What is no JSON object stays as it is.
 * @param colour with terminal colours
 */
export function readableLine(line: string, colour: boolean): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const level = String(fields['level'] ?? '');
  const paint = (text: string, code: number | undefined): string =>
    colour && code !== undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
  const who = fields['worker'] === undefined ? String(fields['role'] ?? '') : `worker ${fields['worker']}`;
  const head = `${paint(timeOf(fields['time']), 90)} ${paint(level.toUpperCase().padEnd(5), COLOURS[level])} ${who.padEnd(8)} `;
  const text = fields['msg'] === 'request' ? requestText(fields) : noticeText(fields);
  return `${head}${text}\n`;
}

/** Of a line about anything but a request: the message, then every field. */
function noticeText(fields: Record<string, unknown>): string {
  const rest = Object.entries(fields).filter(([name]) => !HIDDEN.has(name));
  return [plain(fields['msg']), ...rest.map(([name, value]) => `${name}=${valueText(value)}`)].join('  ');
}

/** Of a call: how it ended, what was asked of whom, how long it took and what it cost in tokens. */
function requestText(fields: Record<string, unknown>): string {
  const { status, method, route, model, provider, error, usage, timing, id, client } = fields;
  const parts = [`${plain(status)} ${plain(method)} ${plain(route)}`];
  if (model !== undefined) parts.push(plain(model));
  if (provider !== undefined) parts.push(`at ${plain(provider)}`);
  if (error !== undefined) parts.push(plain(error));
  const total = memberOf(timing, 'total');
  if (total !== undefined) parts.push(`${plain(total)} ms`);
  const [input, output] = [memberOf(usage, 'input'), memberOf(usage, 'output')];
  if (input !== undefined || output !== undefined)
    parts.push(`${plain(input ?? '?')} in, ${plain(output ?? '?')} out`);
  if (client !== undefined) parts.push(`by ${plain(client)}`);
  parts.push(plain(id));
  return parts.join('  ');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Hours to milliseconds, of this machine's zone. */
function timeOf(value: unknown): string {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) return '';
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);
  return escaped(JSON.stringify(value) ?? 'undefined');
}

function plain(value: unknown): string {
  return escaped(String(value ?? ''));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

/** Control characters as JSON writes them; those of C1 too, which terminals obey as well. */
function escaped(text: string): string {
  return text.replace(CONTROL, (at) => `\\u${at.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
