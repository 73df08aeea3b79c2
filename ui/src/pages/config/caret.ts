// Where in a text of JSON or of YAML a caret stands: the path to it, and what is being typed. Text that is not whole yet is the usual
// case, so nothing here parses: what stands before the caret is read once, and what cannot be told is an empty path.

export interface Caret {
  /** Members and places that lead to it; places of lists are '*'. */
  readonly path: readonly string[];
  /** A member's name is typed, or its value. */
  readonly at: 'name' | 'value';
  /** What of it stands before the caret. */
  readonly typed: string;
}

export function caretIn(text: string, offset: number): Caret {
  const before = text.slice(0, offset);
  return /^\s*[{[]/.test(text) ? inJson(before) : inYaml(before);
}

interface Level {
  readonly list: boolean;
  /** The member whose value comes. */
  name: string;
  /** Its colon was seen. */
  valued: boolean;
}

function inJson(before: string): Caret {
  const levels: Level[] = [];
  let string: string | null = null;
  let bare = '';
  let last = '';
  for (let at = 0; at < before.length; at += 1) {
    const letter = before[at]!;
    const level = levels.at(-1);
    if (string !== null) {
      if (letter === '\\') {
        string += before[at + 1] ?? '';
        at += 1;
      } else if (letter === '"') {
        last = string;
        string = null;
        if (level?.list === false && level.valued) level.valued = false;
      } else string += letter;
      continue;
    }
    if (/[{}[\],:"\s]/.test(letter)) bare = '';
    else bare += letter;
    if (letter === '"') string = '';
    else if (letter === '{' || letter === '[') levels.push({ list: letter === '[', name: '', valued: false });
    else if (letter === '}' || letter === ']') {
      levels.pop();
      // A value is whole: what comes is the next member.
      const around = levels.at(-1);
      if (around?.list === false) around.valued = false;
    } else if (letter === ':' && level !== undefined) [level.name, level.valued] = [last, true];
    else if (letter === ',' && level !== undefined) [level.name, level.valued] = ['', false];
  }
  const open = levels.at(-1);
  const path = levels.slice(0, -1).map((level) => (level.list ? '*' : level.name));
  const typed = string ?? bare;
  if (open === undefined || (!open.list && !open.valued)) return { path, at: 'name', typed };
  return { path: [...path, open.list ? '*' : open.name], at: 'value', typed };
}

/** By columns: what stands further left than a line leads to it; a list may stand where its own name does. */
function inYaml(before: string): Caret {
  const lines = before.split('\n');
  const steps: { readonly column: number; readonly step: string }[] = [];
  let rest = '';
  for (const line of lines) {
    if (/^\s*(#|$)/.test(line) && line !== lines.at(-1)) continue;
    let column = /^ */.exec(line)![0].length;
    rest = line.slice(column);
    for (let dash = /^- +/.exec(rest); dash !== null; dash = /^- +/.exec(rest)) {
      leave(column, '*');
      steps.push({ column, step: '*' });
      column += dash[0].length;
      rest = rest.slice(dash[0].length);
    }
    leave(column, '');
    const name = /^([^\s:#][^:]*):(?:\s|$)/.exec(rest)?.[1];
    if (name !== undefined) steps.push({ column, step: unquoted(name) });
  }
  const path = steps.map(({ step }) => step);
  const value = /^[^\s:#][^:]*:\s+(.*)$/.exec(rest)?.[1];
  if (value !== undefined) return { path, at: 'value', typed: value };
  return { path, at: 'name', typed: rest };

  function leave(column: number, from: string): void {
    for (let last = steps.at(-1); last !== undefined; last = steps.at(-1)) {
      if (last.column < column || (last.column === column && from === '*' && last.step !== '*')) return;
      steps.pop();
    }
  }
}

function unquoted(name: string): string {
  return name.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** The text with an offer in the place of what was typed, and where the caret stands then. */
export function putIn(text: string, offset: number, { at, typed }: Caret, offer: string): [string, number] {
  const from = offset - typed.length;
  const json = /^\s*[{[]/.test(text);
  const quoted = text[from - 1] === '"';
  const closed = quoted && text[offset] === '"';
  const plain = !json || (at === 'value' && /^(true|false)$/.test(offer));
  const words = `${plain || quoted ? '' : '"'}${offer}${plain || closed ? '' : '"'}`;
  const put = `${words}${at === 'name' && !closed ? ': ' : ''}`;
  return [text.slice(0, from) + put + text.slice(offset), from + put.length];
}
