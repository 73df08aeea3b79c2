// Reads what a batch job used where it left its answers, in S3 or in Cloud Storage: with the keys of its provider, and only where the
// configuration says that they may be used so (`batchStorage`).
//
//   Bedrock     one manifest, which counts the tokens of all answers
//   Vertex AI   the answers themselves, line by line, each of which says what it used
import { encoded } from '../../aws/signature.ts';
import type { Call } from '../../contracts/call.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import type { Upstream } from '../../contracts/upstream.ts';
import { arrayAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import { askKeeper, readKept } from '../../responses/ask-keeper.ts';
import { BatchReader, type BatchReaderDeps } from './batch-reader.ts';
import { BatchSums } from './batch-sums.ts';
import { countAt, type Job, type StoredAt } from './job-object.ts';

export interface JobStorage {
  /** Connections to the storage of a provider; who opens them closes them. */
  open(provider: ProviderConfig): Upstream;
  /** What it is asked with; null = this key opens none. */
  headersOf(provider: ProviderConfig, key: RingKey | null, path: string): Record<string, string> | null;
}

/**
 * What came of it. `charged`: once, whoever else reads it. `later`: it may be readable another time. `gone`: nothing is there.
 * `never`: it was read, and does not say what was used.
 */
export type JobRead =
  | { readonly kind: 'charged' }
  | { readonly kind: 'later' | 'gone' | 'never'; readonly why: string };

export interface JobResultsDeps extends BatchReaderDeps {
  readonly storage: JobStorage;
}

/** What a client is asked with, and where. */
type Ask = (path: string) => { method: 'GET'; path: string; headers: Record<string, string> };

class Refused extends Error {}

const CHARGED: JobRead = { kind: 'charged' };
const MANIFEST = 'manifest.json.out';
/** It is a few counts; a page of a list is a thousand names of a KiB at most. What is there others may have written, and it is read at once. */
const MANIFEST_BYTES = 64 * 1024;
const PAGE_BYTES = 4 * 1024 * 1024;
/** Files of answers, and none of errors or of what is not done. */
const ANSWERS = /^prediction(?!.*error)/;
/** Of a thousand files each. */
const MAX_PAGES = 20;
const LF = Buffer.from('\n');

/** @param call in whose name it is charged. Never rejects. */
export async function readJob(
  deps: JobResultsDeps,
  provider: ProviderConfig,
  key: RingKey | null,
  call: Call,
  job: Job,
  place: StoredAt,
): Promise<JobRead> {
  const { storage } = deps;
  let upstream: Upstream | null = null;
  try {
    upstream = storage.open(provider);
    const ask: Ask = (path) => {
      const headers = storage.headersOf(provider, key, path);
      if (headers === null) throw new Refused('no key of its provider opens storage');
      return { method: 'GET', path, headers };
    };
    return await (place.kind === 's3'
      ? readManifest(deps, upstream, ask, call, job, place)
      : readAnswers(deps, upstream, ask, call, job, place));
  } catch (cause) {
    const why = cause instanceof Refused ? cause.message : 'storage gave no whole answer';
    return { kind: 'later', why };
  } finally {
    upstream?.close().catch(() => {});
  }
}

async function readManifest(
  { charges }: JobResultsDeps,
  upstream: Upstream,
  ask: Ask,
  call: Call,
  { id, model, answered }: Job,
  { bucket, prefix }: StoredAt,
): Promise<JobRead> {
  const key = [bucket, ...`${prefix}${MANIFEST}`.split('/')].map(encoded).join('/');
  const { status, body } = await askKeeper(upstream, { ...ask(`/${key}`), maxBytes: MANIFEST_BYTES });
  if (status !== 200) return unread(status);
  const manifest = parseObject(body.toString()) ?? {};
  const [input, output] = [countAt(manifest, 'inputTokenCount'), countAt(manifest, 'outputTokenCount')];
  const requests = countAt(manifest, 'successRecordCount') ?? answered ?? 1;
  const tokens = (input ?? 0) + (output ?? 0);
  // Who answered without any made what is not counted in tokens: that was not for nothing.
  if (tokens === 0 && requests > 0) return { kind: 'never', why: 'its manifest counts no tokens' };
  const sums = new BatchSums((name) => charges.priceOf(call, name));
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  const usage = { ...none, input, output: output ?? 0 };
  if (tokens > 0)
    sums.add({ operation: usage.output === 0 ? 'embeddings' : 'chat', model, usage }, Math.max(1, requests));
  await charges.charge(call, id, 'told', null, sums.take());
  return CHARGED;
}

async function readAnswers(
  deps: JobResultsDeps,
  upstream: Upstream,
  ask: Ask,
  call: Call,
  job: Job,
  place: StoredAt,
): Promise<JobRead> {
  const below = `/storage/v1/b/${encodeURIComponent(place.bucket)}/o`;
  const names = await namesIn(upstream, ask, below, place.prefix);
  if (!Array.isArray(names)) return names;
  if (names.length === 0) return { kind: 'gone', why: 'there are no answers' };
  // The name that it was asked for has a price where the version that answered may have none.
  const stated = job.model !== '' && deps.charges.priceOf(call, job.model) !== null;
  const reader = new BatchReader(deps, call, job.id, (told) => (stated || told === '' ? job.model : told));
  for (const name of names) {
    const asked = ask(`${below}/${encodeURIComponent(name)}?alt=media`);
    const status = await readKept(upstream, asked, (bytes) => reader.read(bytes));
    if (status !== 200) return unread(status);
    reader.read(LF);
  }
  await reader.over();
  return reader.results > 0 ? CHARGED : { kind: 'never', why: 'its answers tell no tokens' };
}

/** Of all files of answers, in order: each time they are read the same parts of them are the same. */
async function namesIn(
  upstream: Upstream,
  ask: Ask,
  below: string,
  prefix: string,
): Promise<string[] | JobRead> {
  const names = new Set<string>();
  let page: string | null = '';
  for (let pages = 0; page !== null && pages < MAX_PAGES; pages++) {
    const query = new URLSearchParams({ prefix, fields: 'items(name),nextPageToken' });
    if (page !== '') query.set('pageToken', page);
    const { status, body } = await askKeeper(upstream, {
      ...ask(`${below}?${String(query).replaceAll('+', '%20')}`),
      maxBytes: PAGE_BYTES,
    });
    if (status !== 200) return unread(status);
    const list = parseObject(body.toString()) ?? {};
    for (const item of arrayAt(list, 'items')) {
      const name = isObject(item) ? stringAt(item, 'name') : null;
      if (name?.startsWith(prefix) && ANSWERS.test(name.slice(name.lastIndexOf('/') + 1))) names.add(name);
    }
    page = stringAt(list, 'nextPageToken') || null;
  }
  // The first of them alone would be charged as if they were all.
  if (page !== null) return { kind: 'never', why: 'its answers are in too many files' };
  return [...names].sort();
}

function unread(status: number): JobRead {
  if (status === 404) return { kind: 'gone', why: 'there are no answers' };
  return { kind: 'later', why: `storage answers with ${status}` };
}
