// What a conversation is known by, so that all its turns go to keys of one organisation: without a memory, each worker and
// each node finds the same. Asked only where a provider has keys of several.
//
//   an envelope in its history ─► the organisation itself
//   else a session's header ─► the user or the session of the body ─► how it begins ─► a hash
import { hashBytes } from '../body/fnv.ts';
import { firstItemEnd } from '../body/first-item.ts';
import { memberSpan } from '../body/member-edits.ts';
import { sessionOf } from '../body/session.ts';
import type { Span } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { Pin } from '../contracts/pin.ts';
import { parseObject, stringAt } from '../dialects/lenient.ts';
import { lastOrganization } from '../dialects/proofs.ts';

/** Members that name a conversation, or who talks; the most particular first. */
const MEMBERS = ['prompt_cache_key', 'safety_identifier', 'user'] as const;
const LISTS = ['messages', 'contents', 'input'] as const;
/** So much of its beginning tells conversations apart. */
const BEGINNING_BYTES = 512;
const MAX_METADATA_BYTES = 16 * 1024;

/** The call's pin; null where no body was read that could tell. */
export function pinOf({ head, body: bytes, facts }: Call): Pin | null {
  if (bytes === null || facts === null) return null;
  const organization = lastOrganization(bytes);
  const session = sessionOf(head.headers);
  if (session !== '') return { organization, hash: hashBytes(Buffer.from(session)) };
  const { members } = facts;
  const user = metadataUser(bytes, memberSpan(bytes, members, 'metadata'));
  if (user !== null) return { organization, hash: hashBytes(Buffer.from(user)) };
  for (const name of MEMBERS) {
    const span = memberSpan(bytes, members, name);
    if (span !== null && span.end - span.start > 2)
      return { organization, hash: hashBytes(part(bytes, span)) };
  }
  for (const name of LISTS) {
    const span = memberSpan(bytes, members, name);
    if (span === null) continue;
    const end = Math.min(span.end, firstItemEnd(bytes, span.start, BEGINNING_BYTES));
    return { organization, hash: hashBytes(bytes.subarray(span.start, end)) };
  }
  return { organization, hash: 0 };
}

function part(body: Buffer, { start, end }: Span): Buffer {
  return body.subarray(start, Math.min(end, start + BEGINNING_BYTES));
}

function metadataUser(body: Buffer, span: Span | null): string | null {
  if (span === null || span.end - span.start > MAX_METADATA_BYTES) return null;
  const metadata = parseObject(body.toString('utf8', span.start, span.end));
  return metadata === null ? null : stringAt(metadata, 'user_id') || null;
}
