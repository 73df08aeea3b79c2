// A text up to its stop sequence, with the tokens that it consists of where the client asked how likely they were.
import type { TokenLogprob } from '../contracts/chat.ts';
import type { StopMatcher } from './stop-matcher.ts';

export interface SaidText {
  text: string;
  logprobs?: TokenLogprob[];
}

export class CutText {
  readonly #matcher: StopMatcher;
  /** Tokens that are not wholly said. */
  #tokens: TokenLogprob[] = [];
  /** Characters of the first of them that are said. */
  #begun = 0;

  constructor(matcher: StopMatcher) {
    this.#matcher = matcher;
  }

  /** The sequence that ended it; null = none so far. */
  get hit(): string | null {
    return this.#matcher.hit;
  }

  take(text: string, logprobs: readonly TokenLogprob[] | undefined): SaidText {
    const said = this.#matcher.take(text);
    if (logprobs !== undefined) this.#tokens.push(...logprobs);
    return this.#tokens.length === 0 ? { text: said } : withTokens(said, this.#whole(said.length));
  }

  /** What was held back of a text that comes to no stop sequence. */
  rest(): SaidText {
    return withTokens(this.#matcher.rest(), this.#tokens.splice(0));
  }

  /** Tokens that so many more characters make whole. */
  #whole(chars: number): TokenLogprob[] {
    let left = this.#begun + chars;
    let count = 0;
    for (const { token } of this.#tokens) {
      if (token.length > left) break;
      left -= token.length;
      count++;
    }
    this.#begun = left;
    return this.#tokens.splice(0, count);
  }
}

function withTokens(text: string, logprobs: TokenLogprob[]): SaidText {
  return logprobs.length === 0 ? { text } : { text, logprobs };
}
