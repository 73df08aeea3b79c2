// What a request encoder could not carry over: collected for the headers x-headgate-dropped and x-headgate-adapted, or
// thrown at once where something is left out and the caller wants no loss (`x-headgate-strict: 1`).
import type { EncodeTarget } from '../contracts/body.ts';
import type { ChatRequest } from '../contracts/chat.ts';
import { GatewayError } from '../contracts/errors.ts';

export class Losses {
  readonly #strict: boolean;
  readonly #dropped = new Set<string>();
  readonly #adapted = new Set<string>();

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** The field at `path` is left out (wire.md 7.1 grade D). */
  drop(path: string): void {
    if (this.#strict) throw unsupported(path);
    this.#dropped.add(path);
  }

  /** The field at `path` is carried over with a small difference (grade A): no loss, so never refused. */
  adapt(path: string): void {
    this.#adapted.add(path);
  }

  get dropped(): string[] {
    return [...this.#dropped];
  }

  get adapted(): string[] {
    return [...this.#adapted];
  }
}

/**
 * The losses of a request that is about to be encoded, with what its decoder had no neutral form for.
 *
 * @param has what only some dialects have, as far as the target's does: the members of `request.openai`, log probabilities,
 *   several answers, citations of documents.
 * @throws GatewayError GW_CLIENT_UNSUPPORTED for what must not be dropped, or for any loss if strict.
 */
export function openLosses(
  request: ChatRequest,
  target: EncodeTarget,
  has: { openai?: boolean; logprobs?: boolean; choices?: boolean; citations?: boolean } = {},
): Losses {
  const losses = lossesOf(request, target);
  if (request.choices !== undefined && has.choices !== true) throw unsupported(request.choices.field);
  if (request.logprobs != null && has.logprobs !== true) throw unsupported('logprobs');
  if (has.openai !== true && request.openai !== undefined)
    for (const key of Object.keys(request.openai)) losses.drop(key);
  if (has.citations !== true) for (const path of request.citations ?? []) losses.drop(path);
  for (const path of request.adapted ?? []) losses.adapt(path);
  return losses;
}

/** The losses of any request: what its decoder had no neutral form for. @throws GatewayError as openLosses. */
export function lossesOf(
  { dropped, mustNotDrop }: Pick<ChatRequest, 'dropped' | 'mustNotDrop'>,
  target: EncodeTarget,
): Losses {
  const [lost] = mustNotDrop;
  if (lost !== undefined) throw unsupported(lost);
  const losses = new Losses(target.strict);
  for (const path of dropped) losses.drop(path);
  return losses;
}

/** A 400 GW_CLIENT_UNSUPPORTED for the field at `param` (grade E, or a drop under strict). */
export function unsupported(param: string, message?: string): GatewayError {
  return new GatewayError('GW_CLIENT_UNSUPPORTED', {
    param,
    message: message ?? `'${param}' cannot be carried over to the provider of this model.`,
  });
}
