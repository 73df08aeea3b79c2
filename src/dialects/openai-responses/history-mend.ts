// The byte path: reasoning of another maker's model, which stands in our envelope in a client's history, is left out, as its
// vendor refuses what it has not encrypted itself. Every other byte stays as it came.
import { JsonScanner } from '../../body/json-scanner.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import { ENVELOPE, openProof } from '../proofs.ts';
import { sealedProof } from './reasoning.ts';

const SEALED = Buffer.from(ENVELOPE);
const OBJECT = 0x7b;
const LIST = 0x5b;
const QUOTE = 0x22;

interface HistoryItem extends Span {
  /** `encrypted_content` and where it stands; null when it has none of ours. */
  sealed: { span: Span; text: string } | null;
}

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, _facts: BodyFacts, target: EncodeTarget): Mended | null {
  if (!body.includes(SEALED)) return null;
  const edits: Edit[] = [];
  for (const items of new InputReader(body).read()) mendItems(items, target, edits);
  return edits.length === 0 ? null : { edits, adapted: ['input[].encrypted_content'] };
}

function mendItems(items: readonly HistoryItem[], target: EncodeTarget, edits: Edit[]): void {
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
    const item: HistoryItem = { start: scanner.at, end: 0, sealed: null };
    if (scanner.peek() !== OBJECT) scanner.value(2);
    else {
      scanner.members(3, (keyAt) => {
        const isProof = this.#key(keyAt) === 'encrypted_content' && scanner.peek() === QUOTE;
        const start = scanner.at;
        scanner.value(3);
        if (isProof) item.sealed = this.#sealed({ start, end: scanner.at });
      });
    }
    item.end = scanner.at;
    return item;
  }

  #sealed(span: Span): HistoryItem['sealed'] {
    const text = JSON.parse(this.#body.toString('utf8', span.start, span.end)) as string;
    return sealedProof(text).startsWith(ENVELOPE) ? { span, text } : null;
  }

  #key(keyAt: number): string {
    return this.#body.toString('latin1', keyAt + 1, this.#scanner.keyEnd - 1);
  }
}
