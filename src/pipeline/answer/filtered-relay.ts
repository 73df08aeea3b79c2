// Same dialect on both sides with a filter between: an event that tells nothing but more text, which the filter lets go on as it is,
// goes on in the upstream's bytes. All others are decoded, filtered and encoded, so that filter and encoder know at any time what the
// client has.
import type { DeltaFilter } from '../../contracts/delta-filter.ts';
import type { StreamDecoder, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventBatch, EventScanner, Frames } from '../../contracts/framing.ts';
import type { StreamOut } from './stream-relay.ts';
import { TranslateRelay } from './translate-relay.ts';

export type LettingFilter = DeltaFilter & Required<Pick<DeltaFilter, 'lets'>>;
/** Has both of these, or none. */
export type RepeatingDecoder = StreamDecoder & Required<Pick<StreamDecoder, 'repeated' | 'repeats'>>;
/** Likewise. */
export type PassingEncoder = StreamEncoder & Required<Pick<StreamEncoder, 'fits' | 'passed'>>;

export const isLetting = (filter: DeltaFilter): filter is LettingFilter => filter.lets !== undefined;
export const isRepeating = (decoder: StreamDecoder): decoder is RepeatingDecoder =>
  decoder.repeated !== undefined;
export const isPassing = (encoder: StreamEncoder): encoder is PassingEncoder => encoder.fits !== undefined;

export interface FilteredParts {
  readonly filter: LettingFilter;
  readonly decoder: RepeatingDecoder;
  /** Says what the filter lets go on. */
  readonly encoder: PassingEncoder;
  /** Says all there is: by way of the filter. */
  readonly filtering: StreamEncoder;
}

export class FilteredRelay extends TranslateRelay {
  readonly #parts: FilteredParts;
  /** Events like the last one passed: nobody has to look at what is the same in all. */
  #known = false;

  constructor(scanner: EventScanner, parts: FilteredParts, frames: Frames, out: StreamOut) {
    super(scanner, parts.decoder, parts.filtering, frames, out);
    this.#parts = parts;
  }

  protected override take(batch: EventBatch): void {
    const { bytes, count } = batch;
    const { decoder } = this.#parts;
    // [from, to) is the run of bytes to pass on.
    let from = -1;
    let to = -1;
    try {
      for (let i = 0; i < count && !this.over && !this.cut; i++) {
        const data = this.dataOf(batch, i);
        const text = data === null || batch.unterminated ? null : decoder.repeated(batch.event[i]!, data);
        if (text !== null && this.#passes(text, data!)) {
          if (from === -1) {
            this.passFrames();
            from = batch.start[i]!;
          }
          to = batch.end[i]!;
          this.tokens++;
          continue;
        }
        this.#passRun(bytes, from, to);
        from = -1;
        this.#known = false;
        if (text !== null) this.encode({ kind: 'text', index: decoder.repeats, text });
        else if (data !== null) this.tell(decoder.decode(batch.event[i]!, data));
      }
    } catch (cause) {
      // Without content before it the call may still go elsewhere: nothing more is told then.
      if (this.tokens > 0) {
        this.#passRun(bytes, from, to);
        this.passFrames();
      }
      throw cause;
    }
    this.#passRun(bytes, from, to);
    this.passFrames();
  }

  /** Whether the text that `data` repeats goes on in its own bytes. */
  #passes(text: string, data: string): boolean {
    const { filter, decoder, encoder } = this.#parts;
    const index = decoder.repeats;
    if (!this.#known && !encoder.fits(index, data)) return false;
    if (!filter.lets(index, text, this.#known ? null : data)) return false;
    this.#known = true;
    encoder.passed(index, text);
    return true;
  }

  #passRun(bytes: Buffer, from: number, to: number): void {
    if (from === -1) return;
    this.pass(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }
}
