// applyEdits, and splice in its place, by size of body: what the byte path pays to change the model's name and ask for usage.
// Run: scripts/node node bench/micro/splice.ts

import { inspectBody } from '../../src/body/inspect.ts';
import { applyEdits, splice } from '../../src/body/splice.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { BodyBytes } from '../../src/contracts/upstream.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

const target: EncodeTarget = {
  model: 'gpt-4o-mini',
  provider: 'openai',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};
const dialect = dialectByName('openai-chat');

for (const [name, body] of [
  ['1 KB', chatBody(1024)],
  ['8 KB', chatBody(8 * 1024)],
  ['64 KB', chatBody(64 * 1024)],
  ['1 MB', chatBody(1024 * 1024)],
] as const) {
  const facts = inspectBody(body);
  const edits = dialect.chat.splice(facts, target);
  report(
    `edits for ${name}`,
    measure(() => dialect.chat.splice(facts, target).length),
  );
  report(
    `applyEdits ${name}`,
    measure(() => applyEdits(body, edits).length),
    body.length,
  );
  const out = Buffer.allocUnsafe(body.length + 1024);
  report(
    `splice, written ${name}`,
    measure(() => (splice(body, edits) as BodyBytes).copy(out, 0)),
    body.length,
  );
  report(
    `splice, in pieces ${name}`,
    measure(() => (splice(body, edits) as BodyBytes).pieces().length),
  );
}
