// Copies a text and says so.
import { useState } from 'preact/hooks';
import { toast } from './toast.tsx';

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, set] = useState(false);
  const copy = (): void => {
    write(text).then(
      () => {
        set(true);
        setTimeout(() => set(false), 2_000);
      },
      () => toast('The browser does not let this page copy. Mark the text and copy it by hand.', 'bad'),
    );
  };
  return (
    <button type="button" class="copy" onClick={copy}>
      {done ? 'Copied' : label}
    </button>
  );
}

async function write(text: string): Promise<void> {
  // Missing where the page is not served over TLS or from this machine.
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden-text';
  const host = document.querySelector('dialog[open]') ?? document.body;
  host.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error('not copied');
}
