// A link to a place of the page: an ordinary one for the middle button, the page's own way for a plain click.
import type { ComponentChildren } from 'preact';
import { addressOf, go } from './router.ts';

export interface LinkProps {
  /** Path below /ui. */
  to: string;
  class?: string;
  title?: string;
  current?: boolean;
  onClick?: () => void;
  children?: ComponentChildren;
}

export function Link({ to, class: look = '', title = '', current = false, onClick, children }: LinkProps) {
  return (
    <a
      href={addressOf(to)}
      class={look}
      {...(title === '' ? {} : { title })}
      {...(current ? { 'aria-current': 'page' } : {})}
      onClick={(event) => {
        onClick?.();
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
