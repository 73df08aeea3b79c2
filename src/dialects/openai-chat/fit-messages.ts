// Messages on the byte path to a strict provider: instructions get the role it knows, and members it refuses are taken
// out. Most come from SDKs that send an answer back as it came, or from clients that write for several vendors.
import { JsonScanner } from '../../body/json-scanner.ts';
import { MemberEdits, memberName, PER_MEMBER } from '../../body/member-edits.ts';
import type { Json } from '../../contracts/json.ts';
import { saysNothing } from '../defaults.ts';
import type { Fitting } from '../fitting.ts';
import { at } from '../read.ts';

/** Members that hold reasoning: it was for the model that wrote it, and leaving it out is a change, not a loss. */
const REASONING: ReadonlySet<string> = new Set([
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
]);

/** Edits what `target.capabilities` says of messages; reads nothing when it says nothing. */
export function fitMessages(fitting: Fitting): void {
  const { messageRefuses, instructionsRole, cacheMarks, reasoningReplay } = fitting.target.capabilities;
  if (messageRefuses.length === 0 && instructionsRole === 'either') return;
  const place = fitting.place('messages');
  if (place === undefined) return;
  const [start] = fitting.span(place);
  const refused = new Set(messageRefuses);
  if (cacheMarks === 'breakpoint') refused.delete('prompt_cache_breakpoint');
  if (cacheMarks === 'cache_control') refused.delete('cache_control');
  const roles =
    instructionsRole === 'system' ? '"developer"' : instructionsRole === 'developer' ? '"system"' : '';
  new MessageReader(fitting, refused, roles, reasoningReplay === 'reasoning').read(start);
}

class MessageReader {
  readonly #fitting: Fitting;
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;
  readonly #refused: ReadonlySet<string>;
  /** The role, in its quotes, that becomes the other one. */
  readonly #role: string;
  readonly #shortName: boolean;
  readonly #lengths: Set<number>;

  constructor(fitting: Fitting, refused: ReadonlySet<string>, role: string, shortName: boolean) {
    this.#fitting = fitting;
    this.#body = fitting.body;
    this.#scanner = new JsonScanner(fitting.body);
    this.#refused = refused;
    this.#role = role;
    this.#shortName = shortName;
    this.#lengths = new Set([...refused].map((name) => name.length));
    if (role !== '') this.#lengths.add('role'.length);
  }

  /** @param start Where the value of `messages` begins: inspected JSON. */
  read(start: number): void {
    this.#scanner.at = start;
    let index = 0;
    this.#eachObject(2, () => this.#object(3, at('messages', index++), true));
  }

  // Items of an array that are no objects are left alone, as is a value that is no array.
  #eachObject(depth: number, visit: () => void): void {
    if (this.#scanner.peek() !== 0x5b) {
      this.#scanner.value(depth);
      return;
    }
    this.#scanner.items(depth, () => {
      if (this.#scanner.peek() === 0x7b) visit();
      else this.#scanner.value(depth);
    });
  }

  // Looks at the length of each key first: what is refused has long names, and nearly all keys are none of them. Only an
  // object with something to edit is read again, member by member.
  #object(depth: number, path: string, isMessage: boolean): void {
    const scanner = this.#scanner;
    const body = this.#body;
    const start = scanner.at;
    let found = false;
    scanner.members(depth, (keyAt) => {
      const length = scanner.keyEnd - keyAt - 2;
      if (isMessage && length === 7 && body[keyAt + 1] === 0x63 && scanner.peek() === 0x5b) {
        let index = 0;
        this.#eachObject(depth + 1, () => this.#object(depth + 2, at(at(path, 'content'), index++), false));
        return;
      }
      if (scanner.escaped || (this.#lengths.has(length) && this.#isOurs(keyAt, scanner.keyEnd))) found = true;
      scanner.value(depth);
    });
    if (!found) return;
    const end = scanner.at;
    scanner.at = start;
    const members: number[] = [];
    scanner.members(depth, (keyAt) => {
      members.push(keyAt, scanner.keyEnd, scanner.at);
      scanner.value(depth);
      members.push(scanner.at);
    });
    scanner.at = end;
    this.#edit(new MemberEdits(members, start + 1), members, path, isMessage);
  }

  #isOurs(keyAt: number, keyEnd: number): boolean {
    const name = this.#body.toString('latin1', keyAt + 1, keyEnd - 1);
    return this.#refused.has(name) || (name === 'role' && this.#role !== '');
  }

  #edit(edits: MemberEdits, members: readonly number[], path: string, isMessage: boolean): void {
    let changed = false;
    for (let member = 0; member < edits.count; member++) {
      const name = memberName(this.#body, members, member);
      const where = at(path, name);
      if (isMessage && name === 'role' && this.#role !== '' && this.#text(members, member) === this.#role) {
        edits.setValue(member, this.#role === '"developer"' ? '"system"' : '"developer"');
        this.#fitting.losses.adapt(where);
      } else if (!this.#refused.has(name) || (name === 'name' && this.#isTool(members))) continue;
      else if (name === 'reasoning_content' && this.#shortName) {
        edits.rename(member, 'reasoning');
        this.#fitting.losses.adapt(where);
      } else {
        edits.remove(member);
        const value = JSON.parse(this.#text(members, member)) as Json;
        if (REASONING.has(name) || saysNothing(name, value)) this.#fitting.losses.adapt(where);
        else this.#fitting.losses.drop(where);
      }
      changed = true;
    }
    if (changed) for (const edit of edits.list()) this.#fitting.edits.edit(edit);
  }

  // The name of a tool, beside its result, is not the name of an author.
  #isTool(members: readonly number[]): boolean {
    for (let member = 0; member < members.length / PER_MEMBER; member++) {
      if (memberName(this.#body, members, member) !== 'role') continue;
      const role = this.#text(members, member);
      return role === '"tool"' || role === '"function"';
    }
    return false;
  }

  #text(members: readonly number[], member: number): string {
    const from = member * PER_MEMBER;
    return this.#body.toString('utf8', members[from + 2], members[from + 3]);
  }
}
