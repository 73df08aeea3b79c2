// Requests that are forwarded by a provider's own path and whose answers hold objects all the same: lists of them, what makes one,
// and batches, which say what files they made. They belong to who made them, as on the gateway's own routes: such an answer is read
// whole, of a list only its caller's own is shown, and what was made is noted.
import type { Call } from '../contracts/call.ts';
import { isAnsweredLater, objectsInPath } from '../names/object-names.ts';
import { asRead } from './raw/raw-address.ts';

/** Paths below which a vendor keeps objects of a key, in capitals too: Azure reads them so. */
const KEPT =
  /(?:^|\/)(?:files|batches|videos|containers|vector_stores|conversations|uploads|assistants|threads|evals|skills|datasets|embed-jobs|libraries|agents|connectors|finetuned-models|voices|prompts|sessions|environments|triggers|vaults|memory_stores|deployments|deployment_runs|dreams|user_profiles|automations|templates|webhooks|webhook_endpoints|credentials|evaluation|(?:fine_tuning|batch)\/jobs|generatedFiles|operations|cachedContents|fileSearchStores|batchPredictionJobs|tuningJobs|tunedModels|corpora|ragCorpora|async-invoke|model-invocation-jobs?)\/?$/i;
/** What is made below another path. */
const MADE =
  /:(?:batchGenerateContent|asyncBatchEmbedContent|predictLongRunning)$|\/uploads\/[^/]+\/complete\/?$|\/deployments\/[^/]+\/run\/?$|\/threads\/runs\/?$|\/tci\/execute\/?$/i;
/** A list of what is made by calls whose answers go on as they come. */
const LISTED = /(?:^|\/)chat\/completions\/?$/i;
/** What says, when it is done, which files it made. */
const WORK = /(?:^|\/)(?:batches|operations|batch\/jobs)\/[^/]+\/?$/i;
/** Calls of models whose answers name what is kept of them. */
const ANSWERED =
  /(?:^|\/)(?:responses|interactions|conversations(?:\/[^/]+\/restart)?|agents\/sessions|threads\/runs)\/?$/i;
/** What a vendor counts and keeps of all its callers, for keys of administrators: lists of what has names of objects are none of these. */
const OF_ALL = /^\/?(?:v1\/)?(?:organizations?|compliance)\//i;
/** Where Google takes files. */
const UPLOADED = /(?:^|\/)upload\/v[^/]+\/files\/?$/;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/i;

/** What the answer to a forwarded request tells of: many objects, one that is made or says what it made, or (null) none. */
export function tellsOf({
  operation,
  head,
  params,
}: Pick<Call, 'operation' | 'head' | 'params'>): 'list' | 'object' | null {
  if (operation!.raw?.verbatim !== true) return null;
  const path = asRead(params['rest'] ?? '');
  if (OF_ALL.test(path)) return null;
  switch (head.method) {
    case 'GET':
      if (KEPT.test(path) || LISTED.test(path) || isAnsweredLater(path)) return 'list';
      return WORK.test(path) ? 'object' : null;
    case 'POST':
      return KEPT.test(path) || MADE.test(path) || isAnsweredLater(path) ? 'object' : null;
    // The last part of what is put up in several may come so.
    case 'PUT':
      return UPLOADED.test(path) ? 'object' : null;
    default:
      return null;
  }
}

/** @param contentType of the answer, as its head has it. */
export function holdsObjects(
  call: Call,
  status: number,
  contentType: string | string[] | undefined,
): boolean {
  if (status < 200 || status >= 300) return false;
  const told = tellsOf(call);
  // A client may ask for a list in another form (`alt=proto`, `callback=f`): what it holds is whose it is all the same.
  if (JSON_TYPE.test(String(contentType ?? ''))) return told !== null;
  return told === 'list' && objectsInPath(call.params['rest'] ?? '').length === 0;
}

/** An answer that is handed on as it comes names what was made. */
export function makesObjects({ operation, head, params }: Call): boolean {
  const { makes, verbatim } = operation!.raw!;
  return (
    makes !== undefined || (verbatim && head.method === 'POST' && ANSWERED.test(asRead(params['rest'] ?? '')))
  );
}
