// What may stand where the caret is: the place, what it is for, and members or values that a click puts in.
import type { Caret } from './caret.ts';
import { helpAt, type SchemaNode } from './schema-help.ts';

/** More are found by typing on. */
const SHOWN = 40;

export function CaretHelp({
  schema,
  caret,
  take,
}: {
  schema: SchemaNode;
  caret: Caret;
  take: (offer: string) => void;
}) {
  const { about, expected, offers } = helpAt(schema, caret);
  const place = caret.path.filter((step) => step !== '*').join(' › ');
  return (
    <aside class="caret-help panel" aria-label="What may stand here">
      <header>
        <h2 class="mono clip">{place === '' ? 'the configuration' : place}</h2>
      </header>
      <div class="pad">
        {about !== '' && <p>{about}</p>}
        {expected !== '' && <p class="muted small">{expected}</p>}
        {offers.length === 0 && about === '' && (
          <p class="muted">Nothing is known of this place. Check and compare says whether it may stand.</p>
        )}
        <ul class="plain-list">
          {offers.slice(0, SHOWN).map(({ text, about: words }) => (
            <li key={text}>
              <button type="button" class="link mono" onClick={() => take(text)}>
                {text}
              </button>
              {words !== '' && <span class="muted small caret-words">{words}</span>}
            </li>
          ))}
        </ul>
        {offers.length > SHOWN && <p class="muted small">{offers.length - SHOWN} more: type on.</p>}
      </div>
    </aside>
  );
}
