// A button that says why it is off.
import type { ComponentChildren } from 'preact';
import { whyNot } from '../api/session.ts';
import { toast } from './toast.tsx';

export interface GatedProps {
  resource: string;
  verb: 'create' | 'update' | 'delete';
  class?: string;
  /** A reason of its own; '' = none. */
  reason?: string;
  onClick: () => void;
  children: ComponentChildren;
}

/** It stays in the way of the Tab key: who cannot use it can read why. */
export function Gated({ resource, verb, class: more = '', reason = '', onClick, children }: GatedProps) {
  const why = whyNot(resource, verb) || reason;
  return (
    <button
      type="button"
      class={more}
      aria-disabled={why !== ''}
      title={why === '' ? undefined : why}
      onClick={() => (why === '' ? onClick() : toast(why, 'bad'))}
    >
      {children}
    </button>
  );
}
