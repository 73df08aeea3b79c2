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
import type { Ended, Part } from './answer-part.ts';
import { type Ask, askAll, type Verdict } from './asks.ts';
import { HeldMessages } from './held-messages.ts';
import { written } from '../../tunnel/message-json.ts';
import { leftOf } from './message-text.ts';
import { Muted } from './muted.ts';
import { lookAtAnswer } from './session-texts.ts';
import { strictest, unreadable, unworded } from './sound-policy.ts';
import type { ProviderWord, ProviderWords, SessionWords } from './words.ts';

export interface AnswerPartsDeps {
  words: SessionWords;
  run(): GuardRun;
  ask: Ask;
  ends: GuardedEnds;
}

const WISH =
  'Your last answer to this was not accepted: %. Answer again, without what was wrong with it, and do not speak of this.';

export class AnswerParts {
  readonly held: HeldMessages;
  readonly #deps: AnswerPartsDeps;
  readonly #guards: readonly Guard[];
  readonly #remote: readonly Guard[];
  readonly #policy: GuardSound;
  readonly #parts = new Map<string, Part>();
  /** The answer under way; '' = none. */
  #response = '';
  /** Items of answers under way, and which answer each is of. */
  readonly #items = new Map<string, string>();
  readonly #muted = new Muted();
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
    const muted = this.#muted.has(response === '' ? item : response);
    // Several may be under way: what is found now is found in the one that speaks.
    if (response !== '' && (!muted || this.#response === '')) this.#response = response;
    const over = words.some(({ kind }) => kind === 'over');
    if (muted) {
      this.#late(item, response);
      this.#muteRest(message, event, over, response);
      return;
    }
    if (item !== '' && response !== '') this.#items.set(item, response);
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
    const items = over ? this.#itemsOf(response) : null;
    if (over) this.#over(response);
    // All that it said is held back.
    if (empty) return;
    const next = this.#whole(message, event, changed, told, items);
    if (this.#unfit(message, event, over, response, items)) return;
    if (over && this.#second === response) this.#second = null;
    if (next === null) {
      // Its client waits for the end of it all the same.
      if (over) this.#muteRest(message, event, over, response);
      return;
    }
    if (told.now) this.#deps.ends.tell(next);
    else this.held.put(next, response === '' ? item : response);
  }

  /** A message that is no JSON. */
  unread(message: SocketMessage): void {
    const refusal = unreadable(this.#deps.run(), this.#guards, 'answer');
    if (refusal === null) this.held.put(message);
    else this.refuse(refusal);
  }

  /** An answer ends here, by itself the one that spoke last; one that comes later is another. */
  refuse(
    error: GatewayError,
    response: string = this.#response,
    { items = this.#itemsOf(response), over = false }: { items?: readonly string[]; over?: boolean } = {},
  ): void {
    // Whoever wanted another answer than this one wants none than the next.
    this.#deps.run().retry = null;
    const speaks = !over && (response !== '' || this.#parts.size > 0);
    this.#endHere(response, items);
    this.#deps.ends.refuse(error, speaks ? { id: response } : null);
  }

  /** Nothing more of an answer is told; what waits of others goes on. */
  #endHere(response: string, items: readonly string[]): void {
    const of = new Set([response, ...items].filter((id) => id !== ''));
    for (const id of of) {
      this.#muted.add(id);
      this.#items.delete(id);
    }
    if (response === '') {
      // None speaks: what waits is of answers that are over.
      if (this.#parts.size === 0 && this.#ends.size > 0) return;
      this.#parts.clear();
      this.#items.clear();
      this.held.drop();
      return;
    }
    const reasons: string[] = [];
    for (const places of [this.#parts, this.#ends])
      for (const [part, one] of places)
        if ((one.response === response || one.response === '') && places.delete(part)) reasons.push(part);
    this.held.dropOf(of, reasons, (message) => leftOf(this.#deps.words, message));
  }

  #itemsOf(response: string): string[] {
    return [...this.#items].filter(([, of]) => of === response).map(([item]) => item);
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
    const { retry } = this.#deps.run();
    if (retry === null) return false;
    const of = response || this.#response;
    this.#another(retry, of, over, items ?? this.#itemsOf(of));
    if (over) this.#muteRest(message, event, over, response);
    return true;
  }

  #another(
    { guard, reason }: NonNullable<Verdict['retry']>,
    response: string,
    over: boolean,
    items: readonly string[],
    second = this.#second === response,
  ): void {
    const run = this.#deps.run();
    run.retry = null;
    const wish = response !== '' && !second ? this.#deps.words.again(WISH.replace('%', () => reason)) : null;
    if (wish === null || (!over && !this.#deps.ends.stop({ id: response }))) {
      this.refuse(run.refused(guard, 'answer'), response, { items, over });
      return;
    }
    run.note(guard, 'answer', 'mask');
    this.#instead = { response, items, wish };
    this.#endHere(response, items);
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

  close(): void {
    this.held.drop();
    this.#parts.clear();
    this.#ends.clear();
  }

  /** An item of an answer that is told no more: its conversation tells of it again, by its own name alone. */
  #late(item: string, response: string): void {
    if (item === '') return;
    this.#muted.add(item);
    const instead = this.#instead;
    if (instead?.response === response && !instead.items.includes(item))
      this.#instead = { ...instead, items: [...instead.items, item] };
  }

  #muteRest(message: SocketMessage, event: JsonObject, over: boolean, response: string): void {
    const left = this.#deps.words.emptied(event);
    if (left !== null) this.held.put(written(message, left), response);
    if (!over) return;
    if (this.#response === response) this.#response = '';
    this.#isOver(response);
  }

  /** Nothing more comes of an answer that was not fit. */
  #isOver(response: string): void {
    this.#muted.delete(response);
    if (this.#second === response) this.#second = null;
    this.#askInstead(response);
  }

  #partOf(part: string, block: ConstructorParameters<typeof SaidText>[1]): Part {
    let known = this.#parts.get(part);
    if (known === undefined) {
      const said = new SaidText(this.#deps.run(), block);
      known = {
        response: this.#response,
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
    if (left !== '') this.held.put(written(like, rest(left)), one.response);
    if (!this.#isWorded(one)) return false;
    const asked = this.#remote.length > 0 && (one.text ?? '') !== '';
    if (asked)
      void askAll(this.#remote, this.#deps.ask, one.text!).then((verdict) =>
        this.#judged(part, one.response, verdict),
      );
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

  #judged(part: string, response: string, { refusal, retry }: Verdict): void {
    const ended = this.#ends.get(part);
    // Nothing waits for it any more: what is wrong with its answer is wrong with no other.
    if (!this.held.has(part)) return;
    if (refusal === null && retry === null) {
      this.#ends.delete(part);
      this.held.judged(part);
    } else if (ended !== undefined) this.#endBelated(ended, refusal, retry);
    else if (refusal !== null) this.refuse(refusal, response);
    else this.#another(retry!, response, false, this.#itemsOf(response));
  }

  /** Not fit, as is known only behind its end, which waits too and stays. */
  #endBelated(
    { response, items, second }: Ended,
    refusal: GatewayError | null,
    retry: Verdict['retry'],
  ): void {
    if (refusal !== null) this.refuse(refusal, response, { items, over: true });
    else if (this.#response === '') this.#another(retry!, response, true, items, second);
    // The next one speaks: nothing can be asked for in place of this one.
    else this.refuse(this.#deps.run().refused(retry!.guard, 'answer'), response, { items, over: true });
    this.#isOver(response);
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

  #over(response: string): void {
    if (this.#response === response) this.#response = '';
    const items = this.#itemsOf(response);
    const ended = { response, items, second: this.#second === response };
    // Parts of which no end was told.
    for (const [part, one] of [...this.#parts]) {
      if (one.response !== response && one.response !== '') continue;
      this.#parts.delete(part);
      if (one.complete && this.held.has(part)) this.#ends.set(part, ended);
      else if (!one.complete && this.#isWorded(one)) this.held.judged(part);
    }
    for (const item of items) this.#items.delete(item);
  }

  /** @returns the message as it may go on; null = its answer is refused. */
  #whole(
    message: SocketMessage,
    event: JsonObject,
    changed: boolean,
    { whole, response, speaker }: ProviderWords,
    items: readonly string[] | null,
  ): SocketMessage | null {
    const next = changed ? written(message, event) : message;
    if (!whole) return next;
    const body = typeof next === 'string' ? Buffer.from(next) : next;
    const clean = lookAtAnswer(body, speaker, this.#deps.run());
    if (!Buffer.isBuffer(clean)) {
      const error = this.#deps.run().refused(clean.guard, 'answer');
      // Told of the conversation as it was: nothing speaks, and nothing is to end.
      if (response === '') this.#deps.ends.refuse(error, null);
      else this.refuse(error, response, items === null ? {} : { items, over: true });
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
