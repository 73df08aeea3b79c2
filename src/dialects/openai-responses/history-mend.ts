// The byte path: what a client's history holds of other vendors and this one refuses. Reasoning of another maker's model, which
// stands in our envelope, is left out; ids of calls that the model does not take are mapped, call and output alike. Every other
// byte stays as it came.
import { cutItems } from '../../body/list-cuts.ts';
import { MemberReader, type TextAt } from '../../body/member-reader.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import type { ToolIdLimits } from '../../contracts/capability.ts';
import { ENVELOPE, type OpenedProof, openProof } from '../proofs.ts';
import { idEdit, takesAnyId } from '../tool-id-mend.ts';
import { sealedProof } from './reasoning.ts';

const SEALED = Buffer.from(ENVELOPE);

interface HistoryItem {
  span: Span;
  /** Of a reasoning item in our envelope: where `encrypted_content` stands, and what is in it. */
  sealed: { span: Span; opened: OpenedProof } | null;
  /** It has an `encrypted_content`. */
  encrypted: boolean;
  /** `call_id`; null when it has none. */
  callId: TextAt | null;
}

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { toolId } = target.capabilities;
  const fitsIds = !takesAnyId(toolId) && facts.hasToolResults;
  const { dropProofs = false } = target;
  if (!fitsIds && !dropProofs && !body.includes(SEALED)) return null;
  const edits: Edit[] = [];
  const adapted: string[] = [];
  for (const items of readInputs(body)) {
    mendProofs(items, target, edits);
    if (edits.length > 0) adapted.push('input[].encrypted_content');
    const before = edits.length;
    if (fitsIds) fitIds(items, toolId, edits);
    if (edits.length > before) adapted.push('input[].call_id');
  }
  return edits.length === 0 ? null : { edits: edits.sort((a, b) => a.start - b.start), adapted };
}

function fitIds(items: readonly HistoryItem[], limits: ToolIdLimits, edits: Edit[]): void {
  for (const { callId } of items) {
    const edit = callId === null ? null : idEdit(callId, limits);
    if (edit !== null) edits.push(edit);
  }
}

function mendProofs(items: readonly HistoryItem[], { maker, dropProofs }: EncodeTarget, edits: Edit[]): void {
  if (dropProofs === true) {
    cutItems(items, ({ encrypted }) => encrypted, edits);
    return;
  }
  cutItems(items, ({ sealed }) => sealed !== null && sealed.opened.maker !== maker, edits);
  for (const { sealed } of items) {
    if (sealed === null || sealed.opened.maker !== maker) continue;
    edits.push({ ...sealed.span, text: JSON.stringify(sealed.opened.proof) });
  }
}

/** The items of each `input` (one, unless it is written twice). */
function readInputs(body: Buffer): HistoryItem[][] {
  const lists: HistoryItem[][] = [];
  const reader = new MemberReader(body);
  reader.members(1, (key) => {
    if (key !== 'input') {
      reader.value(1);
      return;
    }
    const items: HistoryItem[] = [];
    reader.items(2, () => items.push(readItem(reader)));
    lists.push(items);
  });
  return lists;
}

function readItem(reader: MemberReader): HistoryItem {
  const item: HistoryItem = {
    span: { start: reader.at, end: 0 },
    sealed: null,
    encrypted: false,
    callId: null,
  };
  reader.members(3, (key) => {
    if (key === 'encrypted_content') {
      const found = reader.text(3);
      item.encrypted = found !== null;
      item.sealed = readSealed(found);
    } else if (key === 'call_id') item.callId = reader.text(3);
    else reader.value(3);
  });
  item.span.end = reader.at;
  return item;
}

function readSealed(found: TextAt | null): HistoryItem['sealed'] {
  const opened = found === null ? null : openProof(sealedProof(found.text));
  return opened === null ? null : { span: found!.span, opened };
}
