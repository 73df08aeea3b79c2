// What the provider says, part by part: text and calls of tools are held back as in a stream, sound until the words beside it are known
// to be fine. What is refused ends its answer: nothing more of it is told, and the provider is asked to stop.
import type { GatewayError } from '../../../contracts/errors.ts';
import type { GuardSound } from '../../../contracts/guardrail.ts';
import type { JsonObject } from '../../../contracts/json.ts';
import type { GuardedEnds } from '../../../contracts/session-guard.ts';
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import type { GuardRun } from '../../../guardrails/run.ts';
import { SaidText } from '../../../guardrails/said-text.ts';
import type { Ask } from './asks.ts';
import { HeldMessages } from './held-messages.ts';
import { lookAtAnswer } from './session-texts.ts';
import { strictest, unreadable, unworded } from './sound-policy.ts';
import type { ProviderWord, ProviderWords, SessionWords } from './words.ts';

export interface AnswerPartsDeps {
  words: SessionWords;
  run(): GuardRun;
  ask: Ask;
  ends: GuardedEnds;
}

/** Items of answers that were refused are told of again by their conversation. */
const MAX_MUTED = 1_024;

const WISH =
  'Your last answer to this was not accepted: %. Answer again, without what was wrong with it, and do not speak of this.';

interface Part {
  said: SaidText;
  /** All of it, for those that are asked; null = nobody is. */
  text: string | null;
  /** Sound of it went by. */
  sound: boolean;
  /** Words of it did. */
  worded: boolean;
  /** All of its words came. */
  complete: boolean;
}

/** How an answer ended of which something is still to be judged. */
interface Ended {
  response: string;
  items: readonly string[];
  /** It was asked for in place of another. */
  second: boolean;
  message: SocketMessage;
  event: JsonObject;
}

export class AnswerParts {
  readonly held: HeldMessages;
  readonly #deps: AnswerPartsDeps;
  readonly #guards: readonly Guard[];
  readonly #remote: readonly Guard[];
  readonly #policy: GuardSound;
  readonly #parts = new Map<string, Part>();
  /** The answer under way; '' = none. */
  #response = '';
  /** Items of it. */
  readonly #items = new Set<string>();
  /** Answers of which nothing more is told, and their items. */
  readonly #muted = new Set<string>();
  /** What is asked for in place of an answer, once that is over; null = nothing. */
  #instead: { response: string; items: readonly string[]; wish: JsonObject } | null = null;
  /** The answer that was asked for in place of another: '' = it has yet to begin, null = there is none. */
  #second: string | null = null;
  /** Ends of answers that wait for a judgement, by the part that is judged. */
  readonly #ends = new Map<string, Ended>();

  constructor(deps: AnswerPartsDeps) {
    this.#deps = deps;
    this.#guards = deps.run().guards.filter(({ output }) => output);
    this.#remote = this.#guards.filter(({ remote }) => remote.length > 0);
    this.#policy = strictest(this.#guards);
    this.held = new HeldMessages(
      (message) => deps.ends.tell(message),
      () => this.#overflowed(),
    );
  }

