// What is forwarded by a provider's own path and says all the same which models are to work for it: in its path, in its body, or by what it
// names. So a key of few models may ask for it where those are its own.
import { modelOfArn } from '../../aws/model-arn.ts';
import { ModelScan } from '../../body/named-models.ts';
import type { Call, NamedModels } from '../../contracts/call.ts';
import type { ObjectBook } from '../../contracts/objects.ts';
import { vendorOf } from '../../models/vendor.ts';
import { objectsInBody, objectsInPath } from '../../names/object-names.ts';
import { asRead } from '../raw/raw-address.ts';

/**
 * `path`: a model stands there, and perhaps others in the body. `objects`: what it names says models too, as files of requests do. `modelId`:
 * the body as AWS has it.
 */
export type SaidIn = 'path' | 'body' | 'modelId' | 'objects' | 'nothing';

interface Saying {
  readonly method: 'POST' | 'PATCH';
  readonly path: RegExp;
  readonly in: SaidIn;
}

/** Google's, below a version and, of Vertex AI, below a place. */
const GOOGLE = '^(?:/v\\d\\w*)?(?:/projects/[^/]+/locations/[^/]+)?/';
const VERBS = 'predict|predictLongRunning|batchGenerateContent|asyncBatchEmbedContent';

const post = (path: string, where: SaidIn): Saying => ({ method: 'POST', path: new RegExp(path), in: where });
const BY_VENDOR: Readonly<Record<'gemini' | 'mistral' | 'cohere' | 'bedrock', readonly Saying[]>> = {
  gemini: [
    post(`${GOOGLE}(?:publishers/google/)?models/[^/:]+:(?:${VERBS})$`, 'path'),
    post(`${GOOGLE}(?:cachedContents|batchPredictionJobs|decisions)$`, 'body'),
    post(`${GOOGLE}(?:batches|batchPredictionJobs)/[^/:]+:cancel$`, 'nothing'),
    // How long it is kept, and nothing else.
    { method: 'PATCH', path: new RegExp(`${GOOGLE}cachedContents/[^/:]+$`), in: 'nothing' },
  ],
  mistral: [
    post('^/v1/batch/jobs$', 'objects'),
    post('^/v1/fine_tuning/jobs$', 'body'),
    post('^/v1/fine_tuning/jobs/[^/]+/start$', 'objects'),
    post('^/v1/(?:batch|fine_tuning)/jobs/[^/]+/cancel$', 'nothing'),
  ],
  bedrock: [
    post('^/(?:async-invoke|model-invocation-job)$', 'modelId'),
    post('^/model-invocation-job/.+/stop$', 'nothing'),
  ],
  cohere: [
    post('^/v2/batches$', 'body'),
    post('^/v1/embed-jobs$', 'body'),
    post('^/v2/batches/[^/:]+:cancel$', 'nothing'),
    post('^/v1/embed-jobs/[^/]+/cancel$', 'nothing'),
  ],
};
const IN_PATH = /\/models\/([^/:]+):/;
/** Google's names of models are those of resources. */
const RESOURCE = /^(?:.*\/)?models\//;

/** Whatever the case; what could hide another is read by nobody. */
const MODEL_ID = /"modelId"\s*:\s*"([^"\\]{1,2048})"/gi;

/** The one model that a body names; null = none, or more than one. */
function idIn(body: Buffer): readonly string[] | null {
  const text = body.toString('latin1');
  const [one, ...others] = text.matchAll(MODEL_ID);
  const hidden = text.includes('\\u00') || text.includes('\0');
  return one === undefined || others.length > 0 || hidden ? null : [modelOfArn(one[1]!)];
}

/** Where a request says its models; null = nowhere that is known, or its key may use all there are. */
export function saidIn({ head, operation, params, principal, snapshot }: Call): SaidIn | null {
  const permits = principal?.permits ?? null;
  if (permits === null || operation!.raw?.verbatim !== true) return null;
  const provider = snapshot.config.providers.find(({ name }) => name === params['provider']);
  if (provider === undefined || permits.mayUseAllOf(provider)) return null;
  const speaks = (dialect: string): boolean => provider.speaks.some((one) => one.dialect === dialect);
  const vendor = vendorOf(provider);
  const known =
    vendor === 'mistral' ? vendor : ((['gemini', 'cohere', 'bedrock'] as const).find(speaks) ?? null);
  if (known === null) return null;
  const path = asRead(params['rest'] ?? '');
  return (
    BY_VENDOR[known].find((saying) => saying.method === head.method && saying.path.test(path))?.in ?? null
  );
}

/** Models that a whole body, its path and what both name ask for; of some that names none, none are known. Never rejects. */
export async function saidModels(
  where: SaidIn,
  { params, principal }: Call,
  body: Buffer,
  book: Pick<ObjectBook, 'many'>,
): Promise<NamedModels> {
  if (where === 'nothing') return { models: [] };
  if (where === 'modelId') return { models: idIn(body) };
  const path = asRead(params['rest'] ?? '');
  const scan = new ModelScan(false);
  scan.look(body);
  scan.end();
  const named = scan.mentioned;
  if (named === null) return { models: null };
  const models = new Set(named.map((name) => name.replace(RESOURCE, '')));
  const [, inPath] = IN_PATH.exec(path) ?? [];
  if (where === 'path') models.add(inPath!);
  if (where === 'objects') {
    const owners = await book.many([...objectsInPath(path), ...objectsInBody(body, 'forwarded')]);
    for (const owner of owners) {
      const theirs = owner?.models ?? owner?.mentions;
      // Nobody saw what they ask for.
      if (theirs === undefined || owner!.owner !== principal!.id) return { models: null };
      for (const name of theirs) models.add(name);
    }
  }
  return { models: models.size > 0 ? [...models] : null };
}
