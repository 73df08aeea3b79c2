// Claude Code's attribution: the first system block of its requests, which Anthropic takes out by its place and bills by. It holds
// the program's version and a digest of the prompt, and is no part of what is asked.
import { firstItemEnd } from '../../body/first-item.ts';
import { memberSpan } from '../../body/member-edits.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { stringAt } from '../lenient.ts';

/** How the text of the block begins. */
export const ATTRIBUTION = 'x-anthropic-billing-header:';

/** A block is longer by its other members, whose order is free. */
const MAX_BLOCK_BYTES = 2_048;
const SPACE = 0x20;

/**
 * The body with white space in the block's place, or as it is where it has none: all offsets hold.
 *
 * @param members of the body, as BodyFacts has them.
 */
export function blankAttribution(body: Buffer, members: readonly number[]): Buffer {
  const system = memberSpan(body, members, 'system');
  if (system === null || body[system.start] !== 0x5b) return body;
  const end = firstItemEnd(body, system.start, MAX_BLOCK_BYTES);
  const block = body.toString('utf8', system.start + 1, end);
  if (!block.includes(ATTRIBUTION) || !isAttribution(block)) return body;
  return Buffer.from(body).fill(SPACE, system.start + 1, end);
}

function isAttribution(block: string): boolean {
  try {
    return stringAt(JSON.parse(block) as JsonObject, 'text')?.startsWith(ATTRIBUTION) ?? false;
  } catch {
    return false; // longer than any of them
  }
}
