// The tree, with what each used in the last 30 days beside it.
import { setQuery } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { short } from '../../format/number.ts';
import { Time } from '../../parts/time.tsx';
import type { Book, Key } from './objects.ts';
import { useSpend } from './spend.ts';
import { found, type TreeRow, treeOf } from './tree.ts';

const MOST = 400;

export function TreeTable({ book, text }: { book: Book; text: string }) {
  const spend = useSpend().data;
  const rows = found(treeOf(book), text);
  const most = Math.max(
    1,
    ...rows.map(({ kind, object }) => spend?.get(`${kind}/${object.name}`)?.costNano ?? 0),
  );
  return (
    <section class="panel">
      <div class="table-wrap">
        <table class="tree">
          <thead>
            <tr>
              <th>Name</th>
              <th class="num">Keys</th>
              <th class="num">Calls, 30 d</th>
              <th class="num">Cost, 30 d</th>
              <th class="spend-head">
                <span class="hidden-text">Share</span>
              </th>
              <th>Last used</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map(({ kind, object, depth, keys }: TreeRow) => {
              const used = spend?.get(`${kind}/${object.name}`);
              return (
                <tr key={`${kind}/${object.id}`}>
                  <td>
                    <button
                      type="button"
                      class="link tree-name"
                      style={{ marginLeft: `${depth * 18}px` }}
                      onClick={() => setQuery({ open: `${kind}:${object.id}` })}
                    >
                      <span class="muted small">{kind}</span> <span class="clip">{object.name}</span>
                      {object.blocked === true && <span class="badge bad">blocked</span>}
                      {object.managed === 'file' && <span class="badge off">file</span>}
                    </button>
                  </td>
                  <td class="num">{kind === 'key' ? '' : short(keys)}</td>
                  <td class="num">
                    {used === undefined ? <span class="muted">–</span> : short(used.requests)}
                  </td>
                  <td class="num">
                    {used === undefined
                      ? '–'
                      : used.costNano === 0 && used.unpriced > 0
                        ? 'no price'
                        : money(used.costNano)}
                  </td>
                  <td>
                    {used !== undefined && used.costNano > 0 && (
                      <span class="spend">
                        <i style={{ width: `${(used.costNano / most) * 100}%` }} />
                      </span>
                    )}
                  </td>
                  <td>{kind === 'key' && <Time at={(object as Key).lastUsedAt} relative />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="pad muted">Nothing has that name.</p>}
      {rows.length > MOST && (
        <p class="pad muted">{short(rows.length - MOST)} more. Find by name to see them.</p>
      )}
    </section>
  );
}
