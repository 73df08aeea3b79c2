// What a request to Responses builds on: the turns before it, from where they are kept. They stay with the provider that
// made and keeps them, and the call with it; for any other they are put in front of the request's own items. A call whose
// history is not there is refused: an answer without it would be another one.
import type { BodyFacts } from '../contracts/body.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { ResponseStore, Stored, StoredConversation, StoredResponse } from '../contracts/responses.ts';
import { ownResponseId, responseOfItem } from '../dialects/openai-responses/response-object.ts';
import { opened } from '../responses/compaction.ts';
import { historyText, itemsText, referencesIn, resolved, withHistory } from '../responses/history.ts';
import { answerOf, outputOf } from '../responses/stored.ts';
import { readTurnMembers, type TurnMembers } from '../responses/turn-members.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import type { ConversationLocks } from './conversation-locks.ts';

export interface RecallDeps {
  store: ResponseStore;
  locks: Pick<ConversationLocks, 'take'>;
  /** There is one caller: nobody whose turns it could see at a provider. */
  alone(call: Call): boolean;
  /** Of this many bytes. */
  randomBytes(count: number): Buffer;
  /** As identify does: inline, or in a thread where it is large. The body may be moved. */
  inspect(call: Call, body: Buffer): BodyFacts | Promise<{ body: Buffer; facts: BodyFacts }>;
}

const DIALECT = 'openai-responses';
/** Names of items that stand for others: in the bytes of every request that has one. */
const COMPACTION = Buffer.from('"compaction"');
const REFERENCE = Buffer.from('"item_reference"');
/** Turns behind one another: what is longer is compacted, or sent whole. */
const MAX_CHAIN = 1_000;

/** Sets `call.kept`; replaces `call.body` and `call.facts` where turns are put in front, `call.plan` where it is bound to a provider. */
export function createRecall(deps: RecallDeps): Stage {
  const { store } = deps;
  const recall = (call: Call): StageResult | Promise<StageResult> => {
    const turn = readTurnMembers(call.body!, call.facts!);
    const { previous, conversation } = turn;
    if (call.operation!.name === 'chat' && (previous !== null || conversation !== null))
      call.builtOn = { previous, conversation };
    if (standsAlone(store, call, turn)) return 'continue';
    const owner = call.principal!.id;
    const said = itemsText(call.body!, turn.input);
    const own = opened(said);
    if (store.ttlMs === 0)
      return own === said || turn.previous !== null ? 'continue' : putInFront(deps, call, turn, own, '');
    if (turn.previous !== null && turn.conversation !== null) return bothNamed(deps, call, turn, own);
    if (turn.previous !== null) {
      const found = store.get(owner, turn.previous);
      if (found instanceof Promise) return found.then((later) => goOnFrom(deps, call, turn, own, later));
      return goOnFrom(deps, call, turn, own, found);
    }
    if (turn.conversation !== null) return converse(deps, call, turn, own);
    const references = keepers(call.plan!).length > 0 ? [] : referencesIn(own);
    if (references.length > 0) return dereference(deps, call, turn, own, references);
    keep(deps, call, turn, own, []);
    return own === said ? 'continue' : putInFront(deps, call, turn, own, '');
  };
  return (call) => {
    if (call.route.dialect !== DIALECT) return 'continue';
    return recall(call);
  };
}

/** Nothing of it is known elsewhere or to be kept: agents send long conversations so, and no text is made of them. */
function standsAlone(store: ResponseStore, { body, operation }: Call, turn: TurnMembers): boolean {
  if (turn.previous !== null || turn.conversation !== null) return false;
  const kept = turn.store && store.ttlMs > 0 && operation!.name === 'chat';
  return !kept && !body!.includes(COMPACTION) && !body!.includes(REFERENCE);
}

/** A target keeps what it makes, and understands references to it. */
export function keeps({ provider, dialect }: Target): boolean {
  return dialect.name === DIALECT && provider.quirks.keepsResponses === true;
}

/** Ids that nobody here knows are left to a provider that keeps turns itself. */
function passes({ alone }: RecallDeps, call: Call): boolean {
  return call.snapshot.config.responses.unknown === 'pass' || alone(call);
}

function keepers({ targets }: Plan): Target[] {
  return targets.filter(keeps);
}

function goOnFrom(
  deps: RecallDeps,
  call: Call,
  turn: TurnMembers,
  own: string,
  found: Stored | null,
): StageResult | Promise<StageResult> {
  const id = turn.previous!;
  if (found === null || found.kind !== 'response') {
    const able = keepers(call.plan!);
    if (!passes(deps, call) || able.length === 0) throw notFound(id);
    bind(call, able);
    keep(deps, call, turn, own, [id]);
    return 'continue';
  }
  const chain = [...found.chain, id];
  const makers = found.upstream
    ? keepers(call.plan!).filter(({ provider }) => provider.name === found.provider)
    : [];
  if (makers.length > 0) {
    bind(call, makers);
    keep(deps, call, turn, own, chain);
    return 'continue';
  }
  if (chain.length > MAX_CHAIN) throw tooLong();
  return deps.store.many(found.owner, found.chain).then((before) => {
    if (call.settled) return 'continue';
    const turns = [...before, found].map((stored) => whole(stored, id));
    keep(deps, call, turn, own, chain);
    return putInFront(deps, call, turn, own, historyText(turns));
  });
}

