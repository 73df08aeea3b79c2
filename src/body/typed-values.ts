// Reads one value of a stated type at a scanner's cursor; a value of another type is a 400 that names the field.
// `null` stands for "not given" wherever OpenAI's API allows it.
import type { WrongValue } from '../contracts/body.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonScanner } from './json-scanner.ts';

const QUOTE = 0x22;
/** More names than this in one list is a mistake, not a plan. */
const MAX_NAMES = 32;

/** Takes a string that is not null. */
export function readString(scanner: JsonScanner, body: Buffer, param: string): string {
  const start = scanner.at;
  const first = scanner.peek();
  scanner.value(1);
  if (first !== QUOTE) refuse(param, `${param} must be a string.`);
  return textOf(scanner, body, start, scanner.at);
}

/** Takes any value. @returns a string that is not empty; null for whatever else. */
export function readText(scanner: JsonScanner, body: Buffer, depth: number): string | null {
  const start = scanner.at;
  const first = scanner.peek();
  scanner.value(depth);
  return first === QUOTE && scanner.at - start > 2 ? textOf(scanner, body, start, scanner.at) : null;
}

/** Takes a boolean; null counts as false. */
export function readBoolean(scanner: JsonScanner, param: string): boolean {
  const first = scanner.peek();
  scanner.value(1);
  if (first !== 0x74 && first !== 0x66 && first !== 0x6e) refuse(param, `${param} must be a boolean.`);
  return first === 0x74;
}

/** Takes a whole number from 0 to 2^53 - 1, or null. */
export function readCount(scanner: JsonScanner, body: Buffer, param: string): number | null {
  const start = scanner.at;
  const first = scanner.peek();
  scanner.value(1);
  if (first === 0x6e) return null;
  const number = first >= 0x30 && first <= 0x39 ? Number(body.toString('latin1', start, scanner.at)) : -1;
  if (!Number.isSafeInteger(number) || number < 0) {
    refuse(param, `${param} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  }
  return number;
}

/**
 * Takes any value and reads it as a list of strings, or null. What is of another type is told and not refused: it may be
 * meant for someone else. @throws GatewayError for a list of strings with an empty one, or with too many
 */
export function readStrings(scanner: JsonScanner, body: Buffer, param: string): string[] | WrongValue | null {
  const first = scanner.peek();
  if (first !== 0x5b) {
    scanner.value(1);
    return first === 0x6e ? null : { param, message: `${param} must be a list of strings.` };
  }
  const strings: string[] = [];
  let wrong: WrongValue | null = null;
  let empty = -1;
  let count = 0;
  scanner.items(2, () => {
    const start = scanner.at;
    const quote = scanner.peek();
    scanner.value(2);
    const index = count++;
    if (quote !== QUOTE) wrong ??= emptyOrNoString(param, index);
    else if (scanner.at - start === 2 && empty === -1) empty = index;
    else if (strings.length < MAX_NAMES) strings.push(textOf(scanner, body, start, scanner.at));
  });
  if (wrong !== null) return wrong;
  if (empty !== -1) {
    const { param: item, message } = emptyOrNoString(param, empty);
    refuse(item, message);
  }
  if (count > MAX_NAMES) refuse(param, `${param} holds more than ${MAX_NAMES} names.`);
  return strings;
}

function emptyOrNoString(param: string, index: number): WrongValue {
  const item = `${param}[${index}]`;
  return { param: item, message: `${item} must be a string that is not empty.` };
}

/** The key that scanner.key() has just taken; its string began at `keyAt`. */
export function readKey(scanner: JsonScanner, body: Buffer, keyAt: number): string {
  return textOf(scanner, body, keyAt, scanner.keyEnd);
}

/** Refuses a request for one of its fields. */
export function refuse(param: string, message: string): never {
  throw new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param });
}

// The string body[start, end), quotes included, is the last one the scanner has taken.
function textOf(scanner: JsonScanner, body: Buffer, start: number, end: number): string {
  return scanner.escaped
    ? (JSON.parse(body.toString('utf8', start, end)) as string)
    : body.toString('utf8', start + 1, end - 1);
}
