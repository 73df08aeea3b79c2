// The opt-in text normalisation: message text gets Unicode NFC, LF line ends and no other control characters. It edits
// the bytes of those strings alone; tool arguments and results, ids, names, schemas, data and numbers stay as written.
import type { Edit } from '../contracts/body.ts';
import { JsonScanner } from './json-scanner.ts';
import { applyEdits } from './splice.ts';
import { readKey } from './typed-values.ts';

/**
 * Normalises the text of an inspected body; the body itself when nothing changes.
 *
 * Text is: `system`, `instructions` and `input` as a string or in their items' `text`; a message's `content` as a string or in
 * its parts' `text`; that of the `parts` of Gemini's `contents` and `systemInstruction`. Messages of role `tool` and `function`
 * carry a program's output and are left alone, and so is what a signature was made over.
 */
export function normaliseBody(body: Buffer): Buffer {
  const editor = new TextEditor(body);
  editor.run();
  return applyEdits(body, editor.edits);
}

/** Message text in its normal form. */
export function normaliseText(text: string): string {
  // The carriage return is a control character too, and where one is taken out a letter may meet its accent.
  return text.replace(LINE_ENDS, '\n').replace(CONTROLS, '').normalize('NFC');
}

const LINE_ENDS = /\r\n?/g;
// Unicode's category Cc without tab and line feed.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Walks to the texts and notes what has to change, in the order of bytes. */
class TextEditor {
  readonly edits: Edit[] = [];
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;

  constructor(body: Buffer) {
    this.#body = body;
    this.#scanner = new JsonScanner(body);
  }

  run(): void {
    this.#scanner.next();
    this.#object(1, (key) => {
      if (key === 'system' || key === 'instructions') this.#content(1);
      else if (key === 'messages' || key === 'input') this.#turns();
      else if (key === 'contents') this.#contents();
      else if (key === 'systemInstruction' || key === 'system_instruction') this.#parts(1);
      else this.#scanner.value(1);
    });
  }

  // `messages`, and `input`, which may also be one string.
  #turns(): void {
    if (this.#scanner.peek() === 0x5b) this.#scanner.items(2, () => this.#turn());
    else this.#content(1);
  }

  // Gemini's: a list of contents, or one alone.
  #contents(): void {
    if (this.#scanner.peek() === 0x5b) this.#scanner.items(2, () => this.#parts(2));
    else this.#parts(1);
  }

  #parts(depth: number): void {
    if (this.#scanner.peek() !== 0x7b) {
      this.#content(depth);
      return;
    }
    this.#object(depth + 1, (key) => {
      if (key === 'parts') this.#content(depth + 1);
      else this.#scanner.value(depth + 1);
    });
  }

  #turn(): void {
    if (this.#scanner.peek() !== 0x7b) {
      this.#scanner.value(2);
      return;
    }
    const kept = this.edits.length;
    let program = false;
    this.#object(3, (key) => {
      const start = this.#scanner.at;
      if (key === 'content') this.#content(3);
      else this.#scanner.value(3);
      if (key === 'role') program ||= PROGRAMS.has(this.#body.toString('utf8', start, this.#scanner.at));
    });
    // The role may stand behind the content.
    if (program) this.edits.length = kept;
  }

  // A string, or a list of parts with a `text`.
  #content(depth: number): void {
    const first = this.#scanner.peek();
    if (first === 0x22) this.#text();
    else if (first === 0x5b) this.#scanner.items(depth + 1, () => this.#part(depth + 1));
    else this.#scanner.value(depth);
  }

  #part(depth: number): void {
    if (this.#scanner.peek() !== 0x7b) {
      this.#scanner.value(depth);
      return;
    }
    const kept = this.edits.length;
    let signed = false;
    this.#object(depth + 1, (key) => {
      if (key === 'text' && this.#scanner.peek() === 0x22) this.#text();
      else this.#scanner.value(depth + 1);
      signed ||= SIGNED.has(key);
    });
    if (signed) this.edits.length = kept;
  }

  #text(): void {
    const start = this.#scanner.at;
    this.#scanner.string();
    const end = this.#scanner.at;
    const text = JSON.parse(this.#body.toString('utf8', start, end)) as string;
    const normal = normaliseText(text);
    if (normal !== text) this.edits.push({ start, end, text: JSON.stringify(normal) });
  }

  #object(depth: number, visit: (key: string) => void): void {
    this.#scanner.members(depth, (keyAt) => visit(readKey(this.#scanner, this.#body, keyAt)));
  }
}

/** Members of a part that is the model's own thought, or signed. */
const SIGNED: ReadonlySet<string> = new Set(['thought', 'thoughtSignature', 'thought_signature']);
const PROGRAMS: ReadonlySet<string> = new Set(['"tool"', '"function"']);
