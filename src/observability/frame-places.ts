// Frames of a stack by the sources they come from, where the program runs from a bundle (scripts/small-bundle.ts). Read only when something goes
// wrong, and not kept.
import { readFileSync } from 'node:fs';

/** The end of `at name (/…/quick/0123456789abcdef/worker-1a2b.cjs:120:7)` */
const BUNDLED = /[\\/]quick[\\/][0-9a-f]{16}[\\/][^\\/\s():]+\.cjs:(\d+):\d+/;
/** What stands before the path: names of functions have no ` (`, and paths may have. */
const BEFORE = /^\s*at (?:[^(]* \()?(?:async )?/;
const BYTES = 4;
const NOWHERE = 0xff_ff;

interface Places {
  readonly names: readonly string[];
  readonly lines: Buffer;
}

/** @param stack any number of lines. @returns the same; where a place in a bundle has a source, `src/…:LINE` in its place */
export function withPlaces(stack: string): string {
  if (!BUNDLED.test(stack)) return stack;
  const read = new Map<string, Places | null>();
  const placesIn = (file: string): Places | null => {
    let places = read.get(file);
    if (places === undefined) read.set(file, (places = placesOf(`${file}.places`)));
    return places;
  };
  return stack
    .split('\n')
    .map((frame) => {
      const found = BUNDLED.exec(frame);
      const before = BEFORE.exec(frame)?.[0];
      if (found === null || before === undefined) return frame;
      const [tail, line] = found as unknown as [string, string]; // its one group takes part in every match
      const end = found.index + tail.length;
      const places = placesIn(frame.slice(before.length, end).replace(/:\d+:\d+$/, ''));
      const place = places === null ? null : placeAt(places, Number(line));
      return place === null ? frame : `${before}${place}${frame.slice(end)}`;
    })
    .join('\n');
}

function placeAt({ names, lines }: Places, line: number): string | null {
  const at = (line - 1) * BYTES;
  if (at + BYTES > lines.length) return null;
  const name = names[lines.readUInt16LE(at)];
  return name === undefined || lines.readUInt16LE(at) === NOWHERE
    ? null
    : `${name}:${lines.readUInt16LE(at + 2)}`;
}

/** Null: there is none to be read, as when another build took its place. */
function placesOf(file: string): Places | null {
  try {
    const bytes = readFileSync(file);
    const from = 4 + bytes.readUInt32LE(0);
    return { names: JSON.parse(bytes.toString('utf8', 4, from)) as string[], lines: bytes.subarray(from) }; // scripts/bundle-places.ts wrote it
  } catch {
    return null;
  }
}
