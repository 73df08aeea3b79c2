// The byte path to Gemini: what we wrote ourselves into a client's history for another provider, and Gemini refuses. Another
// maker's signature goes, and where a call has none though its model wants one, Google's word for that is put there. Every
// other byte stays as it came.
import { JsonScanner } from '../../body/json-scanner.ts';
import { memberName, PER_MEMBER } from '../../body/member-edits.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import { resourceName } from './model-path.ts';
import { DUMMY_SIGNATURE, isSpelled } from './signatures.ts';

const CALLS = [Buffer.from('"functionCall"'), Buffer.from('"function_call"')] as const;
/** How base64 of our envelope begins (signatures.ts). */
const FOREIGN = [Buffer.from('"aGcxL'), Buffer.from('"cmVkYWN0ZWQ6aGcxL')] as const;
const DUMMY = JSON.stringify(DUMMY_SIGNATURE);

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { signedCalls } = target.capabilities;
  const foreign = FOREIGN.some((begin) => body.includes(begin));
  const unsigned = signedCalls && CALLS.some((key) => body.includes(key));
  const edits = foreign || unsigned ? new HistoryReader(body, signedCalls).read() : [];
  const adapted = edits.length === 0 ? [] : ['contents[].parts[].thoughtSignature'];
  const model = modelEdit(body, facts, target);
  if (model !== null) edits.push(model);
  if (edits.length === 0) return null;
  return { edits: edits.sort((a, b) => a.start - b.start), adapted };
}

// The path decides, and a body that names another model is refused.
function modelEdit(body: Buffer, { members }: BodyFacts, { model }: EncodeTarget): Edit | null {
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    const at = member * PER_MEMBER;
    if (members[at + 1]! - members[at]! !== 7 || memberName(body, members, member) !== 'model') continue;
    return { start: members[at + 2]!, end: members[at + 3]!, text: JSON.stringify(resourceName(model)) };
  }
  return null;
}

interface Part {
  start: number;
  call: boolean;
  signature: Span | null;
}

class HistoryReader {
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;
  readonly #signedCalls: boolean;
  readonly #edits: Edit[] = [];
  /** The model's step that is being read has had its first call. */
  #called = false;

  constructor(body: Buffer, signedCalls: boolean) {
    this.#body = body;
    this.#scanner = new JsonScanner(body);
    this.#signedCalls = signedCalls;
  }

  read(): Edit[] {
    this.#scanner.next();
    this.#members(1, (key) => {
      if (key === 'contents') this.#items(2, () => this.#content());
      else this.#scanner.value(1);
    });
    return this.#edits;
  }

  #content(): void {
    let model = false;
    const parts: Part[] = [];
    this.#members(3, (key) => {
      if (key === 'parts') this.#items(4, () => parts.push(this.#part()));
      else {
        const start = this.#scanner.at;
        this.#scanner.value(3);
        if (key === 'role') model = this.#body.toString('latin1', start, this.#scanner.at) === '"model"';
      }
    });
    if (!model) this.#called = false;
    for (const part of parts) this.#mend(part, model);
  }

  #part(): Part {
    const part: Part = { start: this.#scanner.at, call: false, signature: null };
    this.#members(5, (key) => {
      const start = this.#scanner.at;
      this.#scanner.value(5);
      if (key === 'functionCall' || key === 'function_call') part.call = true;
      else if (key === 'thoughtSignature' || key === 'thought_signature') {
        part.signature = { start, end: this.#scanner.at };
      }
    });
    return part;
  }

  #mend({ start, call, signature }: Part, model: boolean): void {
    const wanted = model && call && !this.#called && this.#signedCalls;
    this.#called ||= call;
    if (signature === null) {
      const at = start + 1;
      if (wanted) this.#edits.push({ start: at, end: at, text: `"thoughtSignature":${DUMMY},` });
      return;
    }
    // `null` and '' are none.
    const none = signature.end - signature.start <= 4;
    const text = this.#body.toString('latin1', signature.start + 1, signature.end - 1);
    if (!none && !isSpelled(text)) return;
    if (wanted) this.#edits.push({ ...signature, text: DUMMY });
    else if (!none) this.#edits.push({ ...signature, text: 'null' });
  }

  #items(depth: number, visit: () => void): void {
    if (this.#scanner.peek() === 0x5b) this.#scanner.items(depth, visit);
    else this.#scanner.value(depth - 1);
  }

  #members(depth: number, visit: (key: string) => void): void {
    const scanner = this.#scanner;
    if (scanner.peek() !== 0x7b) {
      scanner.value(depth - 1);
      return;
    }
    scanner.members(depth, (keyAt) => visit(this.#body.toString('latin1', keyAt + 1, scanner.keyEnd - 1)));
  }
}
