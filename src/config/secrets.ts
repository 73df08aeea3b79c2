// Secrets while a configuration is loaded: what a key may look like, and a last pass over every message that takes
// out any secret that got into one. Messages are built without values in the first place; this is the second line.

/** Shorter text is not searched for: keys such as `ollama` would take ordinary words out of messages. */
const MIN_REDACTED = 8;

export interface SecretBox {
  add(value: unknown): void;
  /** `text` with every known secret replaced. */
  redact(text: string): string;
}

export function createSecretBox(): SecretBox {
  const secrets = new Set<string>();
  return {
    add(value) {
      if (typeof value !== 'string') return;
      // Also each part of a value broken by white space: a message may hold one line of it.
      for (const piece of [value, ...value.split(/\s+/)])
        if (piece.length >= MIN_REDACTED) secrets.add(piece);
    },
    redact(text) {
      let clean = text;
      // Longest first, or a secret that contains another would stay in part.
      for (const secret of [...secrets].sort((a, b) => b.length - a.length))
        clean = clean.replaceAll(secret, '****');
      return clean;
    },
  };
}

/** Why `value` cannot be a key, in words without the value; null if it can. Keys travel in headers. */
export function keyFault(value: string, minLength: number): string | null {
  if (value.length < minLength) return `the key is shorter than ${minLength} characters`;
  if (/[\r\n]/.test(value)) return 'the key contains a line break';
  if (/\s/.test(value)) return 'the key contains white space';
  if (!/^[\x21-\x7e]+$/.test(value)) return 'the key contains characters that cannot stand in a header';
  return null;
}

/** Enough of a key to tell it from another: `sk-…cdef`, or only stars when it is short. */
export function maskKey(value: string): string {
  return value.length > 12 ? `${value.slice(0, 3)}…${value.slice(-4)}` : '****';
}

/** A name from the file for a message, unless it looks like a secret that stands in the wrong place. */
export function showName(name: string): string {
  const plain = /^[\w./:@$-]{1,64}$/.test(name) && !/^(sk|pk|gsk|xai|hf|pplx|nvapi)[-_]/i.test(name);
  return plain ? `\`${name}\`` : '(not shown)';
}
