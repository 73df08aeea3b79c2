// All objects of one kind.
import { setQuery } from '../../app/router.ts';
import { money } from '../../format/money.ts';
import { short } from '../../format/number.ts';
import { Time } from '../../parts/time.tsx';
import { limitWords } from './limit-words.ts';
import { type Book, type Key, type Kind, listOf, nameOf, TITLES } from './objects.ts';
import { useSpend } from './spend.ts';

const MOST = 400;

export function KindTable({ book, kind, text }: { book: Book; kind: Kind; text: string }) {
  const spend = useSpend().data;
  const asked = text.trim().toLowerCase();
  const rows = listOf(book, kind).filter(({ name }) => name.toLowerCase().includes(asked));
  if (rows.length === 0)
    return (
      <p class="pad muted">
        {asked === '' ? `No ${TITLES[kind].toLowerCase()} yet.` : 'Nothing has that name.'}
      </p>
    );
  return (
    <section class="panel">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>Belongs to</th>
              <th>{kind === 'limit' ? 'Holds' : 'Limits'}</th>
              {kind !== 'limit' && <th class="num">Calls, 30 d</th>}
              {kind !== 'limit' && <th class="num">Cost, 30 d</th>}
              {kind === 'key' && <th>Last used</th>}
              {kind === 'key' && <th>Over</th>}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map((object) => {
              const used = spend?.get(`${kind}/${object.name}`);
              const key = object as Key; // only read where the kind is a key
              return (
                <tr key={object.id}>
                  <td>
                    <button
                      type="button"
                      class="link tree-name"
                      onClick={() => setQuery({ open: `${kind}:${object.id}` })}
                    >
                      <span class="clip">{object.name}</span>
                      {object.blocked === true && <span class="badge bad">blocked</span>}
                      {object.managed === 'file' && <span class="badge off">file</span>}
                    </button>
                  </td>
                  <td class="muted">{belongs(book, object)}</td>
                  <td>
                    <span class="clip">{limitWords(kind === 'limit' ? [object] : object['limits'])}</span>
                  </td>
                  {kind !== 'limit' && <td class="num">{used === undefined ? '' : short(used.requests)}</td>}
                  {kind !== 'limit' && <td class="num">{used === undefined ? '' : money(used.costNano)}</td>}
                  {kind === 'key' && (
                    <td>
                      <Time at={key.lastUsedAt} relative />
                    </td>
                  )}
                  {kind === 'key' && (
                    <td>
                      {key.expiresAt === undefined ? (
                        <span class="muted">never</span>
                      ) : (
                        <Time at={key.expiresAt} />
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {rows.length > MOST && (
        <p class="pad muted">{short(rows.length - MOST)} more. Find by name to see them.</p>
      )}
    </section>
  );
}

function belongs(book: Book, object: { [field: string]: unknown }): string {
  const parts = (['organization', 'team', 'user', 'customer', 'project'] as const)
    .filter((kind) => typeof object[kind] === 'string')
    .map((kind) => nameOf(book, kind, object[kind]));
  return parts.length === 0 ? '–' : parts.join(' › ');
}
