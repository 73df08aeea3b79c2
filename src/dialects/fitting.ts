// A request of the upstream's own dialect while what its model refuses is taken out of its bytes: the members by name,
// the edits, and the account of what was lost.
import { MemberEdits, memberName, PER_MEMBER } from '../body/member-edits.ts';
import type { BodyFacts, EncodeTarget, FittedBody, ToolMemory } from '../contracts/body.ts';
import type { Json } from '../contracts/json.ts';
import { saysNothing } from './defaults.ts';
import { Losses } from './losses.ts';
import { shareStops } from './stop-share.ts';

const stringsIn = (value: Json): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

export class Fitting {
  readonly body: Buffer;
  readonly facts: BodyFacts;
  readonly target: EncodeTarget;
  readonly losses: Losses;
  readonly edits: MemberEdits;
  #tools: ToolMemory | null = null;
  readonly #places = new Map<string, number>();
  /** Members written twice, but for the last: it counts, and the others must not come to light when it is changed. */
  readonly #doubles: [name: string, member: number][] = [];

  /** @param inPlace `model`: the body names the model; a member: that stands in its place; null: nothing of the kind. */
  constructor(body: Buffer, facts: BodyFacts, target: EncodeTarget, inPlace: string | null = 'model') {
    this.body = body;
    this.facts = facts;
    this.target = target;
    this.losses = new Losses(target.strict);
    this.edits = new MemberEdits(facts.members, facts.insertAt);
    for (let member = 0; member < this.edits.count; member++) {
      const name = memberName(body, facts.members, member);
      const before = this.#places.get(name);
      if (before !== undefined && name !== '') this.#doubles.push([name, before]);
      this.#places.set(name, member);
    }
    this.#ownValues(inPlace);
  }

  /** The member's value; null when it is absent or null. */
  read(name: string): Json {
    const member = this.#places.get(name);
    return member === undefined
      ? null
      : (JSON.parse(this.body.toString('utf8', ...this.span(member))) as Json);
  }

  /** Where the value of a member is written. */
  span(member: number): [start: number, end: number] {
    const at = member * PER_MEMBER;
    return [this.facts.members[at + 2]!, this.facts.members[at + 3]!];
  }

  place(name: string): number | undefined {
    return this.#places.get(name);
  }

  /** Takes the member out: a change where it says nothing, else a loss. @throws GatewayError for a loss when strict. */
  drop(name: string, lost = !saysNothing(name, this.read(name))): void {
    const member = this.#places.get(name);
    if (member === undefined) return;
    if (lost) this.losses.drop(name);
    else this.losses.adapt(name);
    this.remove(name);
  }

  /** Takes the member out without a word: what it lost is named already. */
  remove(name: string): void {
    const member = this.#places.get(name);
    if (member === undefined) return;
    this.#single(name);
    this.edits.remove(member);
    this.#places.delete(name);
  }

  /** Gives the member another value; adds it where it is absent. @param path What is named as changed; null = it is named already. */
  set(name: string, value: Json, path: string | null = name): void {
    const member = this.#places.get(name);
    const text = JSON.stringify(value);
    this.#single(name);
    if (member === undefined) this.edits.insert(`${JSON.stringify(name)}:${text}`);
    else this.edits.setValue(member, text);
    if (path !== null) this.losses.adapt(path);
  }

  /** Gives the member another name, or takes it out where that one stands already. */
  rename(name: string, other: string): void {
    const member = this.#places.get(name);
    if (member === undefined) return;
    if (this.#places.has(other)) {
      this.drop(name, false);
      return;
    }
    this.losses.adapt(name);
    this.#single(name);
    this.edits.rename(member, other);
    this.#places.set(other, member);
    this.#places.delete(name);
  }

  /** Takes out stop sequences that the target has none of: the gateway ends the answer at them. */
  cutStops(name: string): void {
    const stops = this.read(name);
    if (stops === null) {
      this.drop(name);
      return;
    }
    const { cut } = shareStops(typeof stops === 'string' ? [stops] : stringsIn(stops), 0, name, this.losses);
    this.remove(name);
    this.cut(cut);
  }

  /** The gateway ends the answer at these stop sequences. */
  cut(stops: string[]): void {
    if (stops.length > 0) this.#tools = { custom: [], renamed: {}, stops };
  }

  done(): FittedBody {
    const { dropped, adapted } = this.losses;
    const tools = this.#tools;
    return { edits: this.edits.list(), dropped, adapted, ...(tools !== null && { tools }) };
  }

  #single(name: string): void {
    for (const [double, member] of this.#doubles) if (double === name) this.edits.remove(member);
  }

  // The model's name and the gateway's own `fallbacks`, as every splice has them.
  #ownValues(inPlace: string | null): void {
    const { facts, target } = this;
    const { modelMember } = facts;
    const text = JSON.stringify(target.model);
    if (inPlace !== null && modelMember === null) {
      this.edits.insert(inPlace === 'model' ? `"model":${text}` : inPlace);
    } else if (inPlace === 'model' && facts.model !== target.model) {
      this.edits.edit({ ...modelMember!.value, text });
    } else if (inPlace !== null && inPlace !== 'model') {
      this.edits.edit({ start: modelMember!.key.start, end: modelMember!.value.end, text: inPlace });
    }
    const fallbacks = this.#places.get('fallbacks');
    if (facts.fallbacksMember !== null && fallbacks !== undefined) this.edits.remove(fallbacks);
  }
}
