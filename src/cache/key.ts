// What makes two requests the same: one SHA-256 over who asks, what is asked of which models, and what of the body has a part in
// the answer. Pure; the exact cache finds its entries by it, and equal calls that are under way are joined by it.
//
// Requests of two dialects never share a key, though they may mean the same: defaults, ids and what is lost in translation
// differ, and an entry's bytes are those of its client's dialect.
import { hash } from 'node:crypto';
import type { BodyFacts } from '../contracts/body.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { OperationName } from '../contracts/operation.ts';
import { blankAttribution } from '../dialects/anthropic/attribution.ts';
import { CanonicalBody } from './canonical-body.ts';
import { areSame } from './same-texts.ts';

export interface KeyParts {
  /** Who shares answers with whom (cache/scope.ts). Never taken from a body. */
  scope: string;
  operation: OperationName;
  /** The client's. */
  dialect: DialectName;
  /** The targets that may answer, in order: `provider/model` each. An alias that leads elsewhere is another model. */
  models: readonly string[];
  /** Whatever else changes an answer: headers that go on, the caller's own part of the key. */
  more: readonly string[];
  body: Buffer;
  facts: Pick<BodyFacts, 'members'>;
}

/** @returns 43 characters of base64url: the whole digest. */
export type RequestKey = (parts: KeyParts) => string;

/** Changes whenever keys are made in another way, or entries are read in another way. */
const VERSION = 'headgate.2';

/**
 * Members of a body that have no part in the answer: who is named as its target (the resolved one counts), how it is handed over,
 * and whom it is for.
 */
const NO_PART = [
  'model',
  'stream',
  'stream_options',
  'fallbacks',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
] as const;
/** Answers of Responses say it again. */
const METADATA = 'metadata';

const PLAIN = byLength([...NO_PART, METADATA]);
const RESPONSES = byLength(NO_PART);

/** A key maker with a buffer of its own: one for each worker. */
export function createRequestKey(): RequestKey {
  const canonical = new CanonicalBody();
  let last: Head | null = null;
  return (parts) => {
    const { dialect, body, facts } = parts;
    // One caller asks many times of one model: what stands before the body is there from the last time.
    if (last === null || !hasHead(parts, last) || !canonical.beginBehind(last.bytes)) {
      const { scope, operation, models, more } = parts;
      canonical.begin();
      canonical.text(headOf(parts));
      last = { scope, operation, dialect, models, more, bytes: canonical.length };
    }
    const asked = dialect === 'anthropic' ? blankAttribution(body, facts.members) : body;
    canonical.members(asked, facts.members, dialect === 'openai-responses' ? inResponses : inOthers);
    return hash('sha256', canonical.bytes, 'base64url');
  };
}

/** What a key begins with, and how many bytes that took. */
type Head = Pick<KeyParts, 'scope' | 'operation' | 'dialect' | 'models' | 'more'> & { bytes: number };

function hasHead(parts: KeyParts, head: Head): boolean {
  return (
    parts.scope === head.scope &&
    parts.operation === head.operation &&
    parts.dialect === head.dialect &&
    areSame(parts.models, head.models) &&
    areSame(parts.more, head.more)
  );
}

/** One text: calls into C++ cost more here than what is written. */
function headOf({ scope, operation, dialect, models, more }: KeyParts): string {
  let head = `${VERSION} ${operation} ${dialect} ${scope.length}:${scope} ${models.length}`;
  for (const model of models) head += ` ${model.length}:${model}`;
  for (const text of more) head += ` ${text.length}:${text}`;
  return head;
}

const inResponses = (body: Buffer, from: number, to: number): boolean => isOneOf(RESPONSES, body, from, to);
const inOthers = (body: Buffer, from: number, to: number): boolean => isOneOf(PLAIN, body, from, to);

function byLength(names: readonly string[]): readonly (readonly Buffer[])[] {
  const longest = Math.max(...names.map((name) => name.length));
  return Array.from({ length: longest + 1 }, (_, length) =>
    names.filter((name) => name.length === length).map((name) => Buffer.from(name)),
  );
}

/** A key that is spelled with escapes is none of them: that costs a hit, never an answer. */
function isOneOf(names: readonly (readonly Buffer[])[], body: Buffer, from: number, to: number): boolean {
  const candidates = names[to - from];
  if (candidates === undefined) return false;
  for (const name of candidates) {
    let at = 0;
    while (at < name.length && name[at] === body[from + at]) at++;
    if (at === name.length) return true;
  }
  return false;
}
