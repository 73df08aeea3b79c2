// A guardrail at work: its stage, and calls of any operation whose answers go through it.

import { type FakeSink, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { inspectBody } from '../../body/inspect.ts';
import type { BodyReader, BodySource } from '../../contracts/body-source.ts';
import type { Call, Stage } from '../../contracts/call.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { RemoteCheck } from '../../contracts/remote-check.ts';
import { principalOf } from '../../governance/principal.ts';
import { GuardTable } from '../../guardrails/guard-table.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { operations } from '../../registry/operations.ts';
import type { AskAgain } from './ask-again.ts';
import { type CheckRequestDeps, createCheckRequest } from './check-request.ts';
import { GuardSink } from './guard-sink.ts';

const never: AskAgain = Object.assign(() => Promise.resolve(null), { now: () => 0 });

/** Time stands still: nothing is asked about before its sentence ends. */
export const STILL: CheckRequestDeps['clocks'] = {
  now: () => 0,
  watch: () => undefined,
  unwatch: () => undefined,
};

/** Finds EVIL. */
export const remote: RemoteCheck = ({ texts }) =>
  Promise.resolve(texts.join().includes('EVIL') ? { kind: 'block', reason: 'x' } : { kind: 'pass' });

/** The stage of one guardrail. @param judge makes its checks that others are asked for. */
export function stageOf(
  config: GuardrailConfig,
  offload: CheckRequestDeps['offload'] = null,
  judge = remote,
  random = (): number => 0,
  clocks: CheckRequestDeps['clocks'] = STILL,
): Stage {
  const table = new GuardTable([config], { providers: [] });
  const checks = new Map(config.checks.map((check) => [check, judge]));
  return createCheckRequest({
    guards: () => ({ table, checks }),
    inspect: inspectBody,
    random,
    offload,
    clocks,
    asked: () => undefined,
    failed: () => undefined,
    around: (sink, call) => new GuardSink(sink, call, never),
  });
}

/** A call as it comes from a socket. @param body a text is a form. */
export function callOf(name: OperationName, body: object | string): { call: Call; sink: FakeSink } {
  const provider = fakeProvider('p', dialectByName('openai-chat'));
  const isForm = typeof body === 'string';
  const type = isForm ? 'multipart/form-data; boundary=b' : 'application/json';
  const made = fakeCall('openai-chat', isForm ? {} : body, [provider], { 'content-type': type }, name);
  const { call } = made;
  call.principal = principalOf({ name: 'key' });
  if (operations[name].intake === 'json') return made;
  const bytes = isForm ? Buffer.from(body) : call.body!;
  call.body = null;
  call.facts = null;
  call.upload = uploadOf(bytes);
  return made;
}

/** As it comes from a socket, in one piece. */
export function uploadOf(bytes: Buffer): BodySource {
  return {
    length: bytes.length,
    received: bytes.length,
    ended: true,
    begun: false,
    pull(reader: BodyReader) {
      reader.data(bytes);
      reader.end();
    },
    resume() {},
    abort() {},
  };
}
