// Joins the text of another answer to what its client has: nothing twice, nothing left out.
import { GatewayError } from '../../contracts/errors.ts';

/** One per answer. After it threw it must not be used again. */
export interface Matcher {
  /** @returns what of it is new to the client. @throws GatewayError GW_UPSTREAM_DIVERGED: no part of the same answer. */
  take(text: string): string;
  /** No text follows. @returns what was held back. @throws as `take`. */
  end(): string;
  /** The other answer told again what was sent: all that it used is the whole answer's. */
  readonly anew: boolean;
}

/** Another model may well begin its continuation with a word or two that the answer began with. */
const CHANCE_CHARACTERS = 16;
/** So much of a repeated end is no chance. */
const REPEATED_CHARACTERS = 12;
const LONGEST_REPEAT = 400;

/** The other answer begins anew: what was sent is swallowed. */
export function matchRestart(sent: string): Matcher {
  let at = 0;
  return {
    anew: true,
    take(text) {
      if (at === sent.length) return text;
      const shared = Math.min(text.length, sent.length - at);
      if (!sent.startsWith(text.slice(0, shared), at)) throw diverged();
      at += shared;
      return text.slice(shared);
    },
    end() {
      if (at < sent.length) throw diverged();
      return '';
    },
  };
}

/**
 * The other answer was asked to go on. A model that begins anew all the same is noticed by its first words.
 *
 * @param repeats it may say the end of what was sent once more: so do models that were told to go on in words.
 */
export function matchContinuation(sent: string, repeats: boolean): Matcher {
  const blank = sent.slice(sent.trimEnd().length);
  let held = '';
  let going = false;
  let restart: Matcher | null = null;
  const go = (): string => {
    going = true;
    const text = held;
    held = '';
    if (beginsAnew(sent, text)) throw diverged();
    return repeats ? withoutRepeat(sent, blank, text) : withoutBlank(blank, text);
  };
  return {
    get anew() {
      return restart !== null;
    },
    take(text) {
      if (restart !== null) return restart.take(text);
      if (going) return text;
      held += text;
      if (sent.startsWith(held)) return '';
      if (held.startsWith(sent)) {
        restart = matchRestart('');
        return held.slice(sent.length);
      }
      let same = 0;
      while (held[same] === sent[same]) same++;
      if (same >= CHANCE_CHARACTERS) throw diverged();
      return repeats && mayRepeat(sent, held) ? '' : go();
    },
    end() {
      // All of it again is the same answer, which had just ended.
      if (held !== '' && held === sent) restart = matchRestart('');
      return restart !== null || going ? '' : go();
    },
  };
}

/** The text so far may turn out to be a repetition of the end of what was sent. */
function mayRepeat(sent: string, held: string): boolean {
  return held.length < LONGEST_REPEAT && sent.slice(-LONGEST_REPEAT).includes(held);
}

function withoutRepeat(sent: string, blank: string, text: string): string {
  for (let size = Math.min(text.length, LONGEST_REPEAT); size >= REPEATED_CHARACTERS; size--) {
    if (sent.endsWith(text.slice(0, size))) return text.slice(size);
  }
  return withoutBlank(blank, text);
}

/** A last blank is not asked to be gone on from: whoever says it again means the same one. */
function withoutBlank(blank: string, text: string): string {
  return blank !== '' && text.startsWith(blank) ? text.slice(blank.length) : text;
}

/** No word goes on with a capital: a model that was to go on within one began another answer. */
function beginsAnew(sent: string, text: string): boolean {
  return /[\p{Ll}\p{Nd}]$/u.test(sent) && /^\p{Lu}/u.test(text);
}

function diverged(): GatewayError {
  return new GatewayError('GW_UPSTREAM_DIVERGED');
}
