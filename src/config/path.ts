// A place in the configuration, as keys from the root, and how it is written in messages.

export type Path = readonly (string | number)[];

/** `providers.openai.keys[0].value`; keys that are no plain words are quoted. */
export function showPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** One path lies at, above or below the other. */
export function touches(a: Path, b: Path): boolean {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A key for maps of paths. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}
