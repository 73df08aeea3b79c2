// Where the lines of a bundle come from, in a form that costs a process nothing until something goes wrong in it: read by
// src/observability/frame-places.ts.
import path from 'node:path';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Of a source and of a line in it, 16 bits each. */
const BYTES = 4;
const MOST = 0xff_ff;

/**
 * `u32 length | JSON paths of sources | (u16 source | u16 line, of each line)`. Where a line of the bundle comes from nothing its source is 65535.
 *
 * @param map a source map, version 3. @param folder where it lies. @param root what paths begin at
 */
export function placesOf(map: string, folder: string, root: string): Buffer {
  const { sources, mappings } = JSON.parse(map) as { sources: string[]; mappings: string };
  const names = sources.map((source) => path.relative(root, path.resolve(folder, source)));
  const head = Buffer.from(JSON.stringify(names));
  const lines = mappings.split(';');
  const places = Buffer.alloc(lines.length * BYTES, 0xff);
  // All but the column in the bundle count on from line to line.
  let source = 0;
  let line = 0;
  for (const [at, segments] of lines.entries()) {
    let first = true;
    for (const segment of segments.split(',')) {
      const [, bySource, byLine] = numbersOf(segment);
      if (bySource === undefined || byLine === undefined) continue;
      source += bySource;
      line += byLine;
      if (!first) continue;
      first = false;
      if (source >= MOST || line >= MOST)
        throw new Error(`${names[source]} is too long for a table of places`);
      places.writeUInt16LE(source, at * BYTES);
      places.writeUInt16LE(line + 1, at * BYTES + 2);
    }
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, places]);
}

/** Of a segment: numbers in base 64, lowest digits first, five bits each; the lowest bit of a number is its sign. */
function numbersOf(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
