// Guardrails on a spoken conversation. What the client says in text is checked as a request's; what it says in sound by the words that
// the provider writes down; what the model says piece by piece, as in a stream, and its sound by the transcript beside it.
//
//   client ─► heard ─ refused: told why ─► provider        provider ─► told ─► pieces ─► held-messages ─► client
import { GatewayError } from '../../../contracts/errors.ts';
import type { GuardrailOutcome } from '../../../contracts/outcomes.ts';
import type { GuardedEnds, Heard, SessionGuard } from '../../../contracts/session-guard.ts';
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import { parseObject } from '../../../dialects/lenient.ts';
import { mediaOf } from '../../../guardrails/body-media.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import type { GuardRun } from '../../../guardrails/run.ts';
import type { Ask } from './asks.ts';
import { AnswerParts } from './answer-parts.ts';
import { textOf } from '../../tunnel/message-json.ts';
import { lookAtRequest, withTexts } from './session-texts.ts';
import { SpokenInput } from './spoken-input.ts';
import type { SessionWords } from './words.ts';
import { unreadable } from './sound-policy.ts';

export interface SessionGuardDeps {
  words: SessionWords;
  /** One run behind the other: each has what was decided since the last was asked for. */
  newRun(): GuardRun;
  /** Asks those that a guardrail asks over the network. @param side whose words they are. */
  ask(side: 'request' | 'answer', run: () => GuardRun): Ask;
}

export class WatchedSession implements SessionGuard {
  readonly #deps: SessionGuardDeps;
  readonly #words: SessionWords;
  /** Those that look at what is asked. */
  readonly #readers: readonly Guard[];
  readonly #askRequest: Ask;
  #run: GuardRun;
  #parts: AnswerParts | null = null;
  #spoken: SpokenInput | null = null;
  #closed = false;

  constructor(deps: SessionGuardDeps) {
    this.#deps = deps;
    this.#words = deps.words;
    this.#run = this.#begun();
    this.#readers = this.#run.guards.filter(({ input, toolResult }) => input || toolResult);
    this.#askRequest = deps.ask('request', () => this.#run);
  }

  attach(ends: GuardedEnds): void {
    const run = (): GuardRun => this.#run;
    const parts = new AnswerParts({ words: this.#words, run, ask: this.#deps.ask('answer', run), ends });
    this.#parts = parts;
    this.#spoken = new SpokenInput({ words: this.#words, run, ask: this.#askRequest, ends, parts });
  }

  heard(message: SocketMessage): Heard | Promise<Heard> {
    if (this.#readers.length === 0) return message;
    const event = parseObject(textOf(message));
    if (event === null) return unreadable(this.#run, this.#readers, 'request') ?? message;
    const { speaker, sound, writes } = this.#words.ofClient(event);
    if (writes !== null) this.#spoken!.writes(writes);
    if (sound) {
      const refusal = this.#spoken!.mayCome();
      if (refusal !== null) return refusal;
    }
    const body = Buffer.from(textOf(message));
    const unseen = sound ? null : this.#media(body);
    if (unseen !== null) return unseen;
    const looked = lookAtRequest(body, speaker, this.#readers, this.#run);
    if (looked.refusal !== null) return looked.refusal;
    const asked = this.#readers.filter(({ remote }) => remote.length > 0);
    const shown = looked.texts.filter((text) => text.speaker === 'user' || text.speaker === 'tool_result');
    if (asked.length === 0 || shown.length === 0) return same(message, looked.body);
    return this.#asked(asked, message, body, looked.texts, shown);
  }

  told(message: SocketMessage): void {
    const event = parseObject(textOf(message));
    if (event === null) {
      this.#parts!.unread(message);
      return;
    }
    const told = this.#words.ofProvider(event);
    this.#spoken!.take(told.words);
    this.#parts!.take(message, event, told);
  }

  takeOutcomes(): GuardrailOutcome[] | null {
    const { outcomes } = this.#run;
    if (outcomes.length === 0) return null;
    this.#run = this.#begun();
    return outcomes;
  }

  close(): void {
    this.#closed = true;
    this.#parts?.close();
  }

  #begun(): GuardRun {
    const run = this.#deps.newRun();
    for (const guard of run.guards) {
      if (guard.input || guard.toolResult) run.note(guard, 'request', 'pass');
      if (guard.output || guard.toolCall) run.note(guard, 'answer', 'pass');
    }
    return run;
  }

  /** Pictures and files in an item. */
  #media(body: Buffer): GatewayError | null {
    const { images, others } = mediaOf(body);
    if (images.length + others === 0) return null;
    for (const guard of this.#readers) {
      this.#run.unchecked(guard, 'request');
      if (guard.config.media === 'refuse')
        return new GatewayError('GW_GUARDRAIL_UNREADABLE', {
          message: `The guardrail \`${guard.config.name}\` of this call cannot look at pictures, sound or files: say it as text.`,
        });
    }
    return null;
  }

  async #asked(
    guards: readonly Guard[],
    message: SocketMessage,
    body: Buffer,
    texts: Parameters<typeof withTexts>[1],
    shown: { now: string }[],
  ): Promise<Heard> {
    for (const guard of guards) {
      const heard = await this.#askRequest(
        guard,
        shown.map(({ now }) => now),
      );
      if (this.#closed) return message;
      if (heard.refusal !== null && guard.config.mode !== 'after') return heard.refusal;
      for (const [index, text] of shown.entries()) text.now = heard.texts[index] ?? text.now;
    }
    return same(message, withTexts(body, texts));
  }
}

/** As the message came where nothing of it changed: text or bytes. */
function same(message: SocketMessage, body: Buffer): SocketMessage {
  const text = body.toString('utf8');
  if (typeof message === 'string') return text === message ? message : text;
  return body;
}
