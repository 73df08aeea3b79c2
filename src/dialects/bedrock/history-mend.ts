// The byte path to Bedrock: what we wrote ourselves into a client's history for another provider, and this one refuses. Proofs
// of reasoning that we wrapped are unwrapped for the model whose maker they are of, and left out for any other; ids of tool
// calls that the model does not take, or has twice, are replaced, call and result alike. Hardly ever there is any: then
// `messages` is written anew, and no other byte changes.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import { memberSpan } from '../../body/member-edits.ts';
import type { BodyFacts, EncodeTarget, Mended } from '../../contracts/body.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { toolIdRule } from '../anthropic/tool-id-rule.ts';
import { objectAt, stringAt } from '../lenient.ts';
import { ENVELOPE, openProof } from '../proofs.ts';
import { isObject } from '../read.ts';
import { fitToolId, ToolIds } from '../tool-ids.ts';
import { decodeRedacted, encodeRedacted } from './redacted.ts';

const WRAPPED = Buffer.from(`"${ENVELOPE}`);
/** The same as the beginning of base64, as far as that is sure. */
const WRAPPED_REDACTED = Buffer.from(`"${Buffer.from(ENVELOPE).toString('base64').slice(0, 5)}`);
const TOOL_ID = Buffer.from('"toolUseId"');
const QUOTE = 0x22;
/** No vendor takes longer ones. */
const MAX_ID = 256;

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { dropProofs = false } = target;
  const wrapped = dropProofs || body.includes(WRAPPED) || body.includes(WRAPPED_REDACTED);
  if (!wrapped && hasGoodIds(body, target)) return null;
  const span = memberSpan(body, facts.members, 'messages');
  if (span === null) return null;
  const messages = parseLossless(body.toString('utf8', span.start, span.end), true);
  if (!Array.isArray(messages)) return null;
  const adapted: string[] = [];
  const kept = withIds(withProofs(messages, target, adapted), target, adapted);
  return adapted.length === 0 ? null : { edits: [{ ...span, text: stringifyJson(kept) }], adapted };
}

/** Looks at the ids alone: each once for its call and once for its result, in letters that the model takes. */
function hasGoodIds(body: Buffer, target: EncodeTarget): boolean {
  const rule = toolIdRule(target);
  const counts = new Map<string, number>();
  for (let at = body.indexOf(TOOL_ID); at >= 0; at = body.indexOf(TOOL_ID, at)) {
    const start = body.indexOf(QUOTE, at + TOOL_ID.length) + 1;
    const end = body.indexOf(QUOTE, start);
    if (start === 0 || end < 0) return true;
    at = end;
    if (end - start > MAX_ID) return false;
    const id = body.toString('latin1', start, end);
    const count = (counts.get(id) ?? 0) + 1;
    if (count > 2 || fitToolId(id, rule) !== id) return false;
    counts.set(id, count);
  }
  return true;
}

function blocksOf(message: Json): Json[] {
  return isObject(message) && Array.isArray(message['content']) ? message['content'] : [];
}

function withProofs(messages: readonly Json[], target: EncodeTarget, adapted: string[]): Json[] {
  let changed = false;
  const kept: Json[] = [];
  for (const message of messages) {
    const before = blocksOf(message);
    const content = before.flatMap((block) => {
      const opened = isObject(block) ? openBlock(block, target) : block;
      changed ||= opened !== block;
      return opened === null ? [] : [opened];
    });
    // A message that held nothing else goes whole: an empty one is refused.
    if (before.length === 0) kept.push(message);
    else if (content.length > 0) kept.push({ ...(message as JsonObject), content });
  }
  if (changed) adapted.push('messages[].content[].reasoningContent');
  return kept;
}

/** The block with its proof unwrapped; null when it is left out; itself when it has none. */
function openBlock(block: JsonObject, { maker, dropProofs }: EncodeTarget): JsonObject | null {
  const reasoning = objectAt(block, 'reasoningContent');
  if (reasoning === null) return block;
  const told = objectAt(reasoning, 'reasoningText');
  const redacted = stringAt(reasoning, 'redactedContent');
  const wrapped = redacted === null ? stringAt(told ?? {}, 'signature') : decodeRedacted(redacted);
  if (wrapped !== null && dropProofs === true) return null;
  const proof = wrapped === null ? null : openProof(wrapped);
  if (proof === null) return block;
  if (proof.maker !== maker) return null;
  return {
    reasoningContent:
      redacted === null
        ? { reasoningText: { ...told, signature: proof.proof } }
        : { redactedContent: encodeRedacted(proof.proof) },
  };
}

function withIds(messages: readonly Json[], target: EncodeTarget, adapted: string[]): Json[] {
  const ids = new ToolIds(toolIdRule(target));
  /** Of the last assistant message: the client's id -> those on the wire that wait for a result. */
  let open = new Map<string, string[]>();
  let changed = false;
  const fitted = messages.map((message) => {
    const blocks = blocksOf(message);
    if (blocks.length === 0) return message;
    if ((message as JsonObject)['role'] === 'assistant') open = new Map();
    const content = blocks.map((block) => {
      const fit = isObject(block) ? fitBlock(block, ids, open) : block;
      changed ||= fit !== block;
      return fit;
    });
    return { ...(message as JsonObject), content };
  });
  if (changed) adapted.push('messages[].content[].toolUseId');
  return fitted;
}

function fitBlock(block: JsonObject, ids: ToolIds, open: Map<string, string[]>): JsonObject {
  const use = objectAt(block, 'toolUse');
  const result = use === null ? objectAt(block, 'toolResult') : null;
  const id = stringAt(use ?? result ?? {}, 'toolUseId');
  if (id === null) return block;
  if (result !== null) {
    const wire = open.get(id)?.shift() ?? id;
    return wire === id ? block : { toolResult: { ...result, toolUseId: wire } };
  }
  const wire = ids.take(id);
  const waiting = open.get(id);
  if (waiting === undefined) open.set(id, [wire]);
  else waiting.push(wire);
  return wire === id ? block : { toolUse: { ...use, toolUseId: wire } };
}
