// Names of documents as Converse takes them: letters, digits, single blanks, hyphens, parentheses and square brackets, and
// each only once in a request. What a name becomes depends on those before it alone: a conversation that grows keeps them.

const MAX_NAME = 200;
const NAMELESS = 'document';

export class DocumentNames {
  readonly #taken = new Set<string>();

  /** The name for the next document that its client calls `name`. */
  take(name: string | null): string {
    const plain = plainName(name ?? '') || NAMELESS;
    let wire = plain;
    for (let count = 2; this.#taken.has(wire); count++) wire = `${plain} (${count})`;
    this.#taken.add(wire);
    return wire;
  }
}

function plainName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .slice(0, MAX_NAME)
    .trim();
}
