// A table of word pieces and their vectors, as one file: what `embedding: builtin` knows of words. Pieces are in the order in which
// they are put together (byte pair encoding), so that their number is their rank.
//
//   8 bytes magic │ u32 pieces │ u32 bytes of their names │ names, a line each │ f32 scale a piece │ 64 × i8 a piece

/** Numbers of a vector. */
export const DIMENSIONS = 64;
const MAGIC = 'hgwords1';
const HEAD = 16;

export interface WordTable {
  /** Rank of a piece, which is its row; undefined = no such piece. */
  rankOf(piece: string): number | undefined;
  /** Adds the vector of a piece to a sum. */
  addTo(sum: Float32Array, rank: number): void;
}

/** @param rows of DIMENSIONS numbers each. */
export function packTable(pieces: readonly string[], rows: readonly Float32Array[]): Buffer {
  const names = Buffer.from(pieces.map((piece) => piece.replaceAll('\n', ' ')).join('\n'));
  const head = Buffer.alloc(HEAD);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(pieces.length, 8);
  head.writeUInt32LE(names.length, 12);
  const scales = Buffer.alloc(4 * rows.length);
  const numbers = Buffer.alloc(DIMENSIONS * rows.length);
  for (const [at, row] of rows.entries()) {
    const scale = Math.max(...row.map(Math.abs)) / 127 || 1;
    scales.writeFloatLE(scale, 4 * at);
    for (const [place, number] of row.entries())
      numbers.writeInt8(Math.round(number / scale), DIMENSIONS * at + place);
  }
  return Buffer.concat([head, names, scales, numbers]);
}

/** @throws for bytes that are no table. */
export function readTable(bytes: Buffer): WordTable {
  const count = bytes.readUInt32LE(8);
  const namesEnd = HEAD + bytes.readUInt32LE(12);
  if (bytes.toString('latin1', 0, 8) !== MAGIC || bytes.length !== namesEnd + (4 + DIMENSIONS) * count)
    throw new Error('not a table of word vectors');
  const ranks = new Map<string, number>();
  for (const [rank, name] of bytes.toString('utf8', HEAD, namesEnd).split('\n').entries())
    ranks.set(name, rank);
  const numbersAt = namesEnd + 4 * count;
  return {
    rankOf: (piece) => ranks.get(piece),
    addTo(sum, rank) {
      const scale = bytes.readFloatLE(namesEnd + 4 * rank);
      const from = numbersAt + DIMENSIONS * rank;
      for (let i = 0; i < DIMENSIONS; i++) sum[i]! += scale * bytes.readInt8(from + i);
    },
  };
}
