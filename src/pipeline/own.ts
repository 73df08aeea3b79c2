// Whether an object that a request names is the caller's: anybody else's is answered as if there were none. What nobody knows
// the maker of (older than the gateway, or forgotten) is served only where there is one caller at all.
import { memberSpan } from '../body/member-edits.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { ObjectBook, ObjectOwner } from '../contracts/objects.ts';

/** Segments of a path that is forwarded which may name an object. */
const LIKE_AN_ID = /^(?:file|batch|msgbatch|video|vid|container|cntr|resp|vs|conv)[-_]./;

export interface OwnDeps {
  book: ObjectBook;
  /** There is one caller: nobody whose objects it could see. */
  alone(call: Call): boolean;
}

/** Sets `call.keptAt`; reads the object that a body names. */
export function createOwn({ book, alone }: OwnDeps): Stage {
  const check = (call: Call, owner: ObjectOwner | null, strict: boolean): StageResult => {
    if (owner === null) return !strict || alone(call) ? 'continue' : notFound();
    return owner.owner === call.principal!.id ? 'continue' : notFound();
  };
  return (call) => {
    const { params, operation } = call;
    if (operation!.raw?.verbatim === true) return forwarded(call);
    const named = params['id'] ?? (operation!.intake === 'socket' ? callIn(call) : objectIn(call));
    if (named instanceof GatewayError) return named;
    if (named === null) return 'continue';
    const found = book.find(named);
    const kept = (owner: ObjectOwner | null): StageResult => {
      if (owner !== null) call.keptAt = owner.provider;
      return check(call, owner, true);
    };
    return found instanceof Promise ? found.then(kept) : kept(found);
  };

  function forwarded(call: Call): StageResult | Promise<StageResult> {
    const ids = (call.params['rest'] ?? '').split('/').filter((segment) => LIKE_AN_ID.test(segment));
    if (ids.length === 0 || alone(call)) return 'continue';
    return book.many(ids).then((owners) => {
      for (const owner of owners) {
        const result = check(call, owner, false);
        if (result !== 'continue') return result;
      }
      return 'continue';
    });
  }
}

/** The spoken conversation under way that a socket is beside: its sound goes past the gateway. */
export function callIn({ head }: Pick<Call, 'head'>): string | null {
  return head.query.includes(BESIDE) ? new URLSearchParams(head.query).get(BESIDE) || null : null;
}

function previousIn({ body, facts }: Call): string | null {
  const span = memberSpan(body!, facts!.members, PREVIOUS);
  if (span === null) return null;
  const id: unknown = JSON.parse(body!.toString('utf8', span.start, span.end));
  return typeof id === 'string' && id !== '' ? id : null;
}

function notFound(): GatewayError {
  return new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND');
}

/** Of a socket's address. */
const BESIDE = 'call_id';
/** Of a body that names what it goes on from. */
const PREVIOUS = 'previous_interaction_id';

/** What a body builds on; null = it names nothing. What goes on of a batch says it once, whoever reads it. */
function objectIn(call: Call): string | null | GatewayError {
  if (call.operation!.name === 'interaction') return previousIn(call);
  if (call.operation!.name !== 'batch' || call.head.method !== 'POST') return null;
  let json: unknown;
  try {
    json = JSON.parse(call.body!.toString('utf8'));
  } catch {
    json = null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'The body is to be a JSON object.' });
  }
  call.body = Buffer.from(JSON.stringify(json));
  const { input_file_id: id } = json as Record<string, unknown>;
  return typeof id === 'string' && id !== '' ? id : null;
}
