// The byte path to a vendor that takes no ids of tool calls but its own kind (Mistral: nine letters or digits; OpenAI: at most 40
// characters): ids of another vendor in the history are mapped, call and result alike. Every other byte stays as it came.
import { JsonScanner } from '../body/json-scanner.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended } from '../contracts/body.ts';
import type { ToolIdLimits } from '../contracts/capability.ts';
import { fitToolId } from './tool-ids.ts';

const RESULT_KEY = Buffer.from('"tool_call_id"');

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendToolIds(body: Buffer, _facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { toolId } = target.capabilities;
  if (toolId.alphabet === 'any' && toolId.max === null) return null;
  // Every call of a history has its result.
  if (!body.includes(RESULT_KEY)) return null;
  const edits = new IdReader(body, toolId).read();
  return edits.length === 0 ? null : { edits, adapted: ['messages[].tool_call_id'] };
}

class IdReader {
  readonly #body: Buffer;
  readonly #limits: ToolIdLimits;
  readonly #scanner: JsonScanner;
  readonly #edits: Edit[] = [];

  constructor(body: Buffer, limits: ToolIdLimits) {
    this.#body = body;
    this.#limits = limits;
    this.#scanner = new JsonScanner(body);
  }

  read(): Edit[] {
    this.#scanner.next();
    this.#members(1, (key) => {
      if (key === 'messages') this.#list(2, () => this.#message());
      else this.#scanner.value(1);
    });
    return this.#edits;
  }

  #message(): void {
    this.#members(3, (key) => {
      if (key === 'tool_call_id') this.#id(3);
      else if (key === 'tool_calls') this.#list(4, () => this.#call());
      else this.#scanner.value(3);
    });
  }

  #call(): void {
    this.#members(5, (key) => {
      if (key === 'id') this.#id(5);
      else this.#scanner.value(5);
    });
  }

  #id(depth: number): void {
    const start = this.#scanner.at;
    const isText = this.#scanner.peek() === 0x22;
    this.#scanner.value(depth);
    if (!isText) return;
    const id = JSON.parse(this.#body.toString('utf8', start, this.#scanner.at)) as string;
    const fit = fitToolId(id, this.#limits);
    if (fit !== id) this.#edits.push({ start, end: this.#scanner.at, text: JSON.stringify(fit) });
  }

  #list(depth: number, visit: () => void): void {
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
