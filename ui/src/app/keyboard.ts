// Keys that work on every page. Pages add their own while they are shown.
import { signal } from '@preact/signals';

export interface KeyAction {
  /** As `KeyboardEvent.key` says it. */
  readonly key: string;
  readonly words: string;
  run(): void;
}

/** Of the page that is shown. */
const actions = signal<readonly KeyAction[]>([]);
export const paletteWanted = signal(0);
export const helpWanted = signal(0);
export const pageKeys = actions;

/** Returns what takes them away again. */
export function addKeys(more: readonly KeyAction[]): () => void {
  actions.value = [...actions.peek(), ...more];
  return () => {
    actions.value = actions.peek().filter((one) => !more.includes(one));
  };
}

export function listenForKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    paletteWanted.value += 1;
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
  if (event.key === '/' || event.key === '?') {
    event.preventDefault();
    if (event.key === '/') paletteWanted.value += 1;
    else helpWanted.value += 1;
    return;
  }
  // Enter and space on a button or a link are that button's own.
  if (
    event.key === 'Enter' &&
    event.target instanceof Element &&
    event.target.closest('a, button, summary') !== null
  )
    return;
  const found = actions.peek().findLast(({ key }) => key === event.key);
  if (found === undefined) return;
  event.preventDefault();
  found.run();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}
