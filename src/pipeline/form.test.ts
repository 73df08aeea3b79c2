import { expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { FedSource } from '../../tests/kit/fed-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { OperationName } from '../contracts/operation.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { createForm } from './form.ts';

const noSpool = (): never => {
  throw new Error('no spool is wanted');
};
const stage = createForm({ clock: { now: () => 7 }, openSpool: noSpool });
const TYPE = 'multipart/form-data; boundary=b';
const field = (name: string, value: string): string =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

interface Asked {
  type?: string | null;
  body?: string;
  operation?: OperationName;
  params?: Record<string, string>;
  headers?: Record<string, string>;
}

function callOf({ type = TYPE, body = '', operation = 'transcription', params = {}, headers = {} }: Asked) {
  const { call } = fakeCall('openai-chat', {}, [fakeProvider('oa', dialectByName('openai-chat'))]);
  if (type !== null) call.head.headers.add('content-type', type);
  for (const [name, value] of Object.entries(headers)) call.head.headers.add(name, value);
  Object.assign(call, { operation: operations[operation], params, facts: null, plan: null });
  call.body = Buffer.from(body);
  return call;
}

it('finds the model of a form that is there whole, and where it stands', async () => {
  const call = callOf({ body: `${field('file', 'x')}${field('model', 'ears')}--b--` });
  expect(await stage(call)).toBe('continue');
  const { model, modelMember } = call.facts!;
  expect([model, call.body!.toString('utf8', modelMember!.value.start, modelMember!.value.end)]).toEqual([
    'ears',
    'ears',
  ]);
  expect(call.inspectedAt).toBe(7);
});

it('finds the model of a form while it comes', async () => {
  const call = callOf({});
  const source = new FedSource();
  call.upload = source;
  const found = stage(call);
  source.feed(field('model', 'ears'));
  expect(call.facts).toBeNull();
  source.feed('--b');
  expect(await found).toBe('continue');
  expect([call.facts!.model, call.upload === source, call.work]).toEqual(['ears', false, null]);
});

it('lets go of a form whose client leaves', async () => {
  const call = callOf({});
  const source = new FedSource();
  call.upload = source;
  const found = stage(call) as Promise<unknown>;
  call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
  await expect(found).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
  expect(source.aborted).toBe(true);
});

it('knows the model of a deployment', async () => {
  const call = callOf({ body: `${field('model', 'other')}--b--`, params: { model: 'ears' } });
  await stage(call);
  expect(call.facts!.model).toBe('ears');
});

it.each<[string, Asked]>([
  ['no form', { type: 'application/json' }],
  ['nothing', { type: null }],
  ['a form without a boundary', { type: 'multipart/form-data' }],
  ['a form in a coding', { headers: { 'content-encoding': 'gzip' } }],
])('refuses %s', async (_what, asked) => {
  expect(await stage(callOf(asked))).toMatchObject({ status: 415 });
});

it('pictures need no model: who has them first makes them', async () => {
  const body = `${field('prompt', 'x')}--b--`;
  const sound = callOf({ body });
  expect([await stage(sound), sound.facts!.model, sound.plan]).toEqual(['continue', null, null]);
  const call = callOf({ body, operation: 'image-form' });
  const plan = { name: 'oa/*', tiers: [], targets: [] };
  Object.assign(call, {
    route: { ...call.route, forward: '/images/edits' },
    snapshot: { ...call.snapshot, models: { at: () => plan } },
  });
  expect(await stage(call)).toBe('continue');
  expect([call.plan, call.model]).toEqual([plan, 'oa/*']);
});
