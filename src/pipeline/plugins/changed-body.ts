// A body that a plugin gives back, in bytes: members that are as they were keep theirs, so that numbers no JavaScript can hold, and
// prompts that providers cache, stay what they were.
import type { BodyFacts } from '../../contracts/body.ts';
import type { JsonObject } from '../../contracts/json.ts';

/** @param body valid JSON, which `members` are the places of. */
export function changedBody(body: Buffer, { members }: Pick<BodyFacts, 'members'>, next: JsonObject): Buffer {
  const before = new Map<string, string>();
  for (let at = 0; at < members.length; at += 4) {
    const key = JSON.parse(body.toString('utf8', members[at], members[at + 1])) as string; // of an object that was inspected
    before.set(key, body.toString('utf8', members[at + 2], members[at + 3]));
  }
  const parts: string[] = [];
  for (const [key, value] of Object.entries(next)) {
    if (value === undefined) continue;
    const old = before.get(key);
    const text = JSON.stringify(value);
    parts.push(`${JSON.stringify(key)}:${old !== undefined && isSame(old, text) ? old : text}`);
  }
  return Buffer.from(`{${parts.join(',')}}`);
}

function isSame(old: string, next: string): boolean {
  return old === next || JSON.stringify(JSON.parse(old)) === next;
}
