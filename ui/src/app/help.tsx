// All keys, at `?`.
import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { helpWanted, pageKeys } from './keyboard.ts';

const EVERYWHERE = [
  ['/', 'Find a page, a model, a provider, a key; paste the id of a request'],
  ['Ctrl K', 'The same'],
  ['Esc', 'Close what is open'],
  ['?', 'These keys'],
] as const;

export function Help() {
  const [open, show] = useState(false);
  const wanted = helpWanted.value;
  useEffect(() => {
    if (wanted > 0) show(true);
  }, [wanted]);
  if (!open) return null;
  return (
    <Dialog title="Keys" close={() => show(false)}>
      <dl class="key-list">
        {EVERYWHERE.map(([key, words]) => (
          <Row key={key} name={key} words={words} />
        ))}
        {pageKeys.value.map(({ key, words }) => (
          <Row key={key} name={key} words={words} />
        ))}
      </dl>
    </Dialog>
  );
}

function Row({ name, words }: { name: string; words: string }) {
  return (
    <div>
      <dt>
        <kbd>{name}</kbd>
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
