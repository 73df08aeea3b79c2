// Items cut out of a list in its bytes.
import type { Edit, Span } from '../contracts/body.ts';

/** Adds the edits that cut items out, with one comma each: behind an item that stays the one before it, else the one behind it. */
export function cutItems<Item extends { span: Span }>(
  items: readonly Item[],
  isOut: (item: Item) => boolean,
  edits: Edit[],
): void {
  let kept = false;
  for (const [index, item] of items.entries()) {
    if (!isOut(item)) kept = true;
    else if (kept) edits.push({ start: items[index - 1]!.span.end, end: item.span.end, text: '' });
    else edits.push({ start: item.span.start, end: items[index + 1]?.span.start ?? item.span.end, text: '' });
  }
}
