// The files of a ZIP archive that lies in memory (PKWARE APPNOTE 4.3): stored or deflated, without encryption and ZIP64. What an engine
// sends its tokenizer in; nothing of it reaches a disk.
import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;

/**
 * @param wanted names of files, without their folders.
 * @param maxBytes of each file.
 * @throws Error where it is no such archive.
 */
export function unzip(archive: Buffer, wanted: readonly string[], maxBytes: number): Map<string, Buffer> {
  const end = endOf(archive);
  const found = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== ENTRY) throw new Error('the archive has no list of its files');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) =>
      archive.readUInt16LE(at + place),
    );
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes!);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (wanted.includes(name) && !found.has(name)) found.set(name, contents(archive, at, maxBytes));
    at += 46 + nameBytes! + extraBytes! + commentBytes!;
  }
  return found;
}

function endOf(archive: Buffer): number {
  const last = archive.length - END_BYTES;
  for (let at = last; at >= 0 && at >= last - MAX_COMMENT_BYTES; at--)
    if (archive.readUInt32LE(at) === END) return at;
  throw new Error('it is no archive');
}

function contents(archive: Buffer, entry: number, maxBytes: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const packed = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  if (archive.readUInt32LE(local) !== LOCAL)
    throw new Error('a file of the archive is not where it should be');
  const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(from, from + packed);
  if (bytes.length !== packed || packed > maxBytes)
    throw new Error('a file of the archive is cut, or too large');
  if (method === 0) return bytes;
  if (method !== 8) throw new Error('a file of the archive is packed in a way that is not known');
  return inflateRawSync(bytes, { maxOutputLength: maxBytes });
}
