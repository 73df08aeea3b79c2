// A body on its way whose files are looked up while it goes on: its last piece stays here until all of them are known to be the
// caller's, so that no provider ever has the whole of a request that names somebody else's.
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';

/** Whether all these files are the caller's, or nobody's that is known. Never rejects. */
export type MayName = (ids: readonly string[]) => Promise<boolean>;

/** What may stand at the end of a piece of a member that is cut; no id is nearly as long. */
const MAX_CUT = 4_096;
const SPACE = /[ \t\r\n]+/g;
/** Letters, digits and what else names and ids are made of, written as numbers. */
const ESCAPED = /\\u00([2-7][\da-f])/gi;
const NAMED = /"file_id":"([^"\\]*)"/g;

export class CheckedUpload implements BodySource, BodyReader {
  readonly #source: BodySource;
  readonly #mayName: MayName;
  readonly #asked = new Set<string>();
  #checks: Promise<boolean>[] = [];
  #reader: BodyReader | null = null;
  /** The last piece that came. */
  #last: Buffer | null = null;
  #cut = '';
  ended = false;

  constructor(source: BodySource, mayName: MayName) {
    this.#source = source;
    this.#mayName = mayName;
  }

  get length(): number {
    return this.#source.length;
  }

  get received(): number {
    return this.#source.received;
  }

  get begun(): boolean {
    return this.#source.begun;
  }

  pull(reader: BodyReader): void {
    this.#reader = reader;
    this.#source.pull(this);
  }

  resume(): void {
    this.#source.resume();
  }

  abort(): void {
    this.#reader = null;
    this.#last = null;
    this.#source.abort();
  }

  data(piece: Buffer): boolean {
    this.#look(piece);
    const before = this.#last;
    this.#last = piece;
    return before === null || this.#reader === null || this.#reader.data(before);
  }

  end(): void {
    void Promise.all(this.#checks).then((own) => {
      const reader = this.#reader;
      if (reader === null) return;
      if (!own.every(Boolean)) {
        reader.failed(new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND'));
        return;
      }
      if (this.#last !== null) reader.data(this.#last);
      this.#last = null;
      this.ended = true;
      reader.end();
    });
  }

  failed(error: GatewayError): void {
    this.#reader?.failed(error);
  }

  #look(piece: Buffer): void {
    const text = (this.#cut + piece.toString('latin1'))
      .replace(SPACE, '')
      .replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const ids: string[] = [];
    for (const [, id] of text.matchAll(NAMED)) {
      if (this.#asked.has(id!)) continue;
      this.#asked.add(id!);
      ids.push(id!);
    }
    if (ids.length > 0) this.#checks.push(this.#mayName(ids));
    this.#cut = text.slice(-MAX_CUT);
  }
}