/** Two histories: only a provider that keeps turns itself may say which it means, or that they exclude each other. */
function bothNamed(deps: RecallDeps, call: Call, turn: TurnMembers, own: string): StageResult {
  const able = keepers(call.plan!);
  if (!passes(deps, call) || able.length === 0) {
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: "'previous_response_id' and 'conversation' exclude each other.",
      param: 'previous_response_id',
    });
  }
  bind(call, able);
  keep(deps, call, turn, own, [turn.previous!]);
  return 'continue';
}

/** @throws GatewayError: it is not there, or there is no answer of it that could be built on. */
function whole(stored: Stored | null, id: string): StoredResponse {
  if (stored === null || stored.kind !== 'response') throw notFound(id);
  const status = answerOf(stored)?.['status'];
  if (status === 'completed' || status === 'incomplete') return stored;
  throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
    message: `Previous response with id '${stored.id}' has no answer to go on from (${String(status)}).`,
    param: 'previous_response_id',
  });
}

async function converse(deps: RecallDeps, call: Call, turn: TurnMembers, own: string): Promise<StageResult> {
  const id = turn.conversation!;
  const owner = call.principal!.id;
  let found = await deps.store.newest(owner, id);
  if (found !== null && turn.store) {
    const locked = await deps.locks.take(call, id);
    if (locked !== null) return locked;
    // With what the turns before it added meanwhile.
    found = await deps.store.newest(owner, id);
  }
  if (call.settled) return 'continue';
  if (found === null) {
    const able = keepers(call.plan!);
    if (!passes(deps, call) || able.length === 0) throw noConversation(id);
    bind(call, able);
    keep(deps, call, turn, own, [id]);
    return 'continue';
  }
  keep(deps, call, turn, own, [], found);
  return putInFront(deps, call, turn, own, found.items.join(','));
}

/** Items that are named by ids we gave them; what else is referred to is the codec's to refuse. */
async function dereference(
  deps: RecallDeps,
  call: Call,
  turn: TurnMembers,
  own: string,
  references: readonly string[],
): Promise<StageResult> {
  const ids = [...new Set(references.map(responseOfItem).filter((id) => id !== null))];
  const stored = await deps.store.many(call.principal!.id, ids);
  if (call.settled) return 'continue';
  const items = new Map<string, JsonObject>();
  for (const value of stored) {
    if (value?.kind !== 'response') continue;
    for (const item of outputOf(value)) if (typeof item['id'] === 'string') items.set(item['id'], item);
  }
  const meant = items.size === 0 ? own : resolved(own, items);
  keep(deps, call, turn, meant, []);
  return items.size > 0 ? putInFront(deps, call, turn, meant, '') : 'continue';
}

async function putInFront(
  deps: RecallDeps,
  call: Call,
  turn: TurnMembers,
  own: string,
  history: string,
): Promise<StageResult> {
  const body = withHistory(call.body!, call.facts!, turn, history, own);
  if (body.length > call.snapshot.config.server.maxBodyBytes) throw tooLong();
  const read = deps.inspect(call, body);
  const { body: inspected, facts } = read instanceof Promise ? await read : { body, facts: read };
  if (call.settled) return 'continue';
  call.body = inspected;
  call.facts = facts;
  return 'continue';
}

function keep(
  deps: RecallDeps,
  call: Call,
  turn: TurnMembers,
  own: string,
  chain: readonly string[],
  behind: StoredConversation | null = null,
): void {
  if (!turn.store || deps.store.ttlMs === 0 || call.operation!.name !== 'chat') return;
  call.kept = {
    id: ownResponseId(deps.randomBytes(20)),
    previous: turn.previous,
    conversation: turn.conversation,
    background: turn.background,
    behind,
    chain,
    input: own,
    answer: null,
  };
}

/** Nobody else knows the turns before. */
function bind(call: Call, targets: readonly Target[]): void {
  call.plan = planOf(call.plan!.name, tiersInOrder(targets));
}

function notFound(id: string): GatewayError {
  return new GatewayError('GW_CLIENT_RESPONSE_NOT_FOUND', {
    message: `Previous response with id '${id.slice(0, 200)}' not found.`,
    param: 'previous_response_id',
  });
}

function noConversation(id: string): GatewayError {
  return new GatewayError('GW_CLIENT_RESPONSE_NOT_FOUND', {
    message: `Conversation with id '${id.slice(0, 200)}' not found.`,
    param: 'conversation',
  });
}

function tooLong(): GatewayError {
  return new GatewayError('GW_CLIENT_TOO_LARGE', {
    message:
      'With the turns before it the request is larger than the gateway takes: compact the conversation.',
  });
}
