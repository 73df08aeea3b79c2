// What Bedrock tells of a model invocation job, and Vertex AI of a batch prediction job: how it is, which model works, how many requests
// were answered, and where the answers lie. How many tokens that took neither says itself. Pure.
import { modelOfArn } from '../../aws/model-arn.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt, stringAt } from '../../dialects/lenient.ts';

/** A place in storage: all below a name in a bucket. */
export interface StoredAt {
  readonly kind: 's3' | 'gcs';
  readonly bucket: string;
  /** Ends in a slash; '' = all of the bucket. */
  readonly prefix: string;
}

export interface Job {
  /** As it is named in full. */
  readonly id: string;
  readonly over: boolean;
  /** And came to nothing, as far as it says. */
  readonly failed: boolean;
  /** '' = it names none. */
  readonly model: string;
  /** Requests that were answered; null = it does not say. */
  readonly answered: number | null;
  /** Where their answers are; null = nowhere that could be read as lines. */
  readonly results: StoredAt | null;
  /** ms since 1970; null = it does not say. */
  readonly endedAt: number | null;
}

const ARN = /^arn:[\w-]+:bedrock:[^:/]*:\d*:model-invocation-job\/([\w-]+)$/;
const NAME = /(?:^|\/)batchPredictionJobs\/[\w-]+$/;
const OVER: ReadonlySet<string> = new Set([
  ...['Completed', 'PartiallyCompleted', 'Failed', 'Stopped', 'Expired'],
  'JOB_STATE_SUCCEEDED',
  'JOB_STATE_PARTIALLY_SUCCEEDED',
  'JOB_STATE_FAILED',
  'JOB_STATE_CANCELLED',
  'JOB_STATE_EXPIRED',
]);
const FAILED: ReadonlySet<string> = new Set(['Failed', 'JOB_STATE_FAILED']);
const BUCKET = /^(s3|gs):\/\/([a-z\d][\w.-]{1,220}[a-z\d])(?:\/(.*))?$/s;

/** The whole name of a job; null = this is none. */
export function jobId(object: JsonObject): string | null {
  const arn = stringAt(object, 'jobArn');
  if (arn !== null) return ARN.test(arn) ? arn : null;
  const name = stringAt(object, 'name');
  return name !== null && NAME.test(name) ? name : null;
}

/** Null: this is no job, or does not say how it is. */
export function jobIn(object: JsonObject): Job | null {
  const id = jobId(object);
  const state = stringAt(object, 'status') ?? stringAt(object, 'state');
  if (id === null || state === null) return null;
  const told = { id, over: OVER.has(state), failed: FAILED.has(state) };
  return { ...told, ...(ARN.test(id) ? ofBedrock(object, id) : ofVertex(object)) };
}

type Told = Omit<Job, 'id' | 'over' | 'failed'>;

function ofBedrock(object: JsonObject, arn: string): Told {
  const output = objectAt(objectAt(object, 'outputDataConfig') ?? {}, 's3OutputDataConfig');
  const place = placeIn(stringAt(output ?? {}, 's3Uri'));
  const [, own = ''] = ARN.exec(arn)!; // it was one
  return {
    model: modelOfArn(stringAt(object, 'modelId') ?? ''),
    answered: countAt(object, 'successRecordCount'),
    results: place?.kind === 's3' ? { ...place, prefix: `${place.prefix}${own}/` } : null,
    endedAt: timeAt(object, 'endTime') ?? timeAt(object, 'lastModifiedTime'),
  };
}

/** Its counts are texts. What goes to BigQuery is in no bucket. */
function ofVertex(object: JsonObject): Told {
  const place = placeIn(stringAt(objectAt(object, 'outputInfo') ?? {}, 'gcsOutputDirectory'));
  const model = stringAt(object, 'model') ?? '';
  return {
    model: model.slice(model.lastIndexOf('/') + 1),
    answered: countAt(objectAt(object, 'completionStats') ?? {}, 'successfulCount'),
    // Its answers are in a folder of their own, or they could be anybody's.
    results: place?.kind === 'gcs' && place.prefix !== '' ? place : null,
    endedAt: timeAt(object, 'endTime') ?? timeAt(object, 'updateTime'),
  };
}

function placeIn(uri: string | null): StoredAt | null {
  const [, scheme, bucket, path = ''] = BUCKET.exec(uri ?? '') ?? [];
  // What some read as a way up leads to other places than it says.
  if (bucket === undefined || path.split('/').some((part) => part === '.' || part === '..')) return null;
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  return { kind: scheme === 's3' ? 's3' : 'gcs', bucket, prefix };
}

/** A whole number, or a text that says one; an empty text says none. */
export function countAt(object: JsonObject, name: string): number | null {
  const said = stringAt(object, name);
  const count = said === null ? numberAt(object, name) : /^\d+$/.test(said) ? Number(said) : null;
  return count !== null && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function timeAt(object: JsonObject, name: string): number | null {
  const time = Date.parse(stringAt(object, name) ?? '');
  return Number.isNaN(time) ? null : time;
}
