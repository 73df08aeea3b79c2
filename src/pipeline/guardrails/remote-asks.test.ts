import { expect, test } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { Call } from '../../contracts/call.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import { compileGuard } from '../../guardrails/guard.ts';
import { SchemaBook } from '../../guardrails/json-schema.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { GuardRun } from '../../guardrails/run.ts';
import { askRemote } from './remote-asks.ts';

test.each([
  ['answer', 'no birds'],
  ['request', undefined],
] as const)('another answer is asked for where a check finds something in an %s', async (at, reason) => {
  const check: GuardrailConfig['checks'][number] = { type: 'webhook', url: 'http://hook' };
  const config: GuardrailConfig = {
    ...DEFAULT_GUARDRAIL,
    name: 'g',
    on: ['input', 'output'],
    when: {},
    action: 'retry',
    checks: [check],
  };
  const guard = compileGuard(config, new SchemaBook());
  const run = new GuardRun({
    guards: [guard],
    placeholders: new Placeholders(Buffer.alloc(32), 'k'),
    schema: null,
  });
  const heard = await askRemote(guard, ['the nightingale'], {
    call: {} as Call, // handed to the check alone
    run,
    checks: new Map([[check, () => Promise.resolve({ kind: 'block' as const, reason: 'no birds' })]]),
    at,
    prompt: '',
    signal: new AbortController().signal,
    asked: () => undefined,
    failed: () => undefined,
    now: () => 0,
  });
  expect(heard.refusal).toBeNull();
  expect([heard.retry?.reason, run.retry]).toEqual([reason, null]);
  expect(run.outcomes).toContainEqual({ name: 'g', at, action: 'flag' });
});
