// Ends an answer where a stop sequence begins that its provider was not told of (stop-share.ts). Only what it says counts: neither
// reasoning nor arguments of tools. What comes behind is not the client's; the upstream is read on for its usage, and whatever
// happens to it then, the client's answer is whole.
import type { ToolMemory } from '../contracts/body.ts';
import type { AnswerFacts, ChatAnswer, Choice, Delta, Part, StopReason } from '../contracts/chat.ts';
import type { StreamDecoder } from '../contracts/dialect.ts';
import { CutText } from './cut-text.ts';
import { createStopSet, StopMatcher, type StopSet } from './stop-matcher.ts';

/** Sequences at which the gateway ends the answer; null = none. */
export function cutsOf(tools: ToolMemory | null): readonly string[] | null {
  return tools?.stops ?? null;
}

/** A whole answer up to its first stop sequence; the same where it comes to none. */
export function cutAnswer(answer: ChatAnswer, stops: readonly string[]): ChatAnswer {
  const set = createStopSet(stops);
  const first = cutChoice(answer, set);
  const cut: ChatAnswer = first === null ? answer : { ...answer, ...first };
  if (answer.others === undefined) return cut;
  let ended = first !== null;
  const others = answer.others.map((other) => {
    const made = cutChoice(other, set);
    ended ||= made !== null;
    return made === null ? other : { parts: made.parts, stop: made.stop };
  });
  return ended ? { ...cut, others } : answer;
}

/** Null = it comes to none. */
function cutChoice({ parts }: Choice, set: StopSet): (Choice & { stopSequence: string | null }) | null {
  const kept: Part[] = [];
  let called = false;
  for (const part of parts) {
    called ||= part.kind === 'tool_call';
    if (part.kind !== 'text') {
      kept.push(part);
      continue;
    }
    const text = new CutText(new StopMatcher(set));
    const said = text.take(part.text, part.logprobs);
    if (text.hit === null) {
      kept.push(part);
      continue;
    }
    if (said.text !== '') {
      const shorter: Part = { ...part, text: said.text };
      if (said.logprobs !== undefined) shorter.logprobs = said.logprobs;
      const { citations } = part;
      if (citations !== undefined)
        shorter.citations = citations.filter(({ range }) => range !== null && range.end <= said.text.length);
      kept.push(shorter);
    }
    return { parts: kept, ...endOf(called, text.hit) };
  }
  return null;
}

/** Behind a call its client is to act on that. */
function endOf(called: boolean, hit: string): { stop: StopReason; stopSequence: string | null } {
  return called ? { stop: 'tool_use', stopSequence: null } : { stop: 'stop_sequence', stopSequence: hit };
}

/** @param choices answers that were asked for. */
export function cuttingDecoder(decoder: StreamDecoder, stops: readonly string[], choices = 1): StreamDecoder {
  return new CuttingDecoder(decoder, createStopSet(stops), choices);
}

class CuttingDecoder implements StreamDecoder {
  readonly #decoder: StreamDecoder;
  readonly #set: StopSet;
  readonly #choices: number;
  /** Whose the open blocks are, by their number. */
  readonly #open = new Map<number, number>();
  readonly #texts = new Map<number, CutText>();
  readonly #called = new Set<number>();
  /** Answers that were ended here. */
  readonly #cut = new Set<number>();
  /** Answers that have an end, of whomever. */
  readonly #ends = new Set<number>();
  #firstStop: StopReason | null = null;
  unsaid = 0;
  #ended = false;
  /** It cannot be read any further, which nobody has to. */
  #broken = false;

  constructor(decoder: StreamDecoder, set: StopSet, choices: number) {
    this.#decoder = decoder;
    this.#set = set;
    this.#choices = choices;
  }

