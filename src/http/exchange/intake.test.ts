import { expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { OperationName } from '../../contracts/operation.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { operations } from '../../registry/operations.ts';
import type { ArrivedHead } from './exchange.ts';
import { isHandedOn } from './intake.ts';

function handedOn(name: OperationName, length: number, change: object = {}, auth = 'bearer'): boolean {
  const provider = fakeProvider('oa', dialectByName('openai-chat'));
  const { call } = fakeCall('openai-chat', {}, [provider]);
  const speaks = [{ dialect: 'openai-chat', path: '', auth: { kind: auth } }];
  Object.assign(call, { operation: operations[name], params: { provider: 'oa' }, ...change });
  Object.assign(call.snapshot, { config: { providers: [{ name: 'oa', speaks }] } });
  const head = { chunked: length < 0, contentLength: length } as ArrivedHead; // all that is looked at
  return isHandedOn(call, head);
}

it('a long body is handed on while it comes, and one of unknown length', () => {
  for (const name of ['passthrough', 'transcription', 'file', 'message-batch'] as const) {
    expect([handedOn(name, 100_000), handedOn(name, -1)]).toEqual([true, true]);
  }
});

it('a short body is read whole, and one that is looked into', () => {
  expect([handedOn('passthrough', 65_536), handedOn('passthrough', 0)]).toEqual([false, false]);
  for (const name of ['chat', 'batch', 'speech', 'file-content'] as const)
    expect(handedOn(name, -1)).toBe(false);
});

it('what is signed is read whole', () => {
  expect(handedOn('passthrough', -1, { prove: () => null })).toBe(false);
  expect(handedOn('passthrough', -1, {}, 'aws')).toBe(false);
});
