// A body on its way whose files are looked up while it goes on: once it names one, its last piece stays here until all of them are known to be
// the caller's, so that no provider ever has the whole of a request that names somebody else's. The same for a file whose lines are
// requests of a batch.
import type { BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import { FormReader } from '../body/form.ts';
import {
  mayNameObjects,
  objectsInField,
  objectsInText,
  openList,
  type NamesIn,
  undisguised,
} from '../names/object-names.ts';
import { beginsWide, TELLING } from '../names/wide-text.ts';
import { HeldUpload } from './held-upload.ts';

/** Whether all these files are the caller's, or nobody's that is known. Never rejects. */
export type MayName = (ids: readonly string[]) => Promise<boolean>;

/** What may stand at the end of a piece of a member that is cut; no id is nearly as long. */
const MAX_CUT = 4_096;
const SPACE = /[ \t\r\n]+/g;

export class CheckedUpload extends HeldUpload {
  readonly #mayName: MayName;
  readonly #asked = new Set<string>();
  #checks: Promise<boolean>[] = [];
  readonly #where: NamesIn;
  readonly #form: FormReader | null;
  /** What a form named since it was last looked at. */
  readonly #named: string[] = [];
  /** The form cannot be read. */
  #wrong: GatewayError | null = null;
  #cut = '';
  /** The first bytes, until there are enough of them to tell how it is written; null = that is known. */
  #begin: string | null;

  /** @param where says which members may name something. @param boundary it is a form. @param wide it may be written in UTF-16. */
  constructor(
    source: BodySource,
    mayName: MayName,
    where: NamesIn = 'request',
    boundary: string | null = null,
    wide = false,
  ) {
    super(source);
    this.#begin = wide && boundary === null ? '' : null;
    this.#mayName = mayName;
    this.#where = where;
    this.#form = boundary === null ? null : readerOf(boundary, where, this.#named);
  }

  end(): void {
    this.#read(() => this.#form?.end());
    void Promise.all(this.#checks).then((own) =>
      this.finish(
        () => this.#wrong ?? (own.every(Boolean) ? null : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND')),
      ),
    );
  }

  protected get holds(): boolean {
    return this.#checks.length > 0 || this.#wrong !== null;
  }

  protected look(piece: Buffer): void {
    if (this.#begin !== null) {
      this.#begin += piece.toString('latin1', 0, TELLING);
      if (beginsWide(this.#begin)) this.#wrong = notInUtf8();
      if (this.#begin.length >= TELLING) this.#begin = null;
    }
    if (this.#form !== null) {
      this.#read(() => this.#form!.push(piece));
      this.#ask(this.#named.splice(0));
      // What a file holds names nothing, but where it is of requests.
      if (this.#where === 'request') return;
    }
    const read = this.#cut + piece.toString('latin1');
    if (!mayNameObjects(read, this.#where)) {
      this.#cut = read.slice(-MAX_CUT);
      return;
    }
    const text = undisguised(read.replace(SPACE, ''));
    this.#ask(objectsInText(text, this.#where));
    this.#cut = restOf(text, this.#where);
  }

  #ask(named: readonly string[]): void {
    const ids = named.filter((id) => !this.#asked.has(id));
    for (const id of ids) this.#asked.add(id);
    if (ids.length > 0) this.#checks.push(this.#mayName(ids));
  }

  #read(form: () => void): void {
    try {
      form();
    } catch (cause) {
      this.#wrong ??= cause as GatewayError; // all that it throws
    }
  }
}

/** Reads a form: what its fields name is put into `named`. */
export function readerOf(boundary: string, where: NamesIn, named: string[]): FormReader {
  return new FormReader(boundary, [], (name, value) => {
    if (beginsWide(value.slice(0, TELLING))) throw notInUtf8();
    named.push(...objectsInField(name, value, where));
  });
}

/** Who reads it finds names in it that nobody here does. */
export function notInUtf8(): GatewayError {
  return new GatewayError('GW_CLIENT_MEDIA_TYPE', {
    message: 'JSON that is handed on must be written in UTF-8.',
  });
}

/** What may stand for something only together with the next piece: of a list that goes on, its beginning and the member that is cut. */
function restOf(text: string, where: NamesIn): string {
  const open = openList(text, where);
  if (open === null) return text.slice(-MAX_CUT);
  const members = open.members.split('"');
  const cut = members.length % 2 === 0 ? `"${members.at(-1)!}` : '';
  return open.begin + cut.slice(0, MAX_CUT);
}