  /** The client lacks nothing but the account. */
  get #over(): boolean {
    return this.#cut.size > 0 && this.#ends.size >= this.#choices;
  }

  get whole(): boolean {
    return this.#over;
  }

  get complete(): boolean {
    return this.#over || this.#decoder.complete;
  }

  get settled(): boolean {
    return this.#over || this.#decoder.settled;
  }

  get ended(): boolean {
    return this.#decoder.ended;
  }

  get facts(): AnswerFacts {
    const { facts } = this.#decoder;
    return this.#firstStop === null ? facts : { ...factsIn(facts), stop: this.#firstStop };
  }

  decode(event: string, data: string): Delta[] {
    if (this.#broken) return [];
    try {
      return this.#cutIn(this.#decoder.decode(event, data));
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  finish(): Delta[] {
    if (this.#broken) return [];
    let out: Delta[];
    try {
      out = this.#cutIn(this.#decoder.finish());
    } catch (cause) {
      return this.#failed(cause);
    }
    if (!this.#ended && this.#over) {
      this.#ended = true;
      out.push({ kind: 'end' });
    }
    return out;
  }

  #failed(cause: unknown): Delta[] {
    if (!this.#over) throw cause;
    this.#broken = true;
    return [{ kind: 'end' }];
  }

  #cutIn(deltas: readonly Delta[]): Delta[] {
    const out: Delta[] = [];
    for (const delta of deltas) this.#take(delta, out);
    return out;
  }

  #take(delta: Delta, out: Delta[]): void {
    switch (delta.kind) {
      case 'open':
        this.#begin(delta, out);
        return;
      case 'text':
        this.#say(delta, out);
        return;
      case 'close':
        this.#end(delta, out);
        return;
      case 'citation':
      case 'signature':
      case 'arguments':
        if (this.#open.has(delta.index)) out.push(delta);
        else this.unsaid++;
        return;
      case 'stop':
        if (this.#cut.has(delta.choice ?? 0)) return;
        this.#ends.add(delta.choice ?? 0);
        out.push(delta);
        return;
      case 'end':
        this.#ended = true;
        out.push(delta);
        return;
      default: // start, usage, ping
        out.push(delta);
    }
  }

  #begin(delta: Extract<Delta, { kind: 'open' }>, out: Delta[]): void {
    const { index, block, choice = 0 } = delta;
    if (this.#cut.has(choice)) return;
    this.#open.set(index, choice);
    if (block === 'tool_call') this.#called.add(choice);
    if (block === 'text') this.#texts.set(index, new CutText(new StopMatcher(this.#set)));
    out.push(delta);
  }

  #say(delta: Extract<Delta, { kind: 'text' }>, out: Delta[]): void {
    const { index } = delta;
    const choice = this.#open.get(index);
    if (choice === undefined) {
      this.unsaid++;
      return;
    }
    const text = this.#texts.get(index);
    if (text === undefined) {
      out.push(delta);
      return;
    }
    const said = text.take(delta.text, delta.logprobs);
    if (said.text !== '' || said.logprobs !== undefined) out.push({ kind: 'text', index, ...said });
    if (text.hit !== null) this.#cutAt(text.hit, choice, out);
  }

  #end(delta: Extract<Delta, { kind: 'close' }>, out: Delta[]): void {
    const { index } = delta;
    if (!this.#open.delete(index)) return;
    const said = this.#texts.get(index)?.rest();
    this.#texts.delete(index);
    if (said !== undefined && (said.text !== '' || said.logprobs !== undefined))
      out.push({ kind: 'text', index, ...said });
    out.push(delta);
  }

  #cutAt(hit: string, choice: number, out: Delta[]): void {
    this.#cut.add(choice);
    this.#ends.add(choice);
    for (const [index, whose] of this.#open) {
      if (whose !== choice) continue;
      this.#open.delete(index);
      this.#texts.delete(index);
      out.push({ kind: 'close', index });
    }
    const { stop, stopSequence } = endOf(this.#called.has(choice), hit);
    if (choice === 0) this.#firstStop = stop;
    out.push({ kind: 'stop', reason: stop, stopSequence, ...(choice > 0 && { choice }) });
  }
}

/** They may be getters. */
function factsIn({ usage, quantities, stop, model, id }: AnswerFacts): AnswerFacts {
  return { usage, stop, model, id, ...(quantities !== undefined && { quantities }) };
}
