// A dialog of the browser: it keeps the focus inside and gives it back to what had it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  class?: string;
  /** Without a head of its own. */
  bare?: boolean;
  /** From the right edge, over the list it belongs to. */
  drawer?: boolean;
}

export function Dialog({
  title,
  close,
  children,
  class: more = '',
  bare = false,
  drawer = false,
}: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  /** Where the button went down: text that is marked up to the edge ends outside, and closes nothing. */
  const pressed = useRef<EventTarget | null>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      if (dialog.open) dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it, by the dialog's own `cancel`
    <dialog
      ref={box}
      class={`${drawer ? 'drawer' : 'dialog'} ${more}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // The backdrop is the dialog itself; all else is inside.
        if (event.target === box.current && pressed.current === box.current) close();
      }}
    >
      <div class="dialog-body">
        {!bare && (
          <header class="dialog-head">
            <h2>{title}</h2>
            <button type="button" class="plain" onClick={close} aria-label="Close">
              ✕
            </button>
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
