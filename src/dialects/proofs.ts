// Proofs of reasoning (signatures, encrypted reasoning) in other vendors' dialects: wire.md 7.7. A proof must come back to
// the model's maker byte for byte and is refused by everyone else. Towards a client of another dialect it is wrapped with
// the maker's name; when it returns it is unwrapped for that maker and left out for all others:
//
//   answer   maker's own ──► the same dialect family: as it is │ any other: hg1.<maker>.<base64url>
//   request  hg1.<maker>.… or as it is (= the client's dialect's own maker) ──► same maker: as it was │ else: left out
//
// Where the provider's keys are of several organisations the envelope says whose made it (`<maker>~<organization>`): elsewhere
// it is refused too. Codecs never see an envelope: they read and write what their own vendor made.
//
// Gemini signs thoughts on the part behind them. Where reasoning is one block with its proof (Manner.joinsProofs) the two go
// out as one, in an envelope that says so (`<maker>+`), and are taken apart when they return. Streams: sealing-encoder.ts.
import type { ChatAnswer, ChatRequest, Part, ReasoningPart } from '../contracts/chat.ts';
import type { Manner } from '../contracts/manner.ts';

/** How every envelope begins. */
export const ENVELOPE = 'hg1.';

/** Between the maker's name and that of the organisation the proof is good at, where keys name theirs. */
const AT = '~';
/** Behind the maker's name: the proof stood on the part behind the thoughts that it is written with. */
const JOINED = '+';
/** How long a maker and an organisation may be called, together. */
const MAX_MADE_BYTES = 200;

/**
 * What a proof of `maker` is called in a dialect that is not its own.
 *
 * @param joined it stood on the part behind the thoughts that it is written with.
 */
export function sealProof(maker: string, proof: string, organization = '', joined = false): string {
  const by = joined ? `${maker}${JOINED}` : maker;
  const made = organization === '' ? by : `${by}${AT}${organization}`;
  return `${ENVELOPE}${made}.${Buffer.from(proof).toString('base64url')}`;
}

/** What is in an envelope. */
export interface OpenedProof {
  maker: string;
  /** Where alone it is good; null = wherever its maker's models are. */
  organization: string | null;
  /** As its maker wrote it. */
  proof: string;
  /** It stood on the part behind the thoughts that it is written with. */
  joined: boolean;
}

/** What is in an envelope; null when the text is none. */
export function openProof(text: string): OpenedProof | null {
  if (!text.startsWith(ENVELOPE)) return null;
  const dot = text.indexOf('.', ENVELOPE.length);
  if (dot < 0) return null;
  const proof = Buffer.from(text.slice(dot + 1), 'base64url').toString();
  const [by = '', organization = null] = text.slice(ENVELOPE.length, dot).split(AT);
  const joined = by.endsWith(JOINED);
  return { maker: joined ? by.slice(0, -JOINED.length) : by, organization, proof, joined };
}

/** The organisation that the last envelope in a body names; null when none does. */
export function lastOrganization(body: Buffer): string | null {
  for (
    let at = body.lastIndexOf(ENVELOPE);
    at >= 0;
    at = at === 0 ? -1 : body.lastIndexOf(ENVELOPE, at - 1)
  ) {
    const head = body.toString('latin1', at + ENVELOPE.length, at + ENVELOPE.length + MAX_MADE_BYTES);
    const organization = /^[\w-]+\+?~([\w-]+)\./.exec(head)?.[1];
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
      lost ||= hasProof(part) && !opened.some(hasProof);
      return opened;
    });
  }
  if (lost) request.adapted = [...(request.adapted ?? []), 'messages[].thinking'];
}

/**
 * A whole answer with proofs as its client keeps them.
 *
 * @param client how its dialect has them. @param maker who answered. @param organization whose key was shown; '' = it does
 *   not say.
 */
export function sealAnswer(
  answer: ChatAnswer,
  client: Pick<Manner, 'maker' | 'joinsProofs'>,
  maker: string,
  organization = '',
): ChatAnswer {
  const sealed = (parts: readonly Part[]): Part[] => sealParts(parts, client, maker, organization);
  return {
    ...answer,
    parts: sealed(answer.parts),
    ...(answer.others !== undefined && {
      others: answer.others.map((other) => ({ ...other, parts: sealed(other.parts) })),
    }),
  };
}

function sealParts(
  parts: readonly Part[],
  client: Pick<Manner, 'maker' | 'joinsProofs'>,
  maker: string,
  organization: string,
): Part[] {
  const sealed: Part[] = [];
  for (const part of parts) {
    const made = part.kind === 'reasoning' ? (part.maker ?? maker) : '';
    if (part.kind !== 'reasoning' || !hasProof(part) || made === client.maker) {
      sealed.push(part);
      continue;
    }
    const thoughts = thoughtsBefore(part, sealed, client.joinsProofs);
    if (thoughts === null) sealed.push(withProof(part, (proof) => sealProof(made, proof, organization)));
    else {
      const signature = sealProof(made, part.signature!, organization, true);
      sealed[sealed.lastIndexOf(thoughts)] = { ...thoughts, signature };
    }
  }
  return sealed;
}

/** The thoughts that a signature without text of its own joins, right before it or before the text; null when it joins none. */
function thoughtsBefore(
  { text, signature }: ReasoningPart,
  before: readonly Part[],
  joins: Manner['joinsProofs'],
): ReasoningPart | null {
  if (joins === undefined || text !== '' || signature === null) return null;
  const last = before.findLast(({ kind }) => kind !== 'text');
  return last?.kind !== 'reasoning' || last.text === '' || hasProof(last) ? null : last;
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

/** What of the part its target may have. */
function forTarget(part: ReasoningPart, home: string | null, target: ProofTaker): ReasoningPart[] {
  const wrapped = part.signature ?? part.redacted;
  if (wrapped === null) return [part];
  const { maker } = target;
  const envelope = openProof(wrapped);
  const unsigned = { ...part, signature: null, redacted: null };
  // Where nothing says whose it is the client got it elsewhere, for this model as far as anybody can tell.
  const own = (envelope?.maker ?? part.maker ?? home ?? maker) === maker;
  if (own && target.dropProofs !== true && isAtHome(envelope, target)) {
    if (envelope === null) return [part];
    if (!envelope.joined) return [withProof(part, () => envelope.proof)];
    const proof: ReasoningPart = { kind: 'reasoning', text: '', signature: envelope.proof, redacted: null };
    return part.text === '' ? [proof] : [unsigned, proof];
  }
  return part.text === '' ? [] : [unsigned];
}

function isAtHome(envelope: OpenedProof | null, { organization }: ProofTaker): boolean {
  if (envelope === null || envelope.organization === null || organization === undefined) return true;
  return envelope.organization === organization;
}
