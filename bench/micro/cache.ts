// The key of a request beside its parts: SHA-256 alone, and parsing and sorting instead. Run: scripts/node node bench/micro/cache.ts
import { hash } from 'node:crypto';
import { inspectBody } from '../../src/body/inspect.ts';
import { createRequestKey } from '../../src/cache/key.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

const key = createRequestKey();

for (const [name, body] of [
  ['1 KB chat', chatBody(1024)],
  ['1 KB chat, pretty-printed', chatBody(1024, { spaced: true, turnBytes: 100 })],
  ['8 KB chat', chatBody(8 * 1024)],
  ['64 KB chat', chatBody(64 * 1024)],
] as const) {
  const facts = inspectBody(body);
  const parts = {
    scope: 'key\nk_0123456789',
    operation: 'chat',
    dialect: 'openai-chat',
    models: ['openai/gpt-5'],
    more: [],
    body,
    facts,
  } as const;
  report(
    `key of ${name}`,
    measure(() => key(parts).length),
    body.length,
  );
  report(
    '  SHA-256 of its bytes',
    measure(() => hash('sha256', body, 'base64url').length),
    body.length,
  );
}
