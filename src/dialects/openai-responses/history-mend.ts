// The byte path: what a client's history holds of other vendors and this one refuses. Reasoning of another maker's model, which
// stands in our envelope, is left out; ids of calls that the model does not take are mapped, call and output alike. Every other
// byte stays as it came.
import { JsonScanner } from '../../body/json-scanner.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import type { ToolIdLimits } from '../../contracts/capability.ts';
import { ENVELOPE, openProof } from '../proofs.ts';
import { fitToolId } from '../tool-ids.ts';
import { sealedProof } from './reasoning.ts';

const SEALED = Buffer.from(ENVELOPE);
const CALL_ID = Buffer.from('"call_id"');
const OBJECT = 0x7b;
const LIST = 0x5b;
const QUOTE = 0x22;

interface HistoryItem extends Span {
  /** `encrypted_content` and where it stands; null when it has none of ours. */
  sealed: Text | null;
  /** `call_id`; null when it has none. */
  callId: Text | null;
}

interface Text {
  span: Span;
  text: string;
}

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, _facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { toolId } = target.capabilities;
  const fitsIds = (toolId.alphabet !== 'any' || toolId.max !== null) && body.includes(CALL_ID);
  if (!fitsIds && !body.includes(SEALED)) return null;
  const edits: Edit[] = [];
  const adapted: string[] = [];
  for (const items of new InputReader(body).read()) {
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
    if (callId === null) continue;
    const fit = fitToolId(callId.text, limits);
    if (fit !== callId.text) edits.push({ ...callId.span, text: JSON.stringify(fit) });
  }
}

function mendProofs(items: readonly HistoryItem[], target: EncodeTarget, edits: Edit[]): void {
  let kept = false;
  for (const [index, item] of items.entries()) {
    const opened = item.sealed === null ? null : openProof(sealedProof(item.sealed.text));
    if (item.sealed === null || opened === null) kept = true;
    else if (opened.maker === target.maker) {
      edits.push({ ...item.sealed.span, text: JSON.stringify(opened.proof) });
      kept = true;
    } else if (kept) edits.push({ start: items[index - 1]!.end, end: item.end, text: '' });
    else edits.push({ start: item.start, end: items[index + 1]?.start ?? item.end, text: '' });
  }
}

class InputReader {
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;

  constructor(body: Buffer) {
    this.#body = body;
    this.#scanner = new JsonScanner(body);
  }

  /** The items of each `input` (one, unless it is written twice). */
  read(): HistoryItem[][] {
    const lists: HistoryItem[][] = [];
    const scanner = this.#scanner;
    scanner.next();
    scanner.members(1, (keyAt) => {
      if (this.#key(keyAt) === 'input' && scanner.peek() === LIST) {
        const items: HistoryItem[] = [];
        scanner.items(2, () => items.push(this.#item()));
        lists.push(items);
      } else scanner.value(1);
    });
    return lists;
  }

  #item(): HistoryItem {
    const scanner = this.#scanner;
    const item: HistoryItem = { start: scanner.at, end: 0, sealed: null, callId: null };
    if (scanner.peek() !== OBJECT) scanner.value(2);
    else {
      scanner.members(3, (keyAt) => {
        const key = scanner.peek() === QUOTE ? this.#key(keyAt) : '';
        const start = scanner.at;
        scanner.value(3);
        const span = { start, end: scanner.at };
        if (key === 'encrypted_content') item.sealed = this.#sealed(span);
        else if (key === 'call_id') item.callId = { span, text: this.#text(span) };
      });
    }
    item.end = scanner.at;
    return item;
  }

  #sealed(span: Span): HistoryItem['sealed'] {
    const text = this.#text(span);
    return sealedProof(text).startsWith(ENVELOPE) ? { span, text } : null;
  }

  #text({ start, end }: Span): string {
    return JSON.parse(this.#body.toString('utf8', start, end)) as string;
  }

  #key(keyAt: number): string {
    return this.#body.toString('latin1', keyAt + 1, this.#scanner.keyEnd - 1);
  }
}
