// What the client says in sound, by the words that the provider writes down. They come behind the sound, perhaps behind the answer to it:
// so nothing of an answer goes on before they are judged, where sound without words is refused.
import type { GatewayError } from '../../../contracts/errors.ts';
import type { GuardSound } from '../../../contracts/guardrail.ts';
import type { GuardedEnds } from '../../../contracts/session-guard.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import type { GuardRun } from '../../../guardrails/run.ts';
import { type Ask, askAll } from './asks.ts';
import type { AnswerParts } from './answer-parts.ts';
import { lookAtSpoken } from './session-texts.ts';
import { strictest, unworded } from './sound-policy.ts';
import type { ProviderWord, SessionWords } from './words.ts';

export interface SpokenInputDeps {
  words: SessionWords;
  run(): GuardRun;
  ask: Ask;
  ends: GuardedEnds;
  parts: AnswerParts;
}

/** Of words that come in pieces as much is remembered, in characters. */
const MAX_WRITTEN = 65_536;
const HOW = 'switch on the transcription of its input';

export class SpokenInput {
  readonly #deps: SpokenInputDeps;
  readonly #guards: readonly Guard[];
  readonly #remote: readonly Guard[];
  readonly #policy: GuardSound;
  #writes = false;
  /** What came in pieces and is not whole. */
  #written = '';

  constructor(deps: SpokenInputDeps) {
    this.#deps = deps;
    this.#guards = deps.run().guards.filter(({ input }) => input);
    this.#remote = this.#guards.filter(({ remote }) => remote.length > 0);
    this.#policy = strictest(this.#guards);
  }

  /** Whether what is spoken is written down from now on. */
  writes(on: boolean): void {
    this.#writes = on;
  }

  /** The client sends sound. @returns why it is refused; null = it goes on. */
  mayCome(): GatewayError | null {
    if (this.#guards.length === 0) return null;
    if (!this.#writes) return unworded(this.#deps.run(), this.#guards, 'request', HOW);
    if (this.#policy === 'refuse' && !this.#deps.words.tellsSpoken) this.#deps.parts.held.wait(TURN);
    return null;
  }

  take(words: readonly ProviderWord[]): void {
    if (this.#guards.length === 0) return;
    const { held } = this.#deps.parts;
    for (const word of words)
      switch (word.kind) {
        case 'writes':
          this.#writes = word.on;
          break;
        case 'spoken':
          if (this.#policy === 'refuse' && this.#writes) held.wait(reasonOf(word.item));
          break;
        case 'unwritten':
          this.#decide(
            word.item,
            unworded(this.#deps.run(), this.#guards, 'request', 'it could not be written down'),
          );
          break;
        case 'written':
          this.#judge(word);
          break;
        case 'over':
          if (this.#written !== '') this.#judge({ kind: 'written', item: '', text: '', whole: true });
          held.judged(TURN);
          break;
        default:
      }
  }

  #judge({ item, text, whole }: Extract<ProviderWord, { kind: 'written' }>): void {
    const said = (this.#written + text).slice(-MAX_WRITTEN);
    this.#written = whole ? '' : said;
    const run = this.#deps.run();
    const { refusal, changes } = lookAtSpoken(said, this.#guards, run);
    // Out of sound nothing can be taken: what would be is refused, or goes on and is said.
    const refused =
      refusal ?? (changes !== null && this.#policy === 'refuse' ? run.refused(changes, 'request') : null);
    if (refused !== null || !whole || this.#remote.length === 0) {
      if (refused !== null || whole) this.#decide(item, refused);
      return;
    }
    void askAll(this.#remote, this.#deps.ask, said).then((late) => this.#decide(item, late.refusal));
  }

  #decide(item: string, refusal: GatewayError | null): void {
    const { ends, parts, words } = this.#deps;
    if (refusal === null) {
      parts.held.judged(reasonOf(item));
      return;
    }
    this.#written = '';
    const forgets = words.forgets(item);
    if (forgets !== null) ends.ask(JSON.stringify(forgets));
    parts.refuse(refusal);
    // Answers before this one go on.
    parts.held.judged(reasonOf(item));
  }
}

/** Where nobody says which words belong to which sound, an answer waits until it is over. */
const TURN = 'turn';
const reasonOf = (item: string): string => `spoken ${item}`;
