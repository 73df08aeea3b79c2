import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretMask, redact } from './redact.ts';

const chars = (alphabet: string, minLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength: 60 });
const KEY_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Credentials of every shape the redactor knows, each with the part that must not be readable afterwards. */
const credential = fc.oneof(
  chars(KEY_CHARS, 20).map((tail) => ({ written: `sk-7${tail}`, secret: tail })),
  chars(KEY_CHARS, 20).map((tail) => ({ written: `sk-ant-api03-${tail}`, secret: tail })),
  chars(KEY_CHARS, 20).map((tail) => ({ written: `AIza${tail}`, secret: tail })),
  chars(KEY_CHARS, 4).map((tail) => ({ written: `Bearer ${tail}`, secret: `Bearer ${tail}` })),
  chars(KEY_CHARS, 8).map((tail) => ({ written: `eyJ${tail}.eyJ${tail}.${tail}`, secret: `.eyJ${tail}` })),
  chars(KEY_CHARS, 16).map((tail) => ({ written: `gsk_${tail}`, secret: tail })),
);

describe('redact', () => {
  it('leaves no planted credential in any text around it', () => {
    fc.assert(
      fc.property(fc.string(), credential, fc.string(), (before, { written, secret }, after) => {
        expect(redact(`${before} ${written} ${after}`)).not.toContain(secret);
      }),
    );
  });

  it('leaves no planted credential in a JSON line, whatever stands before it, and the line stays JSON', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', ' ', '\n', '\t', '"', '\\', 'é'),
        credential,
        (before, { written, secret }) => {
          const line = redact(
            JSON.stringify({ text: `said${before}${written}"`, nested: { list: [written] } }),
          );
          expect(line).not.toContain(secret);
          expect(() => JSON.parse(line)).not.toThrow();
        },
      ),
    );
  });

  it.each([
    ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['postgres://admin:hunter2@db.example/x', 'hunter2'],
    ['redis://:hunter2@cache:6379', 'hunter2'],
    ['AKIAIOSFODNN7EXAMPLE', 'IOSFODNN7'],
    ['{"h":"Bearer\\tabcdefgh"}', 'abcdefgh'],
  ])('masks %s', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  it.each([
    'the risk-assessment of task-runner is done',
    'model gpt-4o-mini at https://api.openai.com/v1/chat/completions',
    'basic authentication is off',
    '2026-11-21T08:23:57.789Z',
  ])('leaves prose alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('secret mask', () => {
  const secretText = fc
    .string({ minLength: 8, maxLength: 40, unit: 'binary' })
    .filter((text) => !text.includes('*'));

  it('leaves no given secret in text, plain or JSON-escaped', () => {
    fc.assert(
      fc.property(fc.string(), secretText, fc.string(), (before, secret, after) => {
        const mask = createSecretMask([secret]);
        expect(mask(`${before}${secret}${after}`)).not.toContain(secret);
        const json = JSON.stringify(secret).slice(1, -1);
        expect(mask(`{"m":"${before}${json}${after}"}`)).not.toContain(json);
      }),
    );
  });

  it('masks a buffer and keeps every byte around the hit, also bytes that are not UTF-8', () => {
    const mask = createSecretMask(['up-key-12345']);
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xc3]),
      Buffer.from('Bearer up-key-12345 é'),
      Buffer.from([0x80]),
    ]);
    const expected = Buffer.concat([
      Buffer.from([0xff, 0xc3]),
      Buffer.from('Bearer *** é'),
      Buffer.from([0x80]),
    ]);
    expect(mask.maskBuffer(bytes)).toEqual(expected);
  });

  it('returns the very same buffer when it holds no secret', () => {
    const mask = createSecretMask(['up-key-12345', 'sk-x']);
    for (const text of ['{"ok":true}', 'ask-xylophone', '']) {
      const bytes = Buffer.from(text);
      expect(mask.maskBuffer(bytes)).toBe(bytes);
    }
  });

  it('masks spellings of other JSON writers', () => {
    const mask = createSecretMask(['ab/cd+e<f&gé12']);
    expect(mask('{"k":"ab\\/cd+e<f&g\\u00e912"}')).toBe('{"k":"***"}');
    expect(mask('{"k":"ab/cd+e\\u003cf\\u0026gé12"}')).toBe('{"k":"***"}');
  });

  it('masks the longer of two secrets when one holds the other', () => {
    const mask = createSecretMask(['secret-1', 'secret-1-long']);
    expect(mask('a secret-1-long b secret-1 c')).toBe('a *** b *** c');
  });

  it('masks a short secret only as a whole word', () => {
    const mask = createSecretMask(['test']);
    expect(mask('the latest "test" of test-1')).toBe('the latest "***" of ***-1');
  });

  it('changes nothing when there is no secret', () => {
    expect(createSecretMask([])('any text')).toBe('any text');
    expect(createSecretMask([''])('any text')).toBe('any text');
  });
});
