// Reads the body once: inline when small, in a thread above `offloadBytes`, so that one large prompt delays nobody.

import { holdBody, releaseBody } from '../body/hold.ts';
import { countSpoken } from '../body/spoken-text.ts';
import { applyEdits } from '../body/splice.ts';
import type { BodyFacts } from '../contracts/body.ts';
import { codecOf } from '../contracts/dialect.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { Clock, Offload } from '../contracts/ports.ts';
import { dialectByName } from '../registry/dialects.ts';
import { mayCallRoute } from './who/guard.ts';

export interface IdentifyDeps {
  clock: Clock;
  offload: Offload | null;
  inspect(body: Buffer): BodyFacts;
  normalise(body: Buffer): Buffer;
  /** Undoes a content-encoding, bounded. */
  decode(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer>;
}

/** Sets `call.facts` (and replaces `call.body` when it was compressed or normalised). */
export function createIdentify(deps: IdentifyDeps): Stage {
  /** What is known of its body once it was looked through. */
  const known = (call: Call, facts: BodyFacts): StageResult => {
    call.facts = fromPath(call, facts, deps);
    const asked = byBody(call);
    if (asked !== 'continue') return asked;
    inShape(call, deps);
    call.inspectedAt = deps.clock.now();
    return 'continue';
  };
  const read = (call: Call): StageResult | Promise<StageResult> => {
    const { server } = call.snapshot.config;
    const body = call.body!;
    if (deps.offload === null || body.length < server.offloadBytes) {
      if (server.normaliseText) {
        deps.inspect(body); // refuses what normalising must not repair
        call.body = deps.normalise(body);
      }
      return known(call, deps.inspect(call.body!));
    }
    const abort = new AbortController();
    const work = { cancel: () => abort.abort() };
    call.begin(work);
    call.body = null; // moved to the thread
    return deps.offload.inspect(body, server.normaliseText, abort.signal).then((result) => {
      call.finish(work);
      call.body = result.body;
      return known(call, result.facts);
    });
  };
  return (call) => {
    const encoding = call.head.headers.get('content-encoding');
    if (encoding === undefined || encoding === '' || encoding === 'identity') return read(call);
    // zlib reads it in threads of its own, also once the client has left.
    holdBody(call);
    const decoded = deps.decode(call.body!, encoding, call.snapshot.config.server.maxBodyBytes);
    return decoded
      .finally(() => releaseBody(call))
      .then((body) => {
        if (call.settled) return 'continue';
        call.body = body;
        return read(call);
      });
  };
}

/** A body that asks for another operation makes its call one of that, which its key may be denied. */
function byBody(call: Call): 'continue' | GatewayError {
  const { route, facts, body } = call;
  if (route.kind !== 'model' || route.likes === undefined) return 'continue';
  const dialect = dialectByName(route.dialect);
  const other = route.likes.find(
    ({ operation }) => codecOf(dialect, operation.name)?.asks?.(body!, facts!) === true,
  );
  if (other !== undefined) call.becomes(other);
  return mayCallRoute(call);
}

/** A body in another dialect's shape becomes one of its route's before anything else reads it. */
function inShape(call: Call, deps: Pick<IdentifyDeps, 'inspect'>): void {
  const { route } = call;
  if (route.kind !== 'model') return;
  const { name } = route.operation;
  if (name === 'speech') countSpoken(call.body!, call.facts!);
  if (name !== 'chat' && name !== 'token-count' && name !== 'rerank') return;
  const reshaped =
    dialectByName(route.dialect)[name]?.reshape?.(call.body!, call.facts!, route.hosted) ?? null;
  if (reshaped === null) return;
  const { model } = call.facts!;
  call.body = reshaped;
  call.facts = deps.inspect(reshaped);
  call.facts.model = model ?? call.facts.model; // what the path says still does
}

/** A prompt that stands in members that are nobody else's: all of the body is taken for it. */
function allOfIt(facts: BodyFacts, body: Buffer): BodyFacts {
  if (facts.promptBytes === 0 && !facts.empty) facts.promptBytes = body.length;
  return facts;
}

/** What the path says stands in the place of what a body would. */
function fromPath(call: Call, facts: BodyFacts, deps: Pick<IdentifyDeps, 'inspect'>): BodyFacts {
  const { route, params, body, prefix } = call;
  allOfIt(facts, body!);
  if (route.kind !== 'model') return facts;
  // Azure's deployment decides, whatever its body says: nobody behind may read another name there.
  if (prefix === 'azure' && params['model'] !== undefined) {
    const { modelMember, model } = facts;
    if (modelMember !== null && model !== params['model']) {
      call.body = applyEdits(body!, [{ ...modelMember.value, text: JSON.stringify(params['model']) }]);
      return allOfIt(deps.inspect(call.body), call.body);
    }
    facts.model = params['model'];
    return facts;
  }
  if (route.stream === null && route.hosted === undefined) return facts;
  if (route.stream !== null) facts.stream = route.stream;
  if (params['model'] !== undefined) {
    facts.model = params['model'];
    facts.modelMember = null;
  }
  return facts;
}
