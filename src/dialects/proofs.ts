// Proofs of reasoning (signatures, encrypted reasoning) in other vendors' dialects: wire.md 7.7. A proof must come back to
// the model's maker byte for byte and is refused by everyone else. Towards a client of another dialect it is wrapped with
// the maker's name; when it returns it is unwrapped for that maker and left out for all others:
//
//   answer   maker's own ──► the same dialect family: as it is │ any other: hg1.<maker>.<base64url>
//   request  hg1.<maker>.… or as it is (= the client's dialect's own maker) ──► same maker: as it was │ else: left out
//
// Where the provider's keys are of several organisations the envelope says whose made it (`<maker>~<organization>`): elsewhere
// it is refused too. Codecs never see an envelope: they read and write what their own vendor made.
import type { ChatAnswer, ChatRequest, Part, ReasoningPart } from '../contracts/chat.ts';
import type { StreamEncoder } from '../contracts/dialect.ts';
import { mapParts } from './map-parts.ts';

/** How every envelope begins. */
export const ENVELOPE = 'hg1.';

/** Between the maker's name and that of the organisation the proof is good at, where keys name theirs. */
const AT = '~';
/** How long a maker and an organisation may be called, together. */
const MAX_MADE_BYTES = 200;

/** What a proof of `maker` is called in a dialect that is not its own. */
export function sealProof(maker: string, proof: string, organization = ''): string {
  const made = organization === '' ? maker : `${maker}${AT}${organization}`;
  return `${ENVELOPE}${made}.${Buffer.from(proof).toString('base64url')}`;
}

/** What is in an envelope. */
export interface OpenedProof {
  maker: string;
  /** Where alone it is good; null = wherever its maker's models are. */
  organization: string | null;
  /** As its maker wrote it. */
  proof: string;
}

/** What is in an envelope; null when the text is none. */
export function openProof(text: string): OpenedProof | null {
  if (!text.startsWith(ENVELOPE)) return null;
  const dot = text.indexOf('.', ENVELOPE.length);
  if (dot < 0) return null;
  const proof = Buffer.from(text.slice(dot + 1), 'base64url').toString();
  const [maker = '', organization = null] = text.slice(ENVELOPE.length, dot).split(AT);
  return { maker, organization, proof };
}

/** The organisation that the last envelope in a body names; null when none does. */
export function lastOrganization(body: Buffer): string | null {
  for (
    let at = body.lastIndexOf(ENVELOPE);
    at >= 0;
    at = at === 0 ? -1 : body.lastIndexOf(ENVELOPE, at - 1)
  ) {
    const head = body.toString('latin1', at + ENVELOPE.length, at + ENVELOPE.length + MAX_MADE_BYTES);
    const organization = /^[\w-]+~([\w-]+)\./.exec(head)?.[1];
    if (organization !== undefined) return organization;
  }
  return null;
}

/** Whose proofs a target takes. */
export interface ProofTaker {
  /** Who made its model. */
  maker?: string;
  /** The organisation that the call goes to; absent = it does not matter. */
  organization?: string;
  /** It refused the request for its proofs. */
  dropProofs?: boolean;
}

/**
 * Leaves in a decoded request only the proofs that `target` made itself, unwrapped. The text of other reasoning stays,
 * without its proof; what is nothing but a proof goes. Says so in `request.adapted`.
 *
 * @param home whose proofs stand unwrapped in the client's dialect.
 */
export function openProofs(request: ChatRequest, home: string | null, target: ProofTaker): void {
  let lost = false;
  for (const turn of request.turns) {
    if (!turn.parts.some((part) => part.kind === 'reasoning')) continue;
    turn.parts = turn.parts.flatMap((part): Part[] => {
      if (part.kind !== 'reasoning') return [part];
      const opened = forTarget(part, home, target);
      if (opened !== part) lost ||= opened === null || hasProof(part) !== hasProof(opened);
      return opened === null ? [] : [opened];
    });
  }
  if (lost) request.adapted = [...(request.adapted ?? []), 'messages[].thinking'];
}

/**
 * A whole answer with proofs as its client keeps them.
 *
 * @param home as of openProofs. @param maker who answered. @param organization whose key was shown; '' = it does not say.
 */
export function sealAnswer(
  answer: ChatAnswer,
  home: string | null,
  maker: string,
  organization = '',
): ChatAnswer {
  return mapParts(answer, (part): Part => {
    if (part.kind !== 'reasoning' || !hasProof(part)) return part;
    const made = part.maker ?? maker;
    return made === home ? part : withProof(part, (proof) => sealProof(made, proof, organization));
  });
}

/** An encoder that sees the proofs of `maker` as its client keeps them. A signature comes whole, when its block closes. */
export function sealingEncoder(encoder: StreamEncoder, maker: string, organization = ''): StreamEncoder {
  /** Signatures of the blocks that are open. */
  const held = new Map<number, string>();
  return {
    get sequence() {
      return encoder.sequence ?? 0;
    },
    encode(delta, out): void {
      if (delta.kind === 'signature') {
        held.set(delta.index, (held.get(delta.index) ?? '') + delta.signature);
        return;
      }
      if (delta.kind === 'open' && delta.block === 'redacted') {
        encoder.encode({ ...delta, data: sealProof(maker, delta.data, organization) }, out);
        return;
      }
      if (delta.kind === 'close') {
        const { index } = delta;
        const proof = held.get(index);
        if (proof !== undefined) {
          held.delete(index);
          encoder.encode({ kind: 'signature', index, signature: sealProof(maker, proof, organization) }, out);
        }
      }
      encoder.encode(delta, out);
    },
  };
}

function hasProof({ signature, redacted }: ReasoningPart): boolean {
  return signature !== null || redacted !== null;
}

function withProof(part: ReasoningPart, change: (proof: string) => string): ReasoningPart {
  const { signature, redacted } = part;
  return {
    ...part,
    signature: signature === null ? null : change(signature),
    redacted: redacted === null ? null : change(redacted),
  };
}

/** The part as its target may have it; null when nothing of it is left. */
function forTarget(part: ReasoningPart, home: string | null, target: ProofTaker): ReasoningPart | null {
  const wrapped = part.signature ?? part.redacted;
  if (wrapped === null) return part;
  const { maker } = target;
  const envelope = openProof(wrapped);
  // Where nothing says whose it is the client got it elsewhere, for this model as far as anybody can tell.
  const own = (envelope?.maker ?? part.maker ?? home ?? maker) === maker;
  if (own && target.dropProofs !== true && isAtHome(envelope, target)) {
    return envelope === null ? part : withProof(part, () => envelope.proof);
  }
  return part.text === '' ? null : { ...part, signature: null, redacted: null };
}

function isAtHome(envelope: OpenedProof | null, { organization }: ProofTaker): boolean {
  if (envelope === null || envelope.organization === null || organization === undefined) return true;
  return envelope.organization === organization;
}
