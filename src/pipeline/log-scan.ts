// Runs of evaluations that read what their provider keeps of chats and responses: of all its callers, whoever asks.
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { undisguised } from '../names/object-names.ts';
import { asRead } from './raw/raw-address.ts';
import type { Scan } from './scanned-upload.ts';

const EVALS = /(?:^|\/)evals\/[^/]+\/runs\/?$/;
const SPACE = /[ \t\r\n]+/g;
const SOURCES = /"type":"(stored_completions|responses)"/g;
/** No source that is cut is longer, however it is written. */
const MAX_CUT = 256;

/** Whether it begins such a run, maybe. */
export function beginsRun({ head, operation, params }: Call): boolean {
  if (head.method !== 'POST') return false;
  if (operation!.name === 'eval') return true;
  return operation!.raw?.verbatim === true && EVALS.test(asRead(params['rest'] ?? ''));
}

/** Looks for the source of a run in its body, cut anywhere. */
export class LogScan implements Scan {
  #cut = '';
  #completions = 0;
  #responses = 0;

  look(piece: Buffer): void {
    const text = undisguised((this.#cut + piece.toString('latin1')).replace(SPACE, ''));
    let behind = 0;
    for (const { 0: found, 1: type, index } of text.matchAll(SOURCES)) {
      behind = index + found.length;
      if (type === 'responses') this.#responses++;
      else this.#completions++;
    }
    this.#cut = text.slice(Math.max(behind, text.length - MAX_CUT));
  }

  end(): void {}

  /** Null: it reads nothing but what it has with it, or names. */
  get wrong(): GatewayError | null {
    // A run over responses is of that type itself, whatever it reads.
    if (this.#completions === 0 && this.#responses < 2) return null;
    return new GatewayError('GW_CLIENT_FORBIDDEN', {
      message:
        'What a provider keeps of completions and responses is that of all its callers: give a run its items as `file_content` or `file_id`.',
      param: 'data_source',
    });
  }
}
