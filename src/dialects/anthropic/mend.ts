// What has to change in a body of the dialect itself on its way to Claude: a history we wrote for others, and the word to cache it.
import type { BodyFacts, EncodeTarget, Mended } from '../../contracts/body.ts';
import { MIN_CACHED_BYTES } from '../auto-cache.ts';
import { mendHistory } from './history-mend.ts';

const MARK = Buffer.from('"cache_control"');

/** Null when nothing has. */
export function mend(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const mended = mendHistory(body, facts, target);
  if (target.marksPrompts !== true || facts.promptBytes < MIN_CACHED_BYTES || body.includes(MARK))
    return mended;
  // Of the whole request: the vendor marks the last block that it can cache, and moves that mark as the conversation grows.
  const edit = { start: facts.insertAt, end: facts.insertAt, text: '"cache_control":{"type":"ephemeral"},' };
  return {
    edits: [edit, ...(mended?.edits ?? [])],
    adapted: ['cache_control', ...(mended?.adapted ?? [])],
  };
}
