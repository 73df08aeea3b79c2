// A relay that one guardrail's filter stands in, and what it wrote.
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { CheckConfig, GuardrailConfig } from '../../contracts/guardrail.ts';
import { compileGuard } from '../../guardrails/guard.ts';
import { SchemaBook } from '../../guardrails/json-schema.ts';
import { OutputFilter } from '../../guardrails/output-filter.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { GuardRun } from '../../guardrails/run.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createEventRoom } from '../../upstream/event-room.ts';
import { openRelay } from './open-relay.ts';
import { quietOut } from './quiet-out.fixture.ts';

export const WORDS: CheckConfig = { type: 'keywords', words: ['zebra crossing', 'xylophone'] };

/** @param name of the dialect that both sides speak. @param change of a guardrail that redacts answers. */
export function filteredRelay(
  name: DialectName,
  checks: CheckConfig[] = [WORDS],
  change: Partial<GuardrailConfig> = {},
) {
  const guard = compileGuard(
    { ...DEFAULT_GUARDRAIL, name: 'g', on: ['output'], when: {}, action: 'redact', checks, ...change },
    new SchemaBook(),
  );
  const run = new GuardRun({
    guards: [guard],
    placeholders: new Placeholders(Buffer.alloc(32), ''),
    schema: null,
  });
  const dialect = dialectByName(name);
  const asked = { model: 'm', stream: true, messages: [] };
  const filters = [() => new OutputFilter(run, null)];
  const { call } = fakeCall(name, asked, [], {}, 'chat', { stages: [], sinks: [], filters });
  Object.assign(call.head, { query: 'alt=sse' }); // Gemini's clients ask for events so
  const written: string[] = [];
  const relay = openRelay(
    call,
    dialect,
    fakeProvider('p', dialect).target,
    null,
    quietOut((bytes) => void written.push(bytes.toString())),
    1,
    createEventRoom(1 << 20),
  );
  /** What is written for a piece of the upstream's stream. */
  const push = (text: string): string => {
    const before = written.length;
    relay.data(Buffer.from(text));
    return written.slice(before).join('');
  };
  return { dialect, relay, push, run, guard, written };
}
