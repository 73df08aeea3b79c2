// A list of any length: only the rows in sight are there, all of one height, so that nothing moves when others come.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface VirtualListProps<T> {
  items: readonly T[];
  /** px */
  rowHeight: number;
  label: string;
  keyOf: (item: T) => string;
  row: (item: T, index: number) => ComponentChildren;
  head?: ComponentChildren;
  /** The last rows are near. */
  onEnd?: () => void;
  /** Whether the list stands at its top, when that changes. */
  onTop?: (atTop: boolean) => void;
  /** Row to keep in sight. */
  at?: number;
}

/** Rows above and below the window, for fast scrolling. */
const MARGIN = 8;
/** Rows left below when more are asked for. */
const AHEAD = 20;

export function VirtualList<T>({
  items,
  rowHeight,
  label,
  keyOf,
  row,
  head,
  onEnd,
  onTop,
  at,
}: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      setView({ top: element.scrollTop, height: element.clientHeight });
      onTop?.(element.scrollTop < rowHeight);
    };
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      sizes.disconnect();
    };
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null || at === undefined || at < 0) return;
    const top = at * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + 2 * rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + 2 * rowHeight - element.clientHeight;
  }, [at]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - MARGIN);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + MARGIN);
  useEffect(() => {
    if (items.length > 0 && last >= items.length - AHEAD) onEnd?.();
  }, [last, items.length]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <div class="list" ref={box} role="table" aria-label={label} aria-rowcount={items.length} tabIndex={0}>
      {head}
      <div class="list-body" style={{ height: `${items.length * rowHeight}px` }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {items.slice(first, last).map((item, index) => (
            <div key={keyOf(item)} class="list-slot" style={{ height: `${rowHeight}px` }}>
              {row(item, first + index)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
