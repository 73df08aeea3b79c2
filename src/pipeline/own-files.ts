// Whether the files that a conversation refers to are the caller's: anybody else's are answered as if there were none. What nobody
// knows the maker of goes on: it was put there past the gateway, and the provider knows whose it is.
import { holdBody, releaseBody } from '../body/hold.ts';
import type { BodySource } from '../contracts/body-source.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { mayNameObjects, objectsInBody, type NamesIn } from '../names/object-names.ts';
import { beginsWide, mayBeWide, saysWide, TELLING } from '../names/wide-text.ts';
import { ModelScan } from '../body/named-models.ts';
import type { Permits } from '../contracts/principal.ts';
import { boundaryOf } from '../body/form.ts';
import { CheckedUpload, notInUtf8, readerOf } from './checked-upload.ts';
import { beginsRun, LogScan } from './log-scan.ts';
import { ScannedUpload } from './scanned-upload.ts';
import { saidIn, type SaidIn, saidModels } from './who/said-models.ts';
import { mayAskNamed } from './who/unseen.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import { asRead } from './raw/raw-address.ts';
import { readUpload, readWhole, WholeSource } from './whole-upload.ts';
import { MadeSink, mayMake } from './made-sink.ts';
import { mayName, type ObjectRightsDeps } from './object-rights.ts';

const FORM = /^\s*multipart\/form-data\b/i;
const PROTO = /\bprotobuf\b/i;
/** Where bytes of files go up. */
const UPLOADS = /^\/?(?:resumable\/)?upload\//;
const MANY = /^\/?(?:batch|\$rpc)(?:\/|$)/;
const LISTS: ReadonlySet<string> = new Set(['file', 'upload', 'message-batch', 'eval']);

/** Undoes a content coding, bounded. */
type Decode = (body: Buffer, encoding: string, maxBytes: number) => Promise<Buffer>;

