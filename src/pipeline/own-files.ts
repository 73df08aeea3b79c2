// Whether the files that a conversation refers to are the caller's: anybody else's are answered as if there were none. What nobody
// knows the maker of goes on: it was put there past the gateway, and the provider knows whose it is.
import type { BodySource } from '../contracts/body-source.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { mayNameObjects, objectsInText } from '../names/object-names.ts';
import { CheckedUpload } from './checked-upload.ts';
import { MadeSink, mayMake } from './made-sink.ts';
import { mayName as mayNameForwarded, type ObjectRightsDeps } from './object-rights.ts';

/** Whether all of them are the caller's, or nobody knows whose. */
type MayName = (call: Call, ids: readonly string[]) => Promise<boolean>;

/** Letters, digits and what else names and ids are made of, written as numbers: no encoder does so, and it is read through. */
const ESCAPE = Buffer.from('\\u00');
const DISGUISED = /\\u00(2[df]|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\da])/gi;

export function createOwnFiles(deps: ObjectRightsDeps): Stage {
  const { book, alone } = deps;
  const own: MayName = ({ principal }, ids) =>
    book.many(ids).then((owners) => owners.every((owner) => owner === null || owner.owner === principal!.id));
  const forwarded: MayName = (call, ids) => mayNameForwarded(deps, call, ids);
  return (call) => {
    const { body, principal, upload } = call;
    if (principal === null) return 'continue';
    if (mayMake(call)) call.sink = new MadeSink(call.sink, call, book);
    if (alone(call)) return 'continue';
    // What is handed on as it came is compressed still, and cannot be looked into.
    if (call.operation!.intake === 'stream' && (upload ?? body) !== null && isCoded(call))
      return new GatewayError('GW_CLIENT_MEDIA_TYPE');
    const asIs = call.operation!.raw?.verbatim === true;
    if (upload !== null) {
      call.upload = checked(upload, call, asIs ? forwarded : own, asIs);
      return 'continue';
    }
    if (body === null || !mayNameSome(call, body, asIs)) return 'continue';
    const text = body.toString('latin1');
    const ids = objectsInText(body.includes(ESCAPE) ? text.replace(DISGUISED, letter) : text, asIs);
    if (ids.length === 0) return 'continue';
    return (asIs ? forwarded : own)(call, ids).then(
      (may): StageResult => (may ? 'continue' : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND')),
    );
  };
}

// Apart, so that a call without an upload costs no closure.
function checked(upload: BodySource, call: Call, mayName: MayName, asIs: boolean): CheckedUpload {
  return new CheckedUpload(upload, (ids) => mayName(call, ids), asIs);
}

/** Of a body that was inspected it is known. */
function mayNameSome({ facts, operation }: Call, body: Buffer, asIs: boolean): boolean {
  if (operation!.intake === 'json' && facts !== null) return facts.namesFiles;
  return body.includes(ESCAPE) || mayNameObjects(body.toString('latin1'), asIs);
}

function isCoded({ head }: Call): boolean {
  const coded = head.headers.get('content-encoding') ?? '';
  return coded !== '' && coded !== 'identity';
}

function letter(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
