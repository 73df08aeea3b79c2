// Which of a request's stop sequences its target takes, and which the gateway looks for itself in the answer (stop-cut.ts): all of
// them where a dialect or a model has none, those above its number, those of white space where its vendor refuses them.
import { type Losses, unsupported } from './losses.ts';

/** What is looked for in every character of an answer has an end. */
const MOST_CUTS = 64;
const MOST_CUT_CHARS = 16_384;

export interface SharedStops {
  /** Sent to the target. */
  sent: string[];
  /** Looked for here. */
  cut: string[];
}

/**
 * @param most sequences the target takes. @param path what the field is called in the account of what was changed.
 * @param takes whether it takes this one at all. Absent = any.
 * @throws GatewayError GW_CLIENT_UNSUPPORTED: so many, or so long, are not looked for.
 */
export function shareStops(
  stop: readonly string[],
  most: number,
  path: string,
  losses: Losses,
  takes: (sequence: string) => boolean = () => true,
): SharedStops {
  const sent: string[] = [];
  const cut: string[] = [];
  for (const sequence of stop) {
    if (sent.length < most && takes(sequence)) sent.push(sequence);
    // Nothing would end nowhere, or everywhere.
    else if (sequence === '') losses.drop(path);
    else cut.push(sequence);
  }
  if (cut.length === 0) return { sent, cut };
  const chars = cut.reduce((sum, { length }) => sum + length, 0);
  if (cut.length > MOST_CUTS || chars > MOST_CUT_CHARS) {
    throw unsupported(
      path,
      `The provider of this model takes ${sent.length} of these stop sequences, and the gateway looks for at most ${MOST_CUTS} others, of ${MOST_CUT_CHARS} characters together.`,
    );
  }
  losses.adapt(path);
  return { sent, cut };
}
