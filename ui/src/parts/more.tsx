// The end of a list that has more pages.
import type { PagedList } from '../api/pages.ts';

export function More({ list }: { list: Pick<PagedList<unknown>, 'whole' | 'more'> }) {
  if (list.whole) return null;
  return (
    <p class="pad">
      <button type="button" onClick={list.more}>
        Show more
      </button>
    </p>
  );
}
