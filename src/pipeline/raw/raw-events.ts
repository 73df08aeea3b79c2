// What the events of an answer say that is handed on as it comes: what was used, and the id of what was made. Its bytes are
// another's; a line is only read where it may hold one of the two.
import type { AnswerFacts } from '../../contracts/chat.ts';
import { rawFacts } from './raw-facts.ts';

/** A line that is longer holds sound or a picture. */
const MAX_LINE_BYTES = 1024 * 1024;
const LF = 0x0a;
const DATA = /^data: ?/;
const USAGE = '"usage"';
/** What is made is told in one of these, a thread by its kind. */
const HOLDERS = ['interaction', 'response', 'session'] as const;
const MADE = [...HOLDERS, 'thread'].map((name) => `"${name}"`);

export class RawEvents {
  facts: AnswerFacts | null = null;
  /** The line that has not ended; null = it is too long to be read. */
  #line: Buffer[] | null = [];
  #bytes = 0;

  read(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      this.#add(chunk.subarray(from, end));
      this.#end();
      from = end + 1;
    }
    if (from < chunk.length) this.#add(Buffer.from(chunk.subarray(from)));
  }

  #add(part: Buffer): void {
    if (this.#line === null) return;
    this.#bytes += part.length;
    if (this.#bytes > MAX_LINE_BYTES) this.#line = null;
    else this.#line.push(part);
  }

  #end(): void {
    const parts = this.#line;
    this.#line = [];
    this.#bytes = 0;
    if (parts === null || parts.length === 0) return;
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (!line.includes(USAGE) && !MADE.some((name) => line.includes(name))) return;
    const facts = rawFacts(line.toString('utf8').replace(DATA, ''), HOLDERS);
    if (facts === null) return;
    const before = this.facts;
    const quantities = facts.quantities ?? before?.quantities;
    this.facts = {
      ...facts,
      usage: facts.usage ?? before?.usage ?? null,
      id: facts.id ?? before?.id ?? null,
      model: facts.model ?? before?.model ?? null,
      ...(quantities !== undefined && { quantities }),
    };
  }
}
