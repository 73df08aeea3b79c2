// Short words about what was done; they go by themselves and take nobody's focus.
import { signal } from '@preact/signals';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'ok' | 'bad';
}

const SHOWN_MS = 5_000;
const MAX = 4;
const toasts = signal<readonly Toast[]>([]);
const counter = signal(0);

export function toast(text: string, kind: Toast['kind'] = 'ok'): void {
  counter.value += 1;
  const id = counter.value;
  toasts.value = [...toasts.peek().slice(1 - MAX), { id, text, kind }];
  setTimeout(() => {
    toasts.value = toasts.peek().filter((one) => one.id !== id);
  }, SHOWN_MS);
}

export function Toasts() {
  return (
    <output class="toasts" aria-live="polite">
      {toasts.value.map(({ id, text, kind }) => (
        <p key={id} class={`toast ${kind}`}>
          {text}
        </p>
      ))}
    </output>
  );
}
