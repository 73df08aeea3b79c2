// Frames of a stack by the sources they come from, where the program runs from a bundle (scripts/small-bundle.ts). Read only when something goes
// wrong, and not kept.
import { readFileSync } from 'node:fs';

/** `at name (/…/quick/0123456789abcdef/worker-1a2b.cjs:120:7)` */
const BUNDLED = /([^\s()]*[\\/]quick[\\/][0-9a-f]{16}[\\/][^\\/\s()]+\.cjs):(\d+):\d+/;
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
  return stack
    .split('\n')
    .map((frame) =>
      frame.replace(BUNDLED, (whole, file: string, line: string) => {
        let places = read.get(file);
        if (places === undefined) read.set(file, (places = placesOf(`${file}.places`)));
        return (places === null ? null : placeAt(places, Number(line))) ?? whole;
      }),
    )
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
