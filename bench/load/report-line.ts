// What a generator process says on stdout, one line each: the window opens, closes, and what it saw.
import type { Marks } from './unary-run.ts';

export const BEGIN = 'begin';
export const END = 'end';
export const RESULT = 'result';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export const sayMarks: Marks = { begin: () => say(BEGIN), end: () => say(END) };

export function sayResult(result: object): void {
  say(`${RESULT} ${JSON.stringify(result)}`);
}
