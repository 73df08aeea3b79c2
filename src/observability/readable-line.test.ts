import { expect, test } from 'vitest';
import { readableLine, wantsReadable } from './readable-line.ts';

const time = '2026-11-29T04:55:26.895Z';
const clock = (text: string) => text.replace(/^\d\d:\d\d:\d\d\.\d{3} /, '<time> ');
const read = (fields: object) =>
  clock(readableLine(`${JSON.stringify({ level: 'info', time, ...fields })}\n`, false));

test('auto is readable on a terminal only', () => {
  expect([wantsReadable('auto', true), wantsReadable('auto', false)]).toEqual([true, false]);
  expect([wantsReadable('json', true), wantsReadable('pretty', false)]).toEqual([false, true]);
});

test('a call is one line: how it ended, what was asked of whom, how long it took, its tokens', () => {
  const fields = {
    worker: 0,
    id: 'req_1',
    route: '/v1/chat/completions',
    method: 'POST',
    status: 200,
    client: 'key-1',
    model: 'oa/ok',
    provider: 'oa',
    attempts: [{ provider: 'oa' }],
    usage: { input: 12, output: 8 },
    timing: { total: 3.04 },
    msg: 'request',
  };
  expect(read(fields)).toBe(
    '<time> INFO  worker 0 200 POST /v1/chat/completions  oa/ok  at oa  3.04 ms  12 in, 8 out  by key-1  req_1\n',
  );
  const {
    usage: _,
    model: __,
    provider: ___,
    ...refused
  } = { ...fields, status: 401, error: 'GW_CLIENT_AUTH' };
  expect(read(refused)).toBe(
    '<time> INFO  worker 0 401 POST /v1/chat/completions  GW_CLIENT_AUTH  3.04 ms  by key-1  req_1\n',
  );
});

test('any other line is its message and all of its fields', () => {
  const line = read({
    level: 'warn',
    role: 'primary',
    pid: 7,
    port: 8080,
    why: 'two words',
    msg: 'port changed',
  });
  expect(line).toBe('<time> WARN  primary  port changed  port=8080  why="two words"\n');
});

test('text from outside cannot steer the terminal or begin a line of its own', () => {
  const line = read({ msg: 'request', status: 200, model: 'a\n\u001b[2Jb\u009b', id: 'x' });
  expect(line).toContain('a\\u000a\\u001b[2Jb\\u009b');
  const deep = read({ msg: 'm', deep: { '\u001b': 1, b: '\u009b' } });
  for (const control of ['\u001b', '\u009b']) expect(deep).not.toContain(control);
  expect(line.split('\n')).toHaveLength(2);
});

test('colours only where asked for; what is no JSON stays as it is', () => {
  const line = JSON.stringify({ level: 'error', time, msg: 'm' });
  expect(readableLine(line, true)).toContain('\u001b[31mERROR\u001b[0m');
  expect(readableLine(line, false)).not.toContain('\u001b');
  expect(readableLine('plain\n', true)).toBe('plain\n');
});