  take(message: SocketMessage, event: JsonObject, told: ProviderWords): void {
    const { response, item, words } = told;
    for (const word of words) {
      if (word.kind !== 'begun') continue;
      this.#response = word.response;
      if (this.#second === '') this.#second = word.response;
    }
    if (response !== '' && this.#response === '') this.#response = response;
    const over = words.some(({ kind }) => kind === 'over');
    if (item !== '' && response !== '') this.#items.add(item);
    if (this.#muted.has(response === '' ? item : response)) {
      this.#muteRest(message, event, over, response);
      return;
    }
    let changed = false;
    let empty = words.length > 0;
    for (const word of words) {
      if (word.kind === 'piece') {
        const now = this.#piece(word);
        if (now === null) return;
        changed ||= now !== word.text;
        empty &&= now === '' && word.text !== '';
        if (now !== word.text) word.put(now);
        continue;
      }
      empty = false;
      if (word.kind === 'sound') this.#sound(word.part);
      else if (word.kind === 'end' && !this.#end(word, message)) return;
      else if (word.kind === 'tool' && !this.#mayCall(word.name)) return;
    }
    if (this.#unfit(message, event, over, response)) return;
    // What it said goes with it, also where that is seen at its end alone.
    const items = over ? [...this.#items] : null;
    if (over) this.#over(response, message, event);
    // All that it said is held back.
    if (empty) return;
    const next = this.#whole(message, event, changed, told);
    if (this.#unfit(message, event, over, response, items)) return;
    if (over && this.#second === response) this.#second = null;
    if (next === null) {
      // Its client waits for the end of it all the same.
      if (over) this.#muteRest(message, event, over, response);
      return;
    }
    if (told.now) this.#deps.ends.tell(next);
    else this.held.put(next);
  }

  /** A message that is no JSON. */
  unread(message: SocketMessage): void {
    const refusal = unreadable(this.#deps.run(), this.#guards, 'answer');
    if (refusal === null) this.held.put(message);
    else this.refuse(refusal);
  }

  /** The answer under way ends here; one that comes later is another. */
  refuse(error: GatewayError): void {
    // Whoever wanted another answer than this one wants none than the next.
    this.#deps.run().retry = null;
    const response = this.#response;
    const speaks = response !== '' || this.#parts.size > 0;
    this.#endHere();
    this.#deps.ends.refuse(error, speaks ? { id: response } : null);
  }

  /** Nothing more of the answer under way is told. */
  #endHere(): void {
    for (const id of [this.#response, ...this.#items]) if (id !== '') this.#mute(id);
    this.#items.clear();
    this.#parts.clear();
    this.held.drop();
  }

  /**
   * Whether a guardrail wants another answer than the one under way. It ends here, and another is asked for when the provider has
   * ended it; where that is the second already, or cannot be asked for, it is refused.
   */
  #unfit(
    message: SocketMessage,
    event: JsonObject,
    over: boolean,
    response: string,
    items: readonly string[] | null = null,
  ): boolean {
    if (this.#deps.run().retry === null) return false;
    this.#another(this.#response || response, over, items ?? [...this.#items]);
    if (over) this.#muteRest(message, event, over, response);
    return true;
  }

  #another(
    response: string,
    over: boolean,
    items: readonly string[],
    second = this.#second === response,
  ): void {
    const run = this.#deps.run();
    const { guard, reason } = run.retry!; // whoever calls has looked
    run.retry = null;
    const wish = response !== '' && !second ? this.#deps.words.again(WISH.replace('%', () => reason)) : null;
    if (wish === null || (!over && !this.#deps.ends.stop({ id: response }))) {
      this.refuse(run.refused(guard, 'answer'));
      return;
    }
    run.note(guard, 'answer', 'mask');
    this.#instead = { response, items, wish };
    this.#endHere();
  }

  /** The answer that was not fit is over: what it said is no part of the conversation, and another is asked for. */
  #askInstead(response: string): void {
    const instead = this.#instead;
    if (instead === null || instead.response !== response) return;
    this.#instead = null;
    this.#second = '';
    const { words, ends } = this.#deps;
    for (const item of instead.items) {
      const forgets = words.forgets(item);
      if (forgets !== null) ends.ask(JSON.stringify(forgets));
    }
    ends.ask(JSON.stringify(instead.wish));
  }

  #mute(id: string): void {
    if (this.#muted.size >= MAX_MUTED)
      for (const oldest of this.#muted) if (this.#muted.delete(oldest)) break;
    this.#muted.add(id);
  }

  close(): void {
    this.held.drop();
    this.#parts.clear();
    this.#ends.clear();
  }

  #muteRest(message: SocketMessage, event: JsonObject, over: boolean, response: string): void {
    const left = this.#deps.words.emptied(event);
    if (over) {
      this.#muted.delete(response);
      if (this.#response === response) this.#response = '';
    }
    if (left !== null) this.held.put(written(message, left));
    if (over) {
      if (this.#second === response) this.#second = null;
      this.#askInstead(response);
    }
  }

  #partOf(part: string, block: ConstructorParameters<typeof SaidText>[1]): Part {
    let known = this.#parts.get(part);
    if (known === undefined) {
      const said = new SaidText(this.#deps.run(), block);
      known = {
        said,
        text: this.#remote.length === 0 ? null : '',
        sound: false,
        worded: false,
        complete: false,
      };
      this.#parts.set(part, known);
    }
    return known;
  }

  /** @returns what may go on of it; null = its answer is refused. */
  #piece({ part, block, text }: Extract<ProviderWord, { kind: 'piece' }>): string | null {
    const one = this.#partOf(part, block);
    one.worded = true;
    if (one.text !== null && (block === 'text' || block === 'refusal')) {
      one.text += text;
      if (this.#remote.some(({ config }) => config.mode !== 'after')) this.held.wait(part);
    }
    if (one.said.idle) return text;
    const now = one.said.push(text);
    return this.#ended(one) ? null : now;
  }

  #sound(part: string): void {
    if (this.#guards.length === 0) return;
    const one = this.#partOf(part, 'text');
    if (one.complete) return;
    one.sound = true;
    if (this.#policy === 'refuse') this.held.wait(part);
    else if (this.#policy === 'flag' && !one.worded) unworded(this.#deps.run(), this.#guards, 'answer', '');
  }

  /** A part is complete. @returns false: its answer is refused. */
  #end({ part, rest }: Extract<ProviderWord, { kind: 'end' }>, like: SocketMessage): boolean {
    const one = this.#parts.get(part);
    if (one === undefined || one.complete) return true;
    const left = one.said.idle ? '' : one.said.end();
    if (this.#ended(one)) return false;
    one.complete = true;
    if (left !== '') this.held.put(written(like, rest(left)));
    if (!this.#isWorded(one)) return false;
    const asked = this.#remote.length > 0 && (one.text ?? '') !== '';
    if (asked) void this.#asked(one.text!).then((refusal) => this.#judged(part, refusal));
    else this.held.judged(part);
    return true;
  }

  /** Sound that nobody wrote down is not let go of where that is refused. */
  #isWorded({ sound, worded }: Part): boolean {
    if (!sound || worded || this.#policy !== 'refuse') return true;
    const refusal = unworded(this.#deps.run(), this.#guards, 'answer', 'have its output written down');
    if (refusal === null) return true;
    this.refuse(refusal);
    return false;
  }

  async #asked(text: string): Promise<GatewayError | null> {
    for (const guard of this.#remote) {
      const { refusal } = await this.#deps.ask(guard, [text]);
      if (refusal !== null && guard.config.mode !== 'after') return refusal;
    }
    return null;
  }

  #judged(part: string, refusal: GatewayError | null): void {
    const run = this.#deps.run();
    const ended = this.#ends.get(part);
    this.#ends.delete(part);
    // Nothing waits for it any more: what is wrong with its answer is wrong with no other.
    if (!this.held.has(part)) run.retry = null;
    else if (refusal === null && run.retry === null) this.held.judged(part);
    else if (ended !== undefined) this.#endBelated(ended, refusal);
    else if (refusal !== null) this.refuse(refusal);
    else this.#another(this.#response, false, [...this.#items]);
  }

  /** Not fit, as is known only behind its end, which waits too: what its client hears of it. */
  #endBelated({ response, items, second, message, event }: Ended, refusal: GatewayError | null): void {
    const run = this.#deps.run();
    for (const id of items) this.#mute(id);
    if (refusal !== null) this.refuse(refusal);
    // What waits behind it is the next answer's, and goes with it.
    else if (this.#response !== '') this.refuse(run.refused(run.retry!.guard, 'answer'));
    else this.#another(response, true, items, second);
    this.#muteRest(message, event, true, response);
  }

  /** @returns whether a guardrail ended the part, and so its answer. */
  #ended({ said, sound }: Part): boolean {
    if (said.ended !== null) {
      this.refuse(this.#deps.run().refused(said.ended.guard, 'answer'));
      return true;
    }
    // Out of sound nothing can be taken: what was taken out of its words is in it still.
    const masks = sound && this.#policy === 'refuse' ? said.masked : null;
    if (masks === null) return false;
    this.refuse(this.#deps.run().refused(masks, 'answer'));
    return true;
  }

  #mayCall(name: string): boolean {
    const run = this.#deps.run();
    const against = run.guards.find(({ tools, toolCall }) => toolCall && tools !== null && !tools(name));
    if (against === undefined) return true;
    if (against.config.action === 'retry')
      run.retry ??= { guard: against, reason: 'it calls a tool that may not be called' };
    if (against.config.action !== 'block') {
      run.note(against, 'answer', 'flag');
      return true;
    }
    this.refuse(run.refused(against, 'answer'));
    return false;
  }

  #over(response: string, message: SocketMessage, event: JsonObject): void {
    if (this.#response === response) this.#response = '';
    const ended = { response, items: [...this.#items], second: this.#second === response, message, event };
    // Parts of which no end was told.
    for (const [part, one] of [...this.#parts]) {
      this.#parts.delete(part);
      if (one.complete && this.held.has(part)) this.#ends.set(part, ended);
      else if (!one.complete && this.#isWorded(one)) this.held.judged(part);
    }
    this.#items.clear();
  }

  /** @returns the message as it may go on; null = its answer is refused. */
  #whole(
    message: SocketMessage,
    event: JsonObject,
    changed: boolean,
    { whole, response, speaker }: ProviderWords,
  ): SocketMessage | null {
    const next = changed ? written(message, event) : message;
    if (!whole) return next;
    const body = typeof next === 'string' ? Buffer.from(next) : next;
    const clean = lookAtAnswer(body, speaker, this.#deps.run());
    if (!Buffer.isBuffer(clean)) {
      const error = this.#deps.run().refused(clean.guard, 'answer');
      // Told of the conversation as it was: nothing speaks, and nothing is to end.
      if (response === '') this.#deps.ends.refuse(error, null);
      else this.refuse(error);
      return null;
    }
    if (clean === body) return next;
    return typeof message === 'string' ? clean.toString('utf8') : clean;
  }

  #overflowed(): boolean {
    const run = this.#deps.run();
    const [guard] = this.#guards.length > 0 ? this.#guards : run.guards;
    const refusal = run.failed(guard!, 'answer', new Error('more waits than is held'));
    if (refusal !== null) this.refuse(refusal);
    return refusal === null;
  }
}

/** As the other came: text or bytes. */
function written(like: SocketMessage, event: JsonObject): SocketMessage {
  const text = JSON.stringify(event);
  return typeof like === 'string' ? text : Buffer.from(text);
}
