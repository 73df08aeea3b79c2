// Answers that hold objects: whose they are is noted before the client hears of them, and of a list the client gets its own.
import { Buffer } from 'node:buffer';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { ObjectBook, ObjectOwner } from '../../contracts/objects.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import {
  filesMadeBy,
  isAnsweredLater,
  nameOf,
  nameOfMade,
  objectsInPath,
  sessionIn,
} from '../../names/object-names.ts';
import { type Numbering, numberingOf, ownTotals, placeOfPage, withOwnTotals } from './numbered-pages.ts';
import { type ObjectPages, type PagePlace, placeAt, placeIn } from './object-pages.ts';
import { asRead } from './raw-address.ts';
import type { Delivery } from '../answer/unary-answer.ts';

/** Of an object below another one, which is reached through that alone. */
const PART = /\./;

/** A list of what no caller made, at its provider. */
const OF_ALL = /(?:^|\/)models\/?$/;

/** What is made below an object of its caller's and listed beside it. */
const RUN = /\/deployments\/[^/]+\/run\/?$/i;

const UNREADABLE = 'Lists of objects are handed on as JSON alone where several keys share the gateway.';

/** Pages that are asked for one list. */
const MAX_PAGES = 20;

/** @param alone there is one caller, whose everything is. @param pages further ones of a list. @throws GatewayError: what it holds cannot be told. */
export function ownObjects(
  call: Call,
  provider: string,
  delivered: Delivery,
  book: ObjectBook,
  alone: boolean,
  pages: ObjectPages,
): Delivery | Promise<Delivery> {
  const { method } = call.head;
  const answer = read(delivered.body);
  if (call.principal === null) return delivered;
  const owner = { owner: call.principal.id, provider, ...(method === 'POST' && modelsOf(call)) };
  // Mistral's lists are nothing more.
  if (Array.isArray(answer)) {
    const whole = alone || method !== 'GET';
    return whole ? delivered : bare(answer).then((own) => ({ ...delivered, body: bytesOf(own) }));
  }
  const json = isObject(answer) ? answer : null;
  const forwarded = call.operation!.raw?.verbatim === true;
  const rest = call.params['rest'] ?? '';
  const below = forwarded ? objectsInPath(rest) : idIn(call);
  if (json === null) {
    // A list that nobody here can read may hold anybody's. No fault of its provider's: its client may ask for any form.
    if (method === 'GET' && below.length === 0 && !alone && delivered.body.length > 0)
      throw new GatewayError('GW_CLIENT_UNSUPPORTED', { message: UNREADABLE });
    return delivered;
  }
  const note = (object: JsonObject): boolean => {
    for (const id of filesMadeBy(object)) book.claim(id, owner);
    // What is forwarded says where things are at its provider, as its client asked there.
    return !forwarded && pointHere(object);
  };
  if (forwarded && method === 'GET' && OF_ALL.test(rest)) return delivered;
  if (method === 'GET' && below.length === 0) {
    const list = listIn(json, forwarded);
    if (list !== null) {
      if (!alone) return filtered(json, list, json[list] as unknown[]);
      return (json[list] as unknown[]).filter(isObject).filter(note).length > 0 ? written(json) : delivered;
    }
    // Together lists sessions within `data`.
    const holder = json['data'];
    const inner = forwarded && !alone && isObject(holder) ? listIn(holder, true) : null;
    if (inner !== null) return ownWithin(json, holder as JsonObject, inner);
  }
  // Made, or the caller's already; with nobody else there, what it sees becomes its own.
  const session = sessionIn(json);
  const id = nameOfMade(json) ?? session;
  const part = below.length > 0 && (forwarded || PART.test(String(json['object'] ?? '')));
  if (id !== null && method !== 'DELETE' && !part) {
    if (id === session || isRepeated(id) || (forwarded && isAnsweredLater(asRead(rest))))
      book.claim(id, owner);
    else book.note(id, owner);
  }
  if (part && forwarded && !alone) return noteOfOwn(json);
  // Checkpoints of a model, and the like.
  if (below.length > 0 && Array.isArray(json['data']))
    for (const one of json['data']) if (isObject(one)) note(one);
  return note(json) ? written(json) : delivered;

  /** What an object made that may be nobody's, as far as it is known. */
  function noteOfOwn(object: JsonObject): Promise<Delivery> {
    return book.many(below).then((owners) => {
      if (!owners.some((found) => found?.owner === owner.owner)) return delivered;
      if (id !== null && method === 'POST' && RUN.test(rest)) book.note(id, owner);
      note(object);
      return delivered;
    });
  }

  function written(value: JsonObject): Delivery {
    return { ...delivered, body: bytesOf(value) };
  }

  /** The caller's own, from as many pages as it takes to fill one, in the direction that its client reads. */
  async function filtered(list: JsonObject, member: string, all: readonly unknown[]): Promise<Delivery> {
    const first = placeIn(list);
    const query = new URLSearchParams(call.head.query);
    const numbering = first === null ? numberingOf(query, list, all.length) : null;
    if (numbering !== null) {
      const { own, total, whole } = await byNumber(numbering, member, all);
      for (const object of own) note(object);
      return written(withOwnTotals({ ...list, [member]: own }, total, numbering, whole));
    }
    if (first !== null || member !== 'data') return byTokens(list, member, all, first);
    const back = query.has('before_id');
    const wanted = Number(query.get('limit')) || all.length;
    const edgeOf = (objects: readonly unknown[]): string | null => idOf(objects.at(back ? 0 : -1));
    let own = await ownOf(all);
    let edge = edgeOf(all);
    let more = list['has_more'] === true;
    for (let asked = 1; more && own.length < wanted && edge !== null && asked < MAX_PAGES; asked++) {
      const next = await pages(call, provider, placeAt(call, edge, back));
      const page = next === null ? null : parseObject(next.toString());
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
    const body: JsonObject = { ...list, data: shown };
    if ('has_more' in list) body['has_more'] = rest;
    // Where its client goes on: behind all that was looked at, unless some of its own is left of that.
    const looked = rest && own.length === shown.length ? edge : null;
    const ends = { first_id: idOf(shown[0]), last_id: idOf(shown.at(-1)) };
    const [ahead, behind] = back ? (['first_id', 'last_id'] as const) : (['last_id', 'first_id'] as const);
    if (ahead in list) body[ahead] = looked ?? ends[ahead];
    if (behind in list) body[behind] = ends[behind] ?? (rest ? list[behind] : null);
    return written(body);
  }

  /** Of a list whose pages have names of their own: the first one that holds anything of the caller's, less what is others'. */
  async function byTokens(
    list: JsonObject,
    member: string,
    all: readonly unknown[],
    first: PagePlace | null,
  ): Promise<Delivery> {
    let own = await ownOf(all);
    let page = list;
    let place = first;
    for (let asked = 1; own.length === 0 && place !== null && asked < MAX_PAGES; asked++) {
      const next = await pages(call, provider, place);
      const further = next === null ? null : parseObject(next.toString());
      // Where it goes on is known all the same.
      if (further === null) break;
      const objects = further[member];
      own = Array.isArray(objects) ? await ownOf(objects as unknown[]) : [];
      page = further;
      place = placeIn(further);
    }
    for (const object of own) note(object);
    return written(ownTotals({ ...page, [member]: own }, own.length));
  }

  function ownWithin(json: JsonObject, holder: JsonObject, member: string): Promise<Delivery> {
    const all = holder[member] as unknown[]; // a list
    return ownOf(all).then((own) => written({ ...json, data: { ...holder, [member]: own } }));
  }

  /** Of a bare list, as of one that has a name. */
  async function bare(all: readonly unknown[]): Promise<JsonObject[]> {
    const numbering = numberingOf(new URLSearchParams(call.head.query), null, all.length);
    return numbering === null ? ownOf(all) : (await byNumber(numbering, null, all)).own;
  }

  /**
   * The caller's own of a page that is asked for by its number, counted among its own: all pages from the first on are looked at, and
   * behind as many as that each as it came, so that nothing of it is left out.
   * @param member null = the list is bare. @param asked the page as it came. @returns `whole`: nothing was left to be looked at.
   */
  async function byNumber(
    numbering: Numbering,
    member: string | null,
    asked: readonly unknown[],
  ): Promise<{ own: JsonObject[]; total: number; whole: boolean }> {
    const { from, size } = numbering;
    if (size > 0 && from >= MAX_PAGES * size) {
      const own = await ownOf(asked);
      return { own, total: from + own.length, whole: asked.length < size };
    }
    const own: JsonObject[] = [];
    const seen = new Set<string | undefined>();
    let whole = size === 0;
    for (let at = 0; !whole && own.length < from + size && at < MAX_PAGES; at++) {
      const objects = at === 0 && from === 0 ? asked : await pageAt(numbering, member, at);
      if (objects === null) break;
      // Who does not know pages by number answers with the same one again.
      const begins = JSON.stringify(objects[0]);
      if (seen.has(begins)) break;
      seen.add(begins);
      own.push(...(await ownOf(objects)));
      whole = objects.length < size;
    }
    return { own: own.slice(from, from + size), total: own.length, whole };
  }

  async function pageAt(numbering: Numbering, member: string | null, at: number): Promise<unknown[] | null> {
    const page = await pages(call, provider, placeOfPage(numbering, at));
    if (page === null) return null;
    const json = read(page);
    const objects: unknown = member === null || !isObject(json) ? json : json[member];
    return Array.isArray(objects) ? objects : null;
  }

  async function ownOf(all: readonly unknown[]): Promise<JsonObject[]> {
    const objects = all.filter(isObject);
    const owners = await book.many(objects.map((object) => nameOf(object) ?? ''));
    return objects.filter(
      (object, at) =>
        // Skills of its own it lists for everybody.
        object['source'] === 'anthropic' ||
        (owners[at]?.owner === owner.owner && owners[at].provider === provider),
    );
  }
}

/** What was made asks for these. */
function modelsOf({ namedModels }: Call): Pick<ObjectOwner, 'models' | 'mentions'> | null {
  if (namedModels === null) return null;
  const { models, mentioned } = namedModels;
  if (models !== null) return models.length > 0 ? { models } : null;
  return mentioned == null ? null : { mentions: mentioned };
}

function idOf(object: unknown): string | null {
  return isObject(object) && isId(object['id']) ? object['id'] : null;
}

/** The object that a route names. */
function idIn({ params }: Call): readonly string[] {
  const id = params['id'];
  return id === undefined ? [] : [id];
}

/** The member that lists objects; null = none does. Google and Cohere call it by what they are. */
function listIn(json: JsonObject, forwarded: boolean): string | null {
  if (Array.isArray(json['data'])) return 'data';
  if (!forwarded) return null;
  const lists = ([, value]: [string, unknown]): boolean =>
    Array.isArray(value) && value.some((one) => isObject(one) && nameOf(one) !== null);
  return Object.entries(json).find(lists)?.[0] ?? null;
}

/**
 * SDKs ask for the results of a batch at the address it says: below their own base URL, and not the provider's, which does not
 * know their key. @returns whether there was one.
 */
function pointHere(object: JsonObject): boolean {
  if (!isId(object['results_url']) || !isId(object['id'])) return false;
  object['results_url'] = `/v1/messages/batches/${encodeURIComponent(object['id'])}/results`;
  return true;
}

/** AWS answers a request that has the token of an earlier one with what that began, whoever sent it. */
function isRepeated(id: string): boolean {
  return id.startsWith('async-invoke/') || id.startsWith('model-invocation-job/');
}

/** Null: it is no JSON. */
function read(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