export function createOwnFiles(deps: ObjectRightsDeps, decode: Decode): Stage {
  const { book, alone } = deps;
  const stage: Stage = (call) => {
    const where = saidIn(call);
    if (where === null || isCoded(call) || (call.body === null && call.upload === null)) return looked(call);
    return lookedInto(call, where, book).then(() => (call.settled ? 'continue' : looked(call)));
  };
  const looked: Stage = (call) => {
    const { body, principal } = call;
    if (principal === null) return 'continue';
    if (principal.permits !== null) scanModels(call, principal.permits);
    // What is looked through for models is looked through on.
    const { upload } = call;
    if (mayMake(call)) call.sink = new MadeSink(call.sink, call, book, objectsInBody(body!, 'request'));
    if (alone(call)) return 'continue';
    // What is handed on as it came is compressed still: only as a whole it can be looked into.
    const comes = body !== null || (upload !== null && upload.decoded !== true);
    if (comes && call.operation!.intake === 'stream' && isCoded(call))
      return undone(call, decode).then(() => (call.settled ? 'continue' : stage(call)));
    const refused = beginsRun(call) ? scanRun(call) : null;
    if (refused !== null) return refused;
    const where = whereOf(call);
    const type = call.head.headers.get('content-type') ?? '';
    if (saysWide(type)) return notInUtf8();
    if (isUnread(call, type)) return unread();
    // Some clients say so of what has no body at all.
    const isForm = (call.upload !== null || (body !== null && body.length > 0)) && FORM.test(type);
    const boundary = isForm ? boundaryOf(type) : null;
    if (isForm && boundary === null)
      return new GatewayError('GW_CLIENT_MEDIA_TYPE', {
        message: 'The boundary of this form cannot be read.',
      });
    if (call.upload !== null) {
      call.upload = checked(call.upload, call, deps, where, boundary, mayBeWide(type));
      return 'continue';
    }
    if (body === null) return 'continue';
    if (boundary === null && mayBeWide(type) && beginsWide(body.toString('latin1', 0, TELLING)))
      return notInUtf8();
    const isText = boundary === null || where !== 'request';
    const ids = isText && mayNameSome(call, body, where) ? objectsInBody(body, where) : [];
    if (boundary !== null) ids.push(...namesInForm(body, boundary, where));
    if (ids.length === 0) return 'continue';
    return mayName(deps, call, ids).then(
      (may): StageResult => (may ? 'continue' : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND')),
    );
  };
  return stage;
}

/**
 * Google takes its messages as bytes of its own form as well, in which nobody here reads what they name, and at one path many requests, or
 * any method of its services. A file is what it is.
 */
function isUnread({ route, operation, params }: Call, type: string): boolean {
  if (route.dialect !== 'gemini' || operation!.raw?.verbatim !== true) return false;
  const path = asRead(params['rest'] ?? '');
  return MANY.test(path) || (PROTO.test(type) && !UPLOADS.test(path));
}

function unread(): GatewayError {
  return new GatewayError('GW_CLIENT_MEDIA_TYPE', {
    message: 'Requests are to be JSON where several keys share the gateway: what they name is looked up.',
  });
}

/** Which models it asks for is known before anything of it goes on: it is here whole. Rejects where it is too large. */
async function lookedInto(call: Call, where: SaidIn, book: ObjectBook): Promise<void> {
  const { upload } = call;
  const body = upload === null ? call.body! : await readUpload(call, upload, tooLargeUnseen);
  call.namedModels = await saidModels(where, call, body, book);
  if (upload === null) return;
  const type = call.head.headers.get('content-type') ?? '';
  call.upload = new WholeSource(body, type, body.length, upload.decoded === true);
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

/** @returns why one that is here already is refused; one on its way is when it ends. */
function scanRun(call: Call): GatewayError | null {
  const { body, upload } = call;
  const scan = new LogScan();
  if (upload !== null) call.upload = new ScannedUpload(upload, scan, () => scan.wrong);
  else if (body !== null) scan.look(body);
  return scan.wrong;
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
function checked(
  upload: BodySource,
  call: Call,
  deps: ObjectRightsDeps,
  where: NamesIn,
  boundary: string | null,
  wide: boolean,
): CheckedUpload {
  return new CheckedUpload(upload, (ids) => mayName(deps, call, ids), where, boundary, wide);
}

/**
 * Which members name something. Files, and bodies that are lists of requests, have lines that nobody else looks at; an interaction names
 * agents, environments and credentials as what is forwarded does.
 */
function whereOf({ operation }: Call): NamesIn {
  if (operation!.raw?.verbatim === true || operation!.name === 'interaction') return 'forwarded';
  return LISTS.has(operation!.name) ? 'lines' : 'request';
}

/** @throws GatewayError: the form cannot be read. */
function namesInForm(body: Buffer, boundary: string, where: NamesIn): string[] {
  const named: string[] = [];
  const form = readerOf(boundary, where, named);
  form.push(body);
  form.end();
  return named;
}

function tooLargeUnseen(maxBytes: number): GatewayError {
  const message = `What names models is looked into first where a key may not use every one: it may have ${maxBytes} bytes.`;
  return new GatewayError('GW_CLIENT_TOO_LARGE', { message });
}

function tooLarge(maxBytes: number): GatewayError {
  const message = `A compressed body that is handed on is looked into first: it may have ${maxBytes} bytes.`;
  return new GatewayError('GW_CLIENT_TOO_LARGE', { message });
}

/** Of a body that was inspected it is known, but for what only forwarded ones say. */
function mayNameSome({ facts, operation }: Call, body: Buffer, where: NamesIn): boolean {
  if (operation!.intake === 'json' && facts !== null && where !== 'forwarded') return facts.namesFiles;
  return mayNameObjects(body.toString('latin1'), where);
}

function isCoded({ head }: Call): boolean {
  const coded = head.headers.get('content-encoding') ?? '';
  return coded !== '' && coded !== 'identity';
}
