// What an answer says was begun: a batch, and where at its provider it is asked after. Pure.
import type { BatchWatch } from '../../contracts/batch-watch.ts';
import type { Call } from '../../contracts/call.ts';
import type { Holder } from '../../contracts/holder.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Principal } from '../../contracts/principal.ts';
import { parseObject, stringAt } from '../../dialects/lenient.ts';
import { asRead } from '../raw/raw-address.ts';
import { upstreamPath } from '../upstream-path.ts';
import { batchIn, isCohere } from './batch-object.ts';
import { jobId } from './job-object.ts';
import { GATE_KEY } from '../who/authenticate.ts';

/** Mistral's are jobs. */
const LIST = /\/(?:batches|batch\/jobs)\/?$/;
/** Google's are begun below a model, and are elsewhere. */
const OF_MODEL = /^(.*\/)(?:models|tunedModels)\/[^/]+:(?:batchGenerateContent|asyncBatchEmbedContent)$/;
const GOOGLE = /^batches\/[^/?#]+$/;
/** Jobs of Bedrock and of Vertex AI. */
const JOBS = /(?:^|\/)(?:model-invocation-job|batchPredictionJobs)\/?$/;
/** AWS gives one a week at most, and Google three days in its queue; neither begins at once. */
const JOB_MS = 8 * 86_400_000;

/**
 * Null: none was, or nobody but its caller can ask after it.
 * @param body of a successful answer
 */
export function batchBegun(call: Call, provider: string, body: Buffer | string): BatchWatch | null {
  const { operation, head, route, principal, plan } = call;
  const name = operation!.name;
  if (name !== 'batch' && name !== 'message-batch' && name !== 'passthrough') return null;
  if (head.method !== 'POST' || route.kind !== 'model' || principal === null) return null;
  const target = plan?.targets.find((one) => one.provider.name === provider);
  // Where the caller's own credential goes out, there is none to ask with later.
  const callers = target?.provider.passthrough === true && head.headers.get(GATE_KEY) !== undefined;
  if (target === undefined || callers) return null;
  const [path = '', ...query] = upstreamPath(call, target).split('?');
  const job = JOBS.test(asRead(path));
  if (!job && !LIST.test(asRead(path)) && !OF_MODEL.test(asRead(path))) return null;
  const object = parseObject(body.toString());
  const place = object === null ? null : job ? jobPlaceOf(path, object) : placeOf(path, object);
  if (place === null) return null;
  const counted = call.snapshot.limits?.budgetHeaders ?? [];
  return {
    id: place.id,
    provider,
    operation: name,
    dialect: route.dialect,
    template: route.template,
    path: [place.path, ...query].join('?'),
    fromOrigin: call.fromOrigin,
    keyAlias: call.attempts.at(-1)?.keyAlias ?? '',
    call: call.id,
    holder: holderOf(principal),
    customer: call.customer,
    headers: counted.flatMap((one) => {
      const value = head.headers.get(one);
      return value === undefined ? [] : [[one, value] as const];
    }),
    ...(job ? { forMs: JOB_MS } : {}),
  };
}

function jobPlaceOf(path: string, object: JsonObject): { id: string; path: string } | null {
  const id = jobId(object);
  if (id === null) return null;
  // AWS takes the whole name in its path, Google what stands behind the kind.
  const named = id.startsWith('arn:') ? id : id.slice(id.lastIndexOf('/') + 1);
  return { id, path: `${path.replace(/\/$/, '')}/${encodeURIComponent(named)}` };
}

function placeOf(path: string, object: JsonObject): { id: string; path: string } | null {
  const below = OF_MODEL.exec(asRead(path))?.[1];
  if (below !== undefined) {
    const name = stringAt(object, 'name');
    return name !== null && GOOGLE.test(name) ? { id: name, path: below + name } : null;
  }
  const batch = batchIn(object);
  const id = stringAt(batch, 'id');
  const told = batch['object'] === 'batch' || batch['type'] === 'message_batch' || isCohere(batch);
  if (id === null || !told) return null;
  return { id, path: `${path.replace(/\/$/, '')}/${encodeURIComponent(id)}` };
}

/** What charges are told by; what the key may do does not matter any more. */
function holderOf(principal: Principal): Holder {
  const { id, name, organization, team, user, customer, project, tags, service } = principal;
  return {
    id,
    name,
    ...(organization === null ? {} : { organization }),
    ...(team === null ? {} : { team }),
    ...(user === null ? {} : { user }),
    ...(customer === null ? {} : { customer }),
    ...(project === null ? {} : { project }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(service ? { service } : {}),
  };
}
