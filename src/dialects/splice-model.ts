// The byte path of a request: the model's name is replaced, the gateway's own `fallbacks` member is taken out, and
// every other byte goes on as the client sent it.
import type { BodyFacts, Edit, EncodeTarget } from '../contracts/body.ts';

/** Edits in rising order; none at all when the client already wrote what the upstream wants. */
export function splice(facts: BodyFacts, target: EncodeTarget): Edit[] {
  const { modelMember, fallbacksMember } = facts;
  // Nobody named one: its provider knows it.
  if (target.model === '') return fallbacksMember === null ? [] : [{ ...fallbacksMember.cut, text: '' }];
  if (modelMember === null) return [addMember(facts, `"model":${JSON.stringify(target.model)}`)];
  const edits: Edit[] = [];
  if (facts.model !== target.model) {
    edits.push({ ...modelMember.value, text: JSON.stringify(target.model) });
  }
  if (fallbacksMember !== null) edits.push({ ...fallbacksMember.cut, text: '' });
  return edits.sort((a, b) => a.start - b.start);
}

/** The same where another member stands in the model's place, which the path names. */
export function spliceInPlace(facts: BodyFacts, member: string): Edit[] {
  const { modelMember, fallbacksMember } = facts;
  if (modelMember === null) return [addMember(facts, member)];
  const edits: Edit[] = [{ start: modelMember.key.start, end: modelMember.value.end, text: member }];
  if (fallbacksMember !== null) edits.push({ ...fallbacksMember.cut, text: '' });
  return edits.sort((a, b) => a.start - b.start);
}

// A client that left the model to the gateway's configuration. `fallbacks` gives up its place, so that commas stay right.
function addMember({ fallbacksMember, insertAt, empty }: BodyFacts, member: string): Edit {
  if (fallbacksMember !== null) {
    return { start: fallbacksMember.key.start, end: fallbacksMember.value.end, text: member };
  }
  return { start: insertAt, end: insertAt, text: empty ? member : `${member},` };
}
