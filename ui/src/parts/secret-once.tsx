// A secret that is shown this once.
import { Copy } from './copy.tsx';
import { Dialog } from './dialog.tsx';

export function SecretOnce({
  title,
  secret,
  words,
  close,
}: {
  title: string;
  secret: string;
  words: string;
  close: () => void;
}) {
  return (
    <Dialog title={title} close={close}>
      <p>{words}</p>
      <div class="secret">
        <code class="break">{secret}</code>
        <Copy text={secret} />
      </div>
      <p class="muted">
        It is shown this once. The gateway keeps only its hash, so nobody can read it again.
      </p>
      <div class="acts">
        <button type="button" class="main" onClick={close}>
          I have it
        </button>
      </div>
    </Dialog>
  );
}
