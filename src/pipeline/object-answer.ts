// Answers that hold objects: whose they are is noted before the client hears of them, and of a list the client gets its own.
import { Buffer } from 'node:buffer';
import type { Call } from '../contracts/call.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import type { ObjectPages } from './object-pages.ts';
import type { Delivery } from './unary-answer.ts';

/** Members of a batch that name files made by it. */
const MADE_FILES = ['output_file_id', 'error_file_id'] as const;

type JsonRecord = Record<string, unknown>;

/** Pages that are asked for one list. */
const MAX_PAGES = 20;

/** @param alone there is one caller, whose everything is. @param pages further ones of a list. */
export function ownObjects(
  call: Call,
  provider: string,
  delivered: Delivery,
  book: ObjectBook,
  alone: boolean,
  pages: ObjectPages,
): Delivery | Promise<Delivery> {
  const { method } = call.head;
  const json = parsed(delivered.body);
  if (json === null || call.principal === null) return delivered;
  const owner = { owner: call.principal.id, provider };
  const note = (object: JsonRecord): boolean => {
    for (const member of MADE_FILES) if (isId(object[member])) book.note(object[member], owner);
    // What is forwarded says where things are at its provider, as its client asked there.
    return call.operation!.raw?.verbatim !== true && pointHere(object);
  };
  const { data } = json;
  if (method === 'GET' && call.params['id'] === undefined && Array.isArray(data)) {
    if (!alone) return filtered(json, data as unknown[]);
    return data.filter(isRecord).filter(note).length > 0 ? written(json) : delivered;
  }
  // Made, or the caller's already; with nobody else there, what it sees becomes its own.
  if (isId(json['id']) && method !== 'DELETE') book.note(json['id'], owner);
  return note(json) ? written(json) : delivered;

  function written(value: JsonRecord): Delivery {
    return { ...delivered, body: Buffer.from(JSON.stringify(value)) };
  }

  /** The caller's own, from as many pages as it takes to fill one, in the direction that its client reads. */
  async function filtered(list: JsonRecord, all: readonly unknown[]): Promise<Delivery> {
    const query = new URLSearchParams(call.head.query);
    const back = query.has('before_id');
    const wanted = Number(query.get('limit')) || all.length;
    const edgeOf = (objects: readonly unknown[]): string | null => idOf(objects.at(back ? 0 : -1));
    let own = await ownOf(all);
    let edge = edgeOf(all);
    let more = list['has_more'] === true;
    for (let asked = 1; more && own.length < wanted && edge !== null && asked < MAX_PAGES; asked++) {
      const next = await pages(call, provider, edge, back);
      const page = next === null ? null : parsed(next);
      const objects: unknown = page?.['data'];
      if (page === null || !Array.isArray(objects)) break;
      const further = await ownOf(objects as unknown[]);
      own = back ? [...further, ...own] : [...own, ...further];
      edge = edgeOf(objects as unknown[]);
      more = page['has_more'] === true;
    }
    const most = Math.max(wanted, 1);
    const shown = back ? own.slice(-most) : own.slice(0, most);
    for (const object of shown) note(object);
    const rest = more || own.length > shown.length;
    const body: JsonRecord = { ...list, data: shown };
    if ('has_more' in list) body['has_more'] = rest;
    // Where its client goes on: behind all that was looked at, unless some of its own is left of that.
    const looked = rest && own.length === shown.length ? edge : null;
    const ends = { first_id: idOf(shown[0]), last_id: idOf(shown.at(-1)) };
    const [ahead, behind] = back ? (['first_id', 'last_id'] as const) : (['last_id', 'first_id'] as const);
    if (ahead in list) body[ahead] = looked ?? ends[ahead];
    if (behind in list) body[behind] = ends[behind] ?? (rest ? list[behind] : null);
    return written(body);
  }

  async function ownOf(all: readonly unknown[]): Promise<JsonRecord[]> {
    const objects = all.filter(isRecord);
    const owners = await book.many(objects.map(({ id }) => (isId(id) ? id : '')));
    return objects.filter((_, at) => owners[at]?.owner === owner.owner && owners[at].provider === provider);
  }
}

function idOf(object: unknown): string | null {
  return isRecord(object) && isId(object['id']) ? object['id'] : null;
}

/**
 * SDKs ask for the results of a batch at the address it says: below their own base URL, and not the provider's, which does not
 * know their key. @returns whether there was one.
 */
function pointHere(object: JsonRecord): boolean {
  if (!isId(object['results_url']) || !isId(object['id'])) return false;
  object['results_url'] = `/v1/messages/batches/${encodeURIComponent(object['id'])}/results`;
  return true;
}

function parsed(body: Buffer | string): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
