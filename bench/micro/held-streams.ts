// What a delta of a stream costs in each dialect, of a client and a provider of one: as bytes, held back for words, held back for personal
// data. Nothing that is looked for is in it.
// Run: scripts/node node bench/micro/held-streams.ts
import { DEFAULT_GUARDRAIL } from '../../src/config/schema/defaults.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { CheckConfig } from '../../src/contracts/guardrail.ts';
import { compileGuard } from '../../src/guardrails/guard.ts';
import { SchemaBook } from '../../src/guardrails/json-schema.ts';
import { OutputFilter } from '../../src/guardrails/output-filter.ts';
import { Placeholders } from '../../src/guardrails/placeholders.ts';
import { GuardRun } from '../../src/guardrails/run.ts';
import type { LateOut } from '../../src/pipeline/answer/aside-relay.ts';
import { openRelay } from '../../src/pipeline/answer/open-relay.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { createEventRoom } from '../../src/upstream/event-room.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { anthropic } from '../mock/anthropic.ts';
import { gemini } from '../mock/gemini.ts';
import { openai } from '../mock/openai.ts';
import { responses } from '../mock/responses.ts';
import type { DialectScript } from '../mock/script.ts';
import { measure, report } from './measure.ts';

const DELTAS = 64;
const SCRIPTS: readonly (readonly [DialectName, DialectScript])[] = [
  ['openai-chat', openai],
  ['openai-responses', responses],
  ['anthropic', anthropic],
  ['gemini', gemini],
];
const CHECKS: readonly (readonly [string, CheckConfig | null])[] = [
  ['as bytes', null],
  ['words', { type: 'keywords', words: ['zebra crossing', 'yellow jacket', 'xylophone'] }],
  ['personal data', { type: 'pii' }],
];
const room = createEventRoom(1 << 20);
const out: LateOut = {
  gated: false,
  write() {},
  hold() {},
  late() {},
  faulted: () => {
    throw new Error('not here');
  },
  malformed() {},
};

/** A stream as it goes through a call, but for its beginning and end. */
function relayed(name: DialectName, script: DialectScript, check: CheckConfig | null): () => number {
  const dialect = dialectByName(name);
  const { target } = fakeProvider('p', dialect);
  const { head, deltas } = script.stream(DELTAS);
  const guard =
    check === null
      ? null
      : compileGuard(
          { ...DEFAULT_GUARDRAIL, name: 'g', on: ['output'], when: {}, action: 'redact', checks: [check] },
          new SchemaBook(),
        );
  return () => {
    const { call } = fakeCall(name, { model: 'm', stream: true, messages: [] }, []);
    Object.assign(call.head, { query: 'alt=sse' });
    if (guard !== null) {
      const run = new GuardRun({
        guards: [guard],
        placeholders: new Placeholders(Buffer.alloc(32), ''),
        schema: null,
      });
      call.filters = [() => new OutputFilter(run, null)];
    }
    const relay = openRelay(call, dialect, target, null, out, 1, room);
    relay.data(head);
    for (const { bytes } of deltas) relay.data(bytes);
    relay.close();
    return relay.tokens;
  };
}

for (const [name, script] of SCRIPTS)
  for (const [what, check] of CHECKS)
    report(`${DELTAS} deltas, ${name}, ${what}`, measure(relayed(name, script, check)));
