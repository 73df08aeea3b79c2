// Turns put in front of a request: its body with the whole conversation in `input`, for a provider that does not keep them.
import type { BodyFacts, Span } from '../contracts/body.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import { MemberEdits, memberName } from '../body/member-edits.ts';
import { applyEdits } from '../body/splice.ts';
import { isObject } from '../dialects/read.ts';
import { outputOf } from './stored.ts';
import type { TurnMembers } from './turn-members.ts';

/** What `input` says, as the text of a list of items. */
export function itemsText(body: Buffer, input: Span | null): string {
  if (input === null) return '[]';
  const text = body.toString('utf8', input.start, input.end);
  if (text.startsWith('[')) return text;
  return text.startsWith('"') ? `[{"type":"message","role":"user","content":${text}}]` : '[]';
}

/** Items of turns, oldest first, as the text of a list without its brackets. */
export function historyText(turns: readonly StoredResponse[]): string {
  return turns
    .flatMap((turn) => [inner(turn.input), ...outputOf(turn).map((item) => JSON.stringify(asInput(item)))])
    .filter((text) => text !== '')
    .join(',');
}

/** What stands between the brackets of a list. */
function inner(list: string): string {
  return list.slice(1, -1).trim();
}

/** An item of an answer as one of a request: reasoning is sent without a state. */
export function asInput(item: JsonObject): JsonObject {
  if (item['type'] !== 'reasoning') return item;
  const { status: _, ...rest } = item;
  return rest;
}

/** The body with `history` before its own items, and without what only somebody who keeps turns understands. */
export function withHistory(
  body: Buffer,
  facts: Pick<BodyFacts, 'members' | 'insertAt'>,
  { at, input }: TurnMembers,
  history: string,
  own: string,
): Buffer {
  const edits = new MemberEdits(facts.members, facts.insertAt);
  for (const name of ['previous_response_id', 'conversation'] as const)
    if (at[name] >= 0) edits.remove(at[name]);
  const items = [history, inner(own)].filter((text) => text !== '').join(',');
  if (input === null) edits.insert(`"input":[${items}]`);
  else edits.setValue(at.input, `[${items}]`);
  return applyEdits(body, edits.list());
}

/** The body without the members of these names. */
export function withoutMembers(
  body: Buffer,
  { members, insertAt }: Pick<BodyFacts, 'members' | 'insertAt'>,
  names: readonly string[],
): Buffer {
  const edits = new MemberEdits(members, insertAt);
  for (let member = 0; member < edits.count; member++)
    if (names.includes(memberName(body, members, member))) edits.remove(member);
  return applyEdits(body, edits.list());
}

/** The ids of items that `own` refers to. */
export function referencesIn(own: string): string[] {
  if (!own.includes('"item_reference"')) return [];
  return itemsOf(own).flatMap(({ type, id }) =>
    type === 'item_reference' && typeof id === 'string' ? [id] : [],
  );
}

/** `own` with the items that it refers to in the place of references. */
export function resolved(own: string, found: ReadonlyMap<string, JsonObject>): string {
  return JSON.stringify(
    itemsOf(own).map((item) => {
      const { type, id } = item;
      const meant = type === 'item_reference' && typeof id === 'string' ? found.get(id) : undefined;
      return meant === undefined ? item : asInput(meant);
    }),
  );
}

function itemsOf(text: string): JsonObject[] {
  const items = JSON.parse(text) as Json; // of a body that was inspected
  return Array.isArray(items) ? items.filter(isObject) : [];
}
