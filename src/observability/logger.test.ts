import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { createLogger, type LoggerOptions } from './logger.ts';
import { createSecretMask } from './redact.ts';

let folder: string;
let file: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-log-'));
  file = join(folder, 'out');
  fd = openSync(file, 'w');
});
afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const open = (options: Partial<LoggerOptions> = {}) =>
  createLogger({ level: 'info', destination: fd, ...options });
const lines = (): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('logger', () => {
  it('writes one JSON line per call with level, time, base fields and message', () => {
    const log = open({ base: { worker: 3 } });
    log.warn({ lane: 'openai' }, 'lane is full');
    log.debug({}, 'not at this level');
    log.flushSync();
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        worker: 3,
        lane: 'openai',
        msg: 'lane is full',
      },
    ]);
  });

  it('writes readable lines where asked to, redacted like any other and without colours in a file', () => {
    const log = open({ format: 'pretty', base: { worker: 3 } });
    log.maskWith(createSecretMask(['our-own-secret-key']));
    log.warn({ said: 'our-own-secret-key' }, 'lane is full');
    log.flushSync();
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^[\d:.]+ WARN {2}worker 3 lane is full {2}said=.*\n$/);
    expect(text).not.toContain('our-own-secret-key');
  });

  it('is JSON in a file when the format is left to the destination', () => {
    const log = open({ format: 'auto' });
    log.info({}, 'started');
    log.flushSync();
    expect(lines()[0]).toMatchObject({ msg: 'started' });
  });

  it('gives child lines the fields of the child', () => {
    const log = open();
    log.child({ part: 'supervisor' }).info({ pid: 1 }, 'started');
    log.flushSync();
    expect(lines()[0]).toMatchObject({ part: 'supervisor', pid: 1 });
  });

  it('redacts credentials and our own keys in messages, fields, nested values, bindings and errors', () => {
    const log = open();
    log.maskWith(createSecretMask(['plain-upstream-key']));
    log.info({ a: 'Bearer abcdef123', b: { c: ['sk-abcdef123'] } }, 'got AIzaabcdefghijkl');
    log.child({ bound: 'plain-upstream-key' }).info({}, 'child');
    log.error({ err: new Error('refused plain-upstream-key') }, 'failed');
    log.flushSync();
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/abcdef123|AIzaabc|plain-upstream-key/);
    expect(lines()).toHaveLength(3);
  });

  it('keeps line breaks and control characters of a message inside its line', () => {
    const log = open();
    log.info({ text: 'a\r\nb\u001b[31m' }, 'one\n{"level":"fatal"}');
    log.flushSync();
    const raw = readFileSync(file, 'utf8');
    expect(raw.trimEnd().split('\n')).toHaveLength(1);
    expect(raw).not.toContain('\u001b');
  });

  it('serialises errors without what an upstream wrote', () => {
    const log = open();
    const fault = {
      dialect: 'openai-chat',
      status: 400,
      body: Buffer.from('prompt-text'),
      type: null,
      code: null,
      param: null,
      message: 'prompt-text',
      headers: {},
    };
    log.error({ err: new GatewayError('GW_UPSTREAM_REJECTED', { fault }) }, 'refused');
    log.flushSync();
    expect(readFileSync(file, 'utf8')).not.toContain('prompt-text');
    expect(lines()[0]).toMatchObject({ err: { code: 'GW_UPSTREAM_REJECTED' } });
  });

  it('drops and counts lines beyond its buffer instead of growing', async () => {
    const log = open({ maxBufferedBytes: 20_000 });
    // Writes to the file cannot end within this turn, so the buffer fills.
    for (let i = 0; i < 1000; i++) log.info({ i }, 'x'.repeat(100));
    expect(log.dropped()).toBeGreaterThan(500);
    await log.close(5000);
    expect(lines().length + log.dropped()).toBe(1000);
  });

  it('writes what waits within about a second without being asked', async () => {
    const log = open();
    log.info({}, 'alone');
    await expect.poll(() => lines().length, { timeout: 5000 }).toBe(1);
  });

  it('survives a sink that takes nothing and counts the loss', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const log = createLogger({ level: 'info', destination: full });
      log.info({}, 'lost');
      expect(() => log.flushSync()).not.toThrow();
      expect(log.dropped()).toBeGreaterThan(0);
    } finally {
      closeSync(full);
    }
  });
});
