// Where the frames of a zstd body end (RFC 8878, section 3.1). Node's decoder (22.23) takes a body that breaks off inside
// a frame for a whole one and says nothing; this only counts, and leaves every other check to it.

const MAGIC = 0xfd2fb528;
/** Sixteen of them, for frames whose content nobody decodes. */
const SKIPPABLE = 0x184d2a50;
const RLE = 1;
const CHECKSUM_BYTES = 4;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

type Step = 'magic' | 'skippable' | 'descriptor' | 'block';
const FIELD_BYTES: Readonly<Record<Step, number>> = { magic: 4, skippable: 4, descriptor: 1, block: 3 };

/** Follows the frames of one body through its pieces. */
export class ZstdFrames {
  #step: Step = 'magic';
  /** The field being read, little-endian. */
  #value = 0;
  #have = 0;
  /** Bytes before the next field. */
  #skip = 0;
  #checksum = false;

  /** All frames begun have ended. */
  get whole(): boolean {
    return this.#step === 'magic' && this.#have === 0 && this.#skip === 0;
  }

  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, bytes.length - at);
        this.#skip -= count;
        at += count;
        continue;
      }
      this.#value += bytes[at]! * 2 ** (8 * this.#have);
      this.#have++;
      at++;
      if (this.#have === FIELD_BYTES[this.#step]) this.#field();
    }
  }

  #field(): void {
    const value = this.#value;
    this.#value = 0;
    this.#have = 0;
    switch (this.#step) {
      case 'magic':
        if (value === MAGIC) this.#step = 'descriptor';
        else if (value - (value % 16) === SKIPPABLE) this.#step = 'skippable';
        return;
      case 'skippable':
        this.#skip = value;
        this.#step = 'magic';
        return;
      case 'descriptor': {
        const single = (value & 0x20) !== 0;
        const sizeBytes = CONTENT_SIZE_BYTES[(value >> 6) as 0 | 1 | 2 | 3];
        this.#checksum = (value & 0x04) !== 0;
        // A single segment has no window byte, and always says its size.
        this.#skip =
          DICTIONARY_BYTES[(value & 3) as 0 | 1 | 2 | 3] + (single ? Math.max(1, sizeBytes) : 1 + sizeBytes);
        this.#step = 'block';
        return;
      }
      case 'block': {
        const last = (value & 1) === 1;
        this.#skip = ((value >> 1) & 3) === RLE ? 1 : value >> 3;
        if (!last) return;
        if (this.#checksum) this.#skip += CHECKSUM_BYTES;
        this.#step = 'magic';
      }
    }
  }
}
