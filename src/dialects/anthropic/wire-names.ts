// Tool names and tool ids in the alphabet Anthropic takes, [A-Za-z0-9_-]. Whatever lies outside is written `_x<hex>_`,
// and so is an underscore that would then read like such an escape: the mapping is one to one and needs no memory, so a
// tool name that comes back in an answer can be turned round.
const FOREIGN = /[^A-Za-z0-9_-]|_(?=x[0-9a-f]+[^A-Za-z0-9-])/gu;
const ESCAPE = /_x([0-9a-f]{1,6})_/g;

/** A name or id as Anthropic takes it; the same text gives the same name, and most are left as they are. */
export function toWireName(name: string): string {
  return name.replace(FOREIGN, (char) => `_x${char.codePointAt(0)!.toString(16)}_`);
}

/** The name `toWireName` was given. */
export function fromWireName(name: string): string {
  if (!name.includes('_x')) return name;
  return name.replace(ESCAPE, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
