// Edits of one JSON object's members in their bytes: taken out, renamed, given another value, added. Commas stay right
// whatever the members and their order.
import type { Edit, Span } from '../contracts/body.ts';

/** Offsets a member takes in a member list: start and end of the key (with its quotes), start and end of the value. */
export const PER_MEMBER = 4;

export class MemberEdits {
  readonly #members: readonly number[];
  readonly #insertAt: number;
  readonly #removed = new Set<number>();
  readonly #inserted: string[] = [];
  /** Edits inside members that stay. */
  readonly #inside: Edit[] = [];

  /**
   * @param members PER_MEMBER offsets for each member, in order.
   * @param insertAt Just behind the opening brace.
   */
  constructor(members: readonly number[], insertAt: number) {
    this.#members = members;
    this.#insertAt = insertAt;
  }

  /** How many members there are; each is named by its place among them. */
  get count(): number {
    return this.#members.length / PER_MEMBER;
  }

  remove(member: number): void {
    this.#removed.add(member);
  }

  rename(member: number, name: string): void {
    const at = member * PER_MEMBER;
    this.edit({ start: this.#members[at]!, end: this.#members[at + 1]!, text: JSON.stringify(name) });
  }

  setValue(member: number, text: string): void {
    const at = member * PER_MEMBER;
    this.edit({ start: this.#members[at + 2]!, end: this.#members[at + 3]!, text });
  }

  /** An edit somewhere inside a member; it goes with a member that is removed. */
  edit(edit: Edit): void {
    this.#inside.push(edit);
  }

  /** @param text A whole member, `"name":value`. */
  insert(text: string): void {
    this.#inserted.push(text);
  }

  /** All of it, in rising order and not overlapping. */
  list(): Edit[] {
    const edits: Edit[] = [];
    this.#cutRemoved(edits);
    const cuts = edits.length;
    for (const edit of this.#inside) {
      const gone = edits.some((cut, index) => index < cuts && cut.start <= edit.start && edit.end <= cut.end);
      if (!gone) edits.push(edit);
    }
    if (this.#inserted.length > 0) {
      const comma = this.count > this.#removed.size ? ',' : '';
      edits.push({ start: this.#insertAt, end: this.#insertAt, text: this.#inserted.join(',') + comma });
    }
    return edits.length < 2 ? edits : edits.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  // Behind a member that stays a removed one takes the comma before it along, else the one behind it.
  #cutRemoved(edits: Edit[]): void {
    const members = this.#members;
    let kept = false;
    for (let member = 0; member < this.count; member++) {
      if (!this.#removed.has(member)) {
        kept = true;
        continue;
      }
      const at = member * PER_MEMBER;
      const end = members[at + 3]!;
      if (kept) edits.push({ start: members[at - 1]!, end, text: '' });
      else edits.push({ start: members[at]!, end: members[at + PER_MEMBER] ?? end, text: '' });
    }
  }
}

/** Of a name with its quotes: the longest of ours has 24 letters, each of which may be written as six. */
const MAX_NAME = 160;

/** The name of a member, escapes read; '' for one too long to be any of ours. */
export function memberName(body: Buffer, members: readonly number[], member: number): string {
  const start = members[member * PER_MEMBER]!;
  const end = members[member * PER_MEMBER + 1]!;
  if (end - start > MAX_NAME) return '';
  const text = body.toString('latin1', start + 1, end - 1);
  return text.includes('\\') ? (JSON.parse(body.toString('utf8', start, end)) as string) : text;
}

/** The value of the first member of that name; null when there is none. */
export function memberSpan(body: Buffer, members: readonly number[], name: string): Span | null {
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    const at = member * PER_MEMBER;
    if (members[at + 1]! - members[at]! < name.length + 2) continue;
    if (memberName(body, members, member) !== name) continue;
    return { start: members[at + 2]!, end: members[at + 3]! };
  }
  return null;
}
