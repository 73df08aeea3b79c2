// A body on its way whose files are looked up while it goes on: once it names one, its last piece stays here until all of them are known to be
// the caller's, so that no provider ever has the whole of a request that names somebody else's. The same for a file whose lines are
// requests of a batch.
import type { BodySource } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import { mayNameObjects, objectsInText, openList } from '../names/object-names.ts';
import { HeldUpload } from './held-upload.ts';

/** Whether all these files are the caller's, or nobody's that is known. Never rejects. */
export type MayName = (ids: readonly string[]) => Promise<boolean>;

/** What may stand at the end of a piece of a member that is cut; no id is nearly as long. */
const MAX_CUT = 4_096;
const SPACE = /[ \t\r\n]+/g;
const ESCAPE = '\\u00';
/** Letters, digits and what else names and ids are made of, written as numbers. */
const ESCAPED = /\\u00([2-7][\da-f])/gi;

export class CheckedUpload extends HeldUpload {
  readonly #mayName: MayName;
  readonly #asked = new Set<string>();
  #checks: Promise<boolean>[] = [];
  readonly #forwarded: boolean;
  #cut = '';

  /** @param forwarded by a provider's own path: more members may name something. */
  constructor(source: BodySource, mayName: MayName, forwarded = false) {
    super(source);
    this.#mayName = mayName;
    this.#forwarded = forwarded;
  }

  end(): void {
    void Promise.all(this.#checks).then((own) =>
      this.finish(() => (own.every(Boolean) ? null : new GatewayError('GW_CLIENT_OBJECT_NOT_FOUND'))),
    );
  }

  protected get holds(): boolean {
    return this.#checks.length > 0;
  }

  protected look(piece: Buffer): void {
    const read = this.#cut + piece.toString('latin1');
    if (!read.includes(ESCAPE) && !mayNameObjects(read, this.#forwarded)) {
      this.#cut = read.slice(-MAX_CUT);
      return;
    }
    const text = read
      .replace(SPACE, '')
      .replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const ids = objectsInText(text, this.#forwarded).filter((id) => !this.#asked.has(id));
    for (const id of ids) this.#asked.add(id);
    if (ids.length > 0) this.#checks.push(this.#mayName(ids));
    this.#cut = restOf(text, this.#forwarded);
  }
}

/** What may stand for something only together with the next piece: of a list that goes on, its beginning and the member that is cut. */
function restOf(text: string, forwarded: boolean): string {
  const open = openList(text, forwarded);
  if (open === null) return text.slice(-MAX_CUT);
  const members = open.members.split('"');
  const cut = members.length % 2 === 0 ? `"${members.at(-1)!}` : '';
  return open.begin + cut.slice(0, MAX_CUT);
}
