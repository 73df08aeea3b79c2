// The byte path to Gemini: what we wrote ourselves into a client's history for another provider, and Gemini refuses. Another
// maker's signature goes, and where a call has none though its model wants one, Google's word for that is put there. Every
// other byte stays as it came.
import { memberSpan } from '../../body/member-edits.ts';
import { MemberReader } from '../../body/member-reader.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended, Span } from '../../contracts/body.ts';
import type { ToolIdLimits } from '../../contracts/capability.ts';
import { idEdit, takesAnyId } from '../tool-id-mend.ts';
import { resourceName } from './model-path.ts';
import { DUMMY_SIGNATURE, isSpelled } from './signatures.ts';

const CALLS = [Buffer.from('"functionCall"'), Buffer.from('"function_call"')] as const;
/** How other makers' proofs begin (signatures.ts). */
const FOREIGN = [Buffer.from('"cHJvb2Y6'), Buffer.from('"cmVkYWN0ZWQ6')] as const;
const SIGNATURE = 'thoughtSignature';
const NOTHING: Mended = { edits: [], adapted: [] };
const DUMMY = JSON.stringify(DUMMY_SIGNATURE);

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendHistory(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { signedCalls, toolId } = target.capabilities;
  const { dropProofs = false } = target;
  const foreign = dropProofs || FOREIGN.some((begin) => body.includes(begin));
  const ids = takesAnyId(toolId) ? null : toolId;
  const calls = (signedCalls || ids !== null) && CALLS.some((key) => body.includes(key));
  const { edits, adapted } =
    foreign || calls ? new HistoryReader(body, signedCalls, ids, dropProofs).read() : NOTHING;
  const model = modelEdit(body, facts, target);
  const all = model === null ? edits : [...edits, model];
  return all.length === 0 ? null : { edits: all.toSorted((a, b) => a.start - b.start), adapted };
}

// The path decides, and a body that names another model is refused.
function modelEdit(body: Buffer, { members }: BodyFacts, { model }: EncodeTarget): Edit | null {
  const span = memberSpan(body, members, 'model');
  return span === null ? null : { ...span, text: JSON.stringify(resourceName(model)) };
}

interface Part {
  start: number;
  call: boolean;
  signature: Span | null;
}

class HistoryReader {
  readonly #body: Buffer;
  readonly #reader: MemberReader;
  readonly #signedCalls: boolean;
  readonly #ids: ToolIdLimits | null;
  /** Google's own signatures go too. */
  readonly #dropProofs: boolean;
  readonly #edits: Edit[] = [];
  readonly #adapted = new Set<string>();
  /** The model's step that is being read has had its first call. */
  #called = false;

  /** @param ids what the model takes as ids of calls; null = any text. */
  constructor(body: Buffer, signedCalls: boolean, ids: ToolIdLimits | null, dropProofs: boolean) {
    this.#body = body;
    this.#reader = new MemberReader(body);
    this.#signedCalls = signedCalls;
    this.#ids = ids;
    this.#dropProofs = dropProofs;
  }

  read(): Mended {
    this.#reader.members(1, (key) => {
      if (key === 'contents') this.#reader.items(2, () => this.#content());
      else this.#reader.value(1);
    });
    return { edits: this.#edits, adapted: [...this.#adapted] };
  }

  #content(): void {
    let model = false;
    const parts: Part[] = [];
    this.#reader.members(3, (key) => {
      if (key === 'parts') this.#reader.items(4, () => parts.push(this.#part()));
      else {
        const { start, end } = this.#reader.value(3);
        if (key === 'role') model = this.#body.toString('latin1', start, end) === '"model"';
      }
    });
    if (!model) this.#called = false;
    for (const part of parts) this.#mend(part, model);
  }

  #part(): Part {
    const part: Part = { start: this.#reader.at, call: false, signature: null };
    this.#reader.members(5, (key) => {
      const call = key === 'functionCall' || key === 'function_call';
      part.call ||= call;
      if (this.#ids !== null && (call || key === 'functionResponse' || key === 'function_response')) {
        this.#id(this.#ids);
        return;
      }
      const span = this.#reader.value(5);
      if (key === 'thoughtSignature' || key === 'thought_signature') part.signature = span;
    });
    return part;
  }

  #id(limits: ToolIdLimits): void {
    this.#reader.members(6, (key) => {
      const id = key === 'id' ? this.#reader.text(6) : null;
      if (key !== 'id') this.#reader.value(6);
      const edit = id === null ? null : idEdit(id, limits);
      if (edit !== null) this.#edit(edit, 'functionCall.id');
    });
  }

  #edit(edit: Edit, field: string): void {
    this.#edits.push(edit);
    this.#adapted.add(`contents[].parts[].${field}`);
  }

  #mend({ start, call, signature }: Part, model: boolean): void {
    const wanted = model && call && !this.#called && this.#signedCalls;
    this.#called ||= call;
    if (signature === null) {
      const at = start + 1;
      if (wanted) this.#edit({ start: at, end: at, text: `"thoughtSignature":${DUMMY},` }, SIGNATURE);
      return;
    }
    // `null` and '' are none.
    const none = signature.end - signature.start <= 4;
    const text = this.#body.toString('latin1', signature.start + 1, signature.end - 1);
    if (!none && !this.#dropProofs && !isSpelled(text)) return;
    if (wanted) this.#edit({ ...signature, text: DUMMY }, SIGNATURE);
    else if (!none) this.#edit({ ...signature, text: 'null' }, SIGNATURE);
  }
}
