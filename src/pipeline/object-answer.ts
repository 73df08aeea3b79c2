// Answers that hold objects: whose they are is noted before the client hears of them, and of a list the client gets its own.
import { Buffer } from 'node:buffer';
import type { Call } from '../contracts/call.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import type { Delivery } from './unary-answer.ts';

/** Members of a batch that name files made by it. */
const MADE_FILES = ['output_file_id', 'error_file_id'] as const;

type JsonRecord = Record<string, unknown>;

/** @param alone there is one caller, whose everything is. */
export function ownObjects(
  call: Call,
  provider: string,
  delivered: Delivery,
  book: ObjectBook,
  alone: boolean,
): Delivery | Promise<Delivery> {
  const { method } = call.head;
  const json = parsed(delivered.body);
  if (json === null || call.principal === null) return delivered;
  const owner = { owner: call.principal.id, provider };
  const note = (object: JsonRecord): boolean => {
    for (const member of MADE_FILES) if (isId(object[member])) book.note(object[member], owner);
    return pointHere(object);
  };
  const { data } = json;
  if (method === 'GET' && call.params['id'] === undefined && Array.isArray(data)) {
    if (!alone) return filtered(json, data as unknown[]);
    return data.filter(isRecord).filter(pointHere).length > 0 ? written(json) : delivered;
  }
  // Made, or the caller's already; with nobody else there, what it sees becomes its own.
  if (isId(json['id']) && method !== 'DELETE') book.note(json['id'], owner);
  return note(json) ? written(json) : delivered;

  function written(value: JsonRecord): Delivery {
    return { ...delivered, body: Buffer.from(JSON.stringify(value)) };
  }

  async function filtered(list: JsonRecord, all: readonly unknown[]): Promise<Delivery> {
    const objects = all.filter(isRecord);
    const owners = await book.many(objects.map(({ id }) => (isId(id) ? id : '')));
    const own = objects.filter(
      (_, at) => owners[at]?.owner === owner.owner && owners[at].provider === provider,
    );
    for (const object of own) note(object);
    const body: JsonRecord = { ...list, data: own };
    // Where the next page begins only the provider's own ids say.
    if (list['has_more'] !== true) {
      if ('first_id' in list) body['first_id'] = own[0]?.['id'] ?? null;
      if ('last_id' in list) body['last_id'] = own.at(-1)?.['id'] ?? null;
    }
    return written(body);
  }
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
