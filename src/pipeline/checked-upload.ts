// A body on its way whose files are looked up while it goes on: its last piece stays here until all of them are known to be the
// caller's, so that no provider ever has the whole of a request that names somebody else's. The same for a file whose lines are
// requests of a batch.
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';

/** Whether all these files are the caller's, or nobody's that is known. Never rejects. */
export type MayName = (ids: readonly string[]) => Promise<boolean>;

/** What may stand at the end of a piece of a member that is cut; no id is nearly as long. */
const MAX_CUT = 4_096;
const SPACE = /[ \t\r\n]+/g;
/** Without either there is nothing to be found in a piece: most of what is put up is no JSON at all. */
const NAME = 'file_id';
const ESCAPE = '\\u00';
/** Letters, digits and what else names and ids are made of, written as numbers. */
const ESCAPED = /\\u00([2-7][\da-f])/gi;
const NAMED = /"file_id":"([^"\\]*)"|"file_ids":\[([^\]]*)/g;
/** Members of a list that are texts. */
const TEXTS = /"([^"\\]*)"/g;
/** How a list of files begins. */
const LIST = '"file_ids":[';

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
    const read = this.#cut + piece.toString('latin1');
    if (!read.includes(NAME) && !read.includes(ESCAPE)) {
      this.#cut = read.slice(-MAX_CUT);
      return;
    }
    const text = read
      .replace(SPACE, '')
      .replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const ids = new Set<string>();
    for (const [, one, list = ''] of text.matchAll(NAMED)) {
      if (one !== undefined) ids.add(one);
      for (const [, each] of list.matchAll(TEXTS)) ids.add(each!);
    }
    for (const id of this.#asked) ids.delete(id);
    for (const id of ids) this.#asked.add(id);
    if (ids.size > 0) this.#checks.push(this.#mayName([...ids]));
    this.#cut = restOf(text);
  }
}

/** What may stand for something only together with the next piece: of a list that goes on, its beginning and the member that is cut. */
function restOf(text: string): string {
  const list = text.lastIndexOf(LIST);
  if (list < 0 || text.includes(']', list)) return text.slice(-MAX_CUT);
  const members = text.slice(list + LIST.length).split('"');
  const cut = members.length % 2 === 0 ? `"${members.at(-1)!}` : '';
  return LIST + cut.slice(0, MAX_CUT);
}
