// The byte path to Bedrock: proofs of reasoning that we wrapped for the client are unwrapped for the model whose maker they
// are of, and left out for any other. Hardly ever there is one: then `messages` is written anew, and no other byte changes.
import { parseLossless, stringifyJson } from '../../body/lossless.ts';
import { memberName, PER_MEMBER } from '../../body/member-edits.ts';
import type { BodyFacts, EncodeTarget, Mended } from '../../contracts/body.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { ENVELOPE, openProof } from '../proofs.ts';
import { isObject } from '../read.ts';
import { decodeRedacted, encodeRedacted } from './redacted.ts';

const WRAPPED = Buffer.from(`"${ENVELOPE}`);
/** The same as the beginning of base64, as far as that is sure. */
const WRAPPED_REDACTED = Buffer.from(`"${Buffer.from(ENVELOPE).toString('base64').slice(0, 5)}`);

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  if (!body.includes(WRAPPED) && !body.includes(WRAPPED_REDACTED)) return null;
  const span = messagesIn(body, facts);
  if (span === null) return null;
  const messages = parseLossless(body.toString('utf8', span.start, span.end), true);
  if (!Array.isArray(messages)) return null;
  let changed = false;
  const kept: Json[] = [];
  for (const message of messages) {
    if (!isObject(message) || !Array.isArray(message['content'])) {
      kept.push(message);
      continue;
    }
    const before = arrayAt(message, 'content');
    const content = before.flatMap((block) => {
      const opened = isObject(block) ? openBlock(block, target.maker) : block;
      changed ||= opened !== block;
      return opened === null ? [] : [opened];
    });
    // A message that held nothing else goes whole: an empty one is refused.
    if (content.length > 0 || before.length === 0) kept.push({ ...message, content });
  }
  if (!changed) return null;
  return {
    edits: [{ ...span, text: stringifyJson(kept) }],
    adapted: ['messages[].content[].reasoningContent'],
  };
}

function messagesIn(body: Buffer, { members }: BodyFacts): { start: number; end: number } | null {
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    if (memberName(body, members, member) !== 'messages') continue;
    return { start: members[member * PER_MEMBER + 2]!, end: members[member * PER_MEMBER + 3]! };
  }
  return null;
}

/** The block with its proof unwrapped; null when it is left out; itself when it has none. */
function openBlock(block: JsonObject, maker: string | undefined): JsonObject | null {
  const reasoning = objectAt(block, 'reasoningContent');
  if (reasoning === null) return block;
  const told = objectAt(reasoning, 'reasoningText');
  const redacted = stringAt(reasoning, 'redactedContent');
  const wrapped = redacted === null ? stringAt(told ?? {}, 'signature') : decodeRedacted(redacted);
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
