import { describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { BatchWatch } from '../../contracts/batch-watch.ts';
import type { OperationName } from '../../contracts/operation.ts';
import { principalOf } from '../../governance/principal.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { batchBegun } from './batch-begun.ts';

interface Of {
  operation?: OperationName;
  method?: string;
  /** Path at the provider. */
  address?: string;
  fromOrigin?: boolean;
  headers?: Record<string, string>;
  passthrough?: true;
}

function begun(answer: unknown, of: Of = {}): BatchWatch | null {
  const { operation = 'batch', method = 'POST', address = '/v1/batches', fromOrigin = true } = of;
  const provider = fakeProvider('oa', dialectByName('openai-chat'), {
    ...(of.passthrough === undefined ? {} : { passthrough: true }),
  });
  const { call } = fakeCall('openai-chat', {}, [provider], of.headers ?? {}, operation);
  Object.assign(call, { head: { ...call.head, method }, address, fromOrigin, customer: 'acme' });
  call.principal = principalOf({
    id: 'key_1',
    name: 'app',
    team: 'red',
    tags: ['a'],
    grants: [{ models: [] }],
  });
  Object.assign(call.snapshot, { limits: { budgetHeaders: ['x-tenant', 'x-other'] } });
  call.attempts.push({ keyAlias: 'oa-2' } as never); // all that is read of it
  return batchBegun(call, 'oa', typeof answer === 'string' ? answer : JSON.stringify(answer));
}
const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/ab12cd34';
const NAME = 'projects/7/locations/l/batchPredictionJobs/99';
const openai = { id: 'batch_1', object: 'batch', status: 'validating' };

describe('a batch that was begun', () => {
  it('is asked after by its own path, in the name of who began it', () => {
    expect(begun(openai, { headers: { 'x-tenant': 't1' } })).toEqual({
      ...{ id: 'batch_1', provider: 'oa', operation: 'batch', dialect: 'openai-chat', template: '/v1/x' },
      ...{
        path: '/v1/batches/batch_1',
        fromOrigin: true,
        keyAlias: 'oa-2',
        call: 'req_test',
        customer: 'acme',
      },
      holder: { id: 'key_1', name: 'app', team: 'red', tags: ['a'] },
      headers: [['x-tenant', 't1']],
    });
  });

  it.each<[string, unknown, string]>([
    ['/openai/v1/batches?api-version=preview', openai, '/openai/v1/batches/batch_1?api-version=preview'],
    ['/v1/batch/jobs', { ...openai, id: 'job-1', status: 'QUEUED' }, '/v1/batch/jobs/job-1'],
    ['/v1/batches/', { ...openai, id: 'a/b' }, '/v1/batches/a%2Fb'],
    ['/v2/batches', { batch: { id: 'b-1', status: 'BATCH_STATUS_QUEUED' } }, '/v2/batches/b-1'],
    ['/v1/messages/batches', { id: 'msgbatch_1', type: 'message_batch' }, '/v1/messages/batches/msgbatch_1'],
    [
      '/v1beta/models/gemini-x:batchGenerateContent',
      { name: 'batches/g1', metadata: {} },
      '/v1beta/batches/g1',
    ],
    ['/v1beta/models/g%3AbatchGenerateContent', { name: 'batches/g1' }, '/v1beta/batches/g1'],
    ['/v1/batche%73', openai, '/v1/batche%73/batch_1'],
    ['/p/v1beta/models/e:asyncBatchEmbedContent', { name: 'batches/g1' }, '/p/v1beta/batches/g1'],
  ])('at %s', (address, answer, path) => {
    expect(begun(answer, { operation: 'passthrough', address })?.path).toBe(path);
  });

  it.each<[string, string, object, string]>([
    [
      'Bedrock',
      '/model-invocation-job',
      { jobArn: ARN },
      '/model-invocation-job/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Amodel-invocation-job%2Fab12cd34',
    ],
    [
      'Vertex AI',
      '/v1beta1/projects/p/locations/l/batchPredictionJobs?alt=json',
      { name: NAME, state: 'JOB_STATE_PENDING' },
      '/v1beta1/projects/p/locations/l/batchPredictionJobs/99?alt=json',
    ],
  ])(
    'as a job of %s is asked after by its name, for as long as it may take',
    (_who, address, answer, path) => {
      const watch = begun(answer, { operation: 'passthrough', address });
      expect(watch).toMatchObject({ id: Object.values(answer)[0], path, forMs: 8 * 86_400_000 });
    },
  );

  it.each<[string, unknown, Of]>([
    ['that is read', openai, { method: 'GET' }],
    ['that is cancelled', openai, { address: '/v1/batches/batch_1/cancel' }],
    ['of another kind', { ...openai, object: 'file' }, {}],
    ['without an id', { object: 'batch' }, {}],
    ['that is no JSON', 'batch_1', {}],
    [
      'whose name is a path',
      { name: 'batches/g1/../x' },
      { address: '/v1beta/models/m:batchGenerateContent' },
    ],
    ['of an operation of its own', openai, { operation: 'file' }],
    ['that is stopped', {}, { operation: 'passthrough', address: `/model-invocation-job/x/stop` }],
    [
      'of a job by a name of something else',
      { jobArn: 'arn:aws:bedrock:eu-west-1:1:async-invoke/x' },
      { operation: 'passthrough', address: '/model-invocation-job' },
    ],
    [
      'of a job whose name is a path',
      { name: 'batchPredictionJobs/9/../8' },
      { operation: 'passthrough', address: '/v1/batchPredictionJobs' },
    ],
    // Nobody has the caller's credential later.
    ['by a credential of the caller', openai, { passthrough: true, headers: { 'x-headgate-key': 'k' } }],
  ])('is none %s', (_what, answer, of) => {
    expect(begun(answer, of)).toBeNull();
  });
});
