// inspectBody by size and kind of body, beside JSON.parse of the same bytes. Run: scripts/node node bench/micro/inspect.ts
import { inspectBody } from '../../src/body/inspect.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

const longString = Buffer.from(JSON.stringify({ model: 'm', input: 'plain prose '.repeat(90_000) }));
const escapes = Buffer.from(JSON.stringify({ model: 'm', input: 'a "quoted" line\n'.repeat(60_000) }));
const numbers = Buffer.from(
  JSON.stringify({ model: 'm', input: Array.from({ length: 100_000 }, (_, i) => i / 7) }),
);

for (const [name, body] of [
  ['1 KB chat', chatBody(1024)],
  ['1 KB chat, accents', chatBody(1024, { accents: true })],
  ['1 KB chat, pretty-printed', chatBody(1024, { spaced: true, turnBytes: 100 })],
  ['8 KB chat', chatBody(8 * 1024)],
  ['64 KB chat', chatBody(64 * 1024)],
  ['1 MB chat', chatBody(1024 * 1024)],
  ['1 MB in one string', longString],
  ['1 MB with escapes', escapes],
  ['1.9 MB of fractions', numbers],
] as const) {
  report(
    `inspect ${name}`,
    measure(() => inspectBody(body).promptBytes),
    body.length,
  );
  report(
    '  JSON.parse of it',
    measure(() => Object.keys(JSON.parse(body.toString('utf8')) as object).length),
    body.length,
  );
}
