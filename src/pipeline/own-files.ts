// Whether the files that a conversation refers to are the caller's: anybody else's are answered as if there were none. What nobody
// knows the maker of goes on: it was put there past the gateway, and the provider knows whose it is.
import type { BodySource } from '../contracts/body-source.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import { CheckedUpload } from './checked-upload.ts';

export interface OwnFilesDeps {
  book: ObjectBook;
  /** There is one caller: nobody whose files it could see. */
  alone(call: Call): boolean;
}

/** In a text of the body it would stand with a backslash before the second quote. */
const MEMBER = Buffer.from('"file_id');
/** Letters, digits and what else names and ids are made of, written as numbers: no encoder does so, and it is read through. */
const ESCAPE = Buffer.from('\\u00');
const DISGUISED = /\\u00(2d|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\da])/gi;
const NAMED = /"file_ids?"\s*:\s*(?:"([^"\\]*)"|\[([^\]]*)\])/g;
/** Members of a list that are texts. */
const TEXTS = /"([^"\\]*)"/g;

export function createOwnFiles({ book, alone }: OwnFilesDeps): Stage {
  /** Whether all of them are the caller's, or nobody knows whose. */
  const mayName = (caller: string, ids: readonly string[]): Promise<boolean> =>
    book.many(ids).then((owners) => owners.every((owner) => owner === null || owner.owner === caller));
  return (call) => {
    const { body, principal, upload } = call;
    if (principal === null || alone(call)) return 'continue';
    // What is handed on as it came is compressed still, and cannot be looked into.
    if (call.operation!.intake === 'stream' && (upload ?? body) !== null && isCoded(call))
      return new GatewayError('GW_CLIENT_MEDIA_TYPE');
    if (upload !== null) {
      call.upload = checked(upload, principal.id);
      return 'continue';
    }
    if (body === null || !mayNameSome(call, body)) return 'continue';
    const text = body.toString('latin1');
    const ids = filesIn(body.includes(ESCAPE) ? text.replace(DISGUISED, letter) : text);
    if (ids.length === 0) return 'continue';
    return mayName(principal.id, ids).then(
      (may): StageResult => (may ? 'continue' : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND')),
    );
  };

  // Apart, so that a call without an upload costs no closure.
  function checked(upload: BodySource, caller: string): CheckedUpload {
    return new CheckedUpload(upload, (ids) => mayName(caller, ids));
  }
}

/** Of a body that was inspected it is known. */
function mayNameSome({ facts, operation }: Call, body: Buffer): boolean {
  if (operation!.intake === 'json' && facts !== null) return facts.namesFiles;
  return body.includes(ESCAPE) || body.includes(MEMBER);
}

function isCoded({ head }: Call): boolean {
  const coded = head.headers.get('content-encoding') ?? '';
  return coded !== '' && coded !== 'identity';
}

function letter(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function filesIn(text: string): string[] {
  const ids = new Set<string>();
  for (const [, one, list = ''] of text.matchAll(NAMED)) {
    if (one !== undefined) ids.add(one);
    for (const [, each] of list.matchAll(TEXTS)) ids.add(each!);
  }
  return [...ids];
}
