// Whether the files that a conversation refers to are the caller's: anybody else's are answered as if there were none. What nobody
// knows the maker of goes on: it was put there past the gateway, and the provider knows whose it is.
import { holdBody, releaseBody } from '../body/hold.ts';
import type { BodySource } from '../contracts/body-source.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { mayNameObjects, objectsInBody } from '../names/object-names.ts';
import { ModelScan } from '../body/named-models.ts';
import type { Permits } from '../contracts/principal.ts';
import { CheckedUpload } from './checked-upload.ts';
import { ScannedUpload } from './scanned-upload.ts';
import { mayAskNamed } from './who/unseen.ts';
import { readWhole, WholeSource } from './whole-upload.ts';
import { MadeSink, mayMake } from './made-sink.ts';
import { mayName as mayNameForwarded, type ObjectRightsDeps } from './object-rights.ts';

/** Whether all of them are the caller's, or nobody knows whose. */
type MayName = (call: Call, ids: readonly string[]) => Promise<boolean>;

const ESCAPE = Buffer.from('\\u00');

/** Undoes a content coding, bounded. */
type Decode = (body: Buffer, encoding: string, maxBytes: number) => Promise<Buffer>;

export function createOwnFiles(deps: ObjectRightsDeps, decode: Decode): Stage {
  const { book, alone } = deps;
  const own: MayName = ({ principal }, ids) =>
    book.many(ids).then((owners) => owners.every((owner) => owner === null || owner.owner === principal!.id));
  const forwarded: MayName = (call, ids) => mayNameForwarded(deps, call, ids);
  const stage: Stage = (call) => {
    const { body, principal } = call;
    if (principal === null) return 'continue';
    if (principal.permits !== null) scanModels(call, principal.permits);
    // What is looked through for models is looked through on.
    const { upload } = call;
    if (mayMake(call)) call.sink = new MadeSink(call.sink, call, book, objectsInBody(body!, false));
    if (alone(call)) return 'continue';
    // What is handed on as it came is compressed still: only as a whole it can be looked into.
    const comes = body !== null || (upload !== null && upload.decoded !== true);
    if (comes && call.operation!.intake === 'stream' && isCoded(call))
      return undone(call, decode).then(() => (call.settled ? 'continue' : stage(call)));
    const asIs = call.operation!.raw?.verbatim === true;
    if (upload !== null) {
      call.upload = checked(upload, call, asIs ? forwarded : own, asIs);
      return 'continue';
    }
    if (body === null || !mayNameSome(call, body, asIs)) return 'continue';
    const ids = objectsInBody(body, asIs);
    if (ids.length === 0) return 'continue';
    return (asIs ? forwarded : own)(call, ids).then(
      (may): StageResult => (may ? 'continue' : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND')),
    );
  };
  return stage;
}

/** What the requests of a batch ask of which model, of a key that may not use every one. What is compressed cannot be looked into. */
function scanModels(call: Call, permits: Permits): void {
  const { body, upload, operation, head } = call;
  const { name } = operation!;
  if (head.method !== 'POST' || (name !== 'file' && name !== 'message-batch')) return;
  // Of a batch there is more than one way to begin it: only its list has one in the body.
  if (call.params['id'] !== undefined || (isCoded(call) && upload?.decoded !== true)) return;
  const scan = new ModelScan(name === 'file');
  call.namedModels = scan;
  if (upload === null) {
    // A short one is here.
    if (body !== null) scan.look(body);
    scan.end();
    return;
  }
  call.upload = new ScannedUpload(
    upload,
    scan,
    name === 'file' ? null : () => mayAskNamed(call, permits, scan.models),
  );
}

/** Its body goes on without its coding. Rejects with why it cannot be undone: it is too large, or is none. */
async function undone(call: Call, decode: Decode): Promise<void> {
  const { upload } = call;
  const { headers } = call.head;
  const { maxBodyBytes } = call.snapshot.config.server;
  const work = { cancel: () => upload?.abort() };
  call.begin(work);
  let came: Buffer;
  let body: Buffer;
  holdBody(call);
  try {
    came = call.body ?? (await readWhole(upload!, maxBodyBytes, tooLarge)); // one of them is there
    body = await decode(came, headers.get('content-encoding')!, maxBodyBytes);
  } finally {
    call.finish(work);
    releaseBody(call);
  }
  call.body = null;
  call.upload = new WholeSource(body, headers.get('content-type') ?? '', came.length, true);
}

// Apart, so that a call without an upload costs no closure.
function checked(upload: BodySource, call: Call, mayName: MayName, asIs: boolean): CheckedUpload {
  return new CheckedUpload(upload, (ids) => mayName(call, ids), asIs);
}

function tooLarge(maxBytes: number): GatewayError {
  const message = `A compressed body that is handed on is looked into first: it may have ${maxBytes} bytes.`;
  return new GatewayError('GW_CLIENT_TOO_LARGE', { message });
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
