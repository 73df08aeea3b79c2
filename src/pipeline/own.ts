// Whether an object that a request names is the caller's: anybody else's is answered as if there were none. What nobody knows
// the maker of (older than the gateway, or forgotten) is served only where there is one caller at all.
import { memberSpan } from '../body/member-edits.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { ObjectOwner } from '../contracts/objects.ts';
import { objectsInPath, objectsInQuery } from '../names/object-names.ts';
import { refusedForm } from './answer-form.ts';
import { filmNamed } from './film-named.ts';
import { mayName, type ObjectRightsDeps } from './object-rights.ts';
import type { UploadSeal } from './upload-seal.ts';

/** Sets `call.keptAt`; reads the object that a body names. */
export function createOwn(deps: ObjectRightsDeps, uploads: UploadSeal): Stage {
  const { book, alone } = deps;
  const check = (call: Call, owner: ObjectOwner | null): StageResult => {
    if (owner === null) return alone(call) || isEverybodys(call) ? 'continue' : notFound();
    return owner.owner === call.principal!.id ? 'continue' : notFound();
  };
  return (call) => {
    const { params, operation } = call;
    const form = refusedForm(call);
    if (form !== null) return form;
    if (operation!.raw?.verbatim === true)
      return (
        othersUpload(call) ??
        ofOthers(call, [...objectsInPath(params['rest'] ?? ''), ...objectsInQuery(call.head.query)])
      );
    const named = params['id'] ?? (operation!.intake === 'socket' ? callIn(call) : objectIn(call));
    if (named instanceof GatewayError) return named;
    if (named === null) return atFilm(call);
    const found = book.find(named);
    const kept = (owner: ObjectOwner | null): StageResult | Promise<StageResult> => {
      if (owner !== null) call.keptAt = owner.provider;
      if (owner?.models !== undefined && operation!.name === 'batch')
        call.namedModels = { models: [...owner.models, ...modelsBeside(call)] };
      const result = check(call, owner);
      // What is below an object that is the caller's may be somebody else's all the same: a file in a vector store.
      return result === 'continue' && params['item'] !== undefined
        ? ofOthers(call, [params['item']])
        : result;
    };
    return found instanceof Promise ? found.then(kept) : kept(found);
  };

  /** A film is made of the caller's own where that one is. Whether it may be named at all the files' stage looks. */
  function atFilm(call: Call): StageResult | Promise<StageResult> {
    const id = filmNamed(call);
    if (id === null) return 'continue';
    const kept = (owner: ObjectOwner | null): StageResult => {
      if (owner?.owner === call.principal!.id) call.keptAt = owner.provider;
      return 'continue';
    };
    const found = book.find(id);
    return found instanceof Promise ? found.then(kept) : kept(found);
  }

  /** Google's uploads in several steps go on at an address of its own: among several callers each is given one here, and goes on there alone. */
  function othersUpload(call: Call): GatewayError | null {
    const { head, params, snapshot } = call;
    if (alone(call)) return null;
    if (uploads.goesOn(head)) return uploads.isOurs(head.query, params) ? null : notFound();
    if (!uploads.begins(head)) return null;
    const base = snapshot.config.providers.find(({ name }) => name === params['provider'])?.baseUrl ?? '';
    if (URL.canParse(base)) call.sink = uploads.around(call, call.sink, new URL(base));
    return null;
  }

  function ofOthers(call: Call, ids: readonly string[]): StageResult | Promise<StageResult> {
    if (ids.length === 0 || alone(call)) return 'continue';
    return mayName(deps, call, ids).then((may): StageResult => (may ? 'continue' : notFound()));
  }
}

/** The spoken conversation under way that a socket is beside: its sound goes past the gateway. */
export function callIn({ head }: Pick<Call, 'head'>): string | null {
  const { query } = head;
  // Its name may be written in other ways.
  return query.includes(BESIDE) || query.includes('%')
    ? new URLSearchParams(query).get(BESIDE) || null
    : null;
}

function previousIn({ body, facts }: Call): string | null | GatewayError {
  const { members } = facts!;
  const span = memberSpan(body!, members, PREVIOUS);
  if (span === null) return null;
  // Which of two counts its provider would say.
  if (memberSpan(body!, members.slice(members.indexOf(span.end) + 1), PREVIOUS) !== null)
    return new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: `\`${PREVIOUS}\` is given twice.`,
      param: PREVIOUS,
    });
  const id: unknown = JSON.parse(body!.toString('utf8', span.start, span.end));
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Skills that a vendor has for everybody have names; the ids of those that are made say that they are ids. */
function isEverybodys({ head, operation, params }: Call): boolean {
  return head.method === 'GET' && operation!.name === 'skill' && !/^skill_/.test(params['id'] ?? '');
}

function notFound(): GatewayError {
  return new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND');
}

/** What a batch says of its own which model is to work for all of it, in the place of those that the lines of its file name (Together). */
function modelsBeside({ body, head, params, principal }: Call): string[] {
  if (head.method !== 'POST' || params['id'] !== undefined || principal!.permits === null) return [];
  const json = JSON.parse(body!.toString('utf8')) as Record<string, unknown>; // written by objectIn
  return [json['model'], json['model_id']].filter((name): name is string => typeof name === 'string');
}

/** Of a socket's address. */
export const BESIDE = 'call_id';
/** Of a body that names what it goes on from. */
const PREVIOUS = 'previous_interaction_id';

/** What a body builds on; null = it names nothing. What goes on of a batch says it once, whoever reads it. */
function objectIn(call: Call): string | null | GatewayError {
  if (call.operation!.name === 'interaction') return previousIn(call);
  if (call.operation!.name === 'model-object') return call.params['model']!;
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
