// `/` or Ctrl-K: pages, models and keys by name; the id of a request leads to it.
import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get, urlOf } from '../api/client.ts';
import { may } from '../api/session.ts';
import { Dialog } from '../parts/dialog.tsx';
import { paletteWanted } from './keyboard.ts';
import { type Hit, modelsAndProviders } from './named-things.ts';
import { PAGES } from './page-paths.ts';
import { go, placeOf } from './router.ts';

export const palette = signal(false);

/** Ids of calls that we make, and those that clients send and look for again. */
const REQUEST_ID = /^(req_|call_)?[\w.-]{12,128}$/;
const NAMED = [
  ['key', '/api/keys', 'key'],
  ['team', '/api/teams', 'team'],
  ['user', '/api/users', 'user'],
  ['customer', '/api/customers', 'customer'],
] as const;

export function Palette() {
  const wanted = paletteWanted.value;
  useEffect(() => {
    if (wanted > 0) palette.value = true;
  }, [wanted]);
  return palette.value ? <Open /> : null;
}

function Open() {
  const [text, setText] = useState('');
  const [named, setNamed] = useState<readonly Hit[]>([]);
  const [things, setThings] = useState<readonly Hit[]>([]);
  const [at, setAt] = useState(0);
  const close = (): void => {
    palette.value = false;
  };
  useEffect(() => {
    const gone = new AbortController();
    modelsAndProviders(gone.signal).then(setThings, () => undefined);
    return () => gone.abort();
  }, []);
  useEffect(() => {
    const asked = text.trim();
    if (asked.length < 2) {
      setNamed([]);
      return;
    }
    const gone = new AbortController();
    const timer = setTimeout(() => {
      findNamed(asked, gone.signal).then(setNamed, () => undefined);
    }, 120);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text]);
  const hits = useMemo(
    () => [...staticHits(text), ...fitting(things, text), ...named].slice(0, 12),
    [text, things, named],
  );
  const pick = (hit: Hit | undefined): void => {
    if (hit === undefined) return;
    close();
    go(hit.to);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter') pick(hits[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find" close={close} class="palette" bare>
      <input
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-hits"
        aria-activedescendant={hits[at] === undefined ? undefined : `hit-${at}`}
        aria-label="Find a page, model, provider, key, team, user, or a request by its id"
        placeholder="Page, model, provider, key, team, user, or the id of a request"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="palette-hits" role="listbox" aria-label="Found">
        {hits.map((hit, index) => (
          <div
            key={hit.id}
            id={`hit-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            class={index === at ? 'hit on' : 'hit'}
            onMouseDown={(event) => {
              event.preventDefault();
              pick(hit);
            }}
          >
            <span class="muted small">{hit.kind}</span>
            <span class="clip">{hit.name}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 && (
        <p class="muted pad">Nothing has that name. The id of a request leads to its log.</p>
      )}
    </Dialog>
  );
}

function staticHits(text: string): Hit[] {
  const asked = text.trim().toLowerCase();
  const pages = PAGES.filter(
    ({ title, needs }) => title.toLowerCase().includes(asked) && (needs === null || may(needs, 'read')),
  ).map(({ path, title }): Hit => ({ id: path, kind: 'page', name: title, to: placeOf(path) }));
  const id = text.trim();
  const request: Hit[] =
    REQUEST_ID.test(id) && /\d/.test(id) && may('log', 'read')
      ? [{ id: 'request', kind: 'request', name: id, to: `/logs?open=${encodeURIComponent(id)}` }]
      : [];
  return [...request, ...pages];
}

/** Nothing before something is asked: there may be hundreds. */
function fitting(things: readonly Hit[], text: string): readonly Hit[] {
  const asked = text.trim().toLowerCase();
  return asked === '' ? [] : things.filter(({ name }) => name.toLowerCase().includes(asked)).slice(0, 6);
}

async function findNamed(prefix: string, signal: AbortSignal): Promise<readonly Hit[]> {
  const found = await Promise.all(
    NAMED.filter(([, , resource]) => may(resource, 'read')).map(async ([kind, url]) => {
      const { items } = await get<{ items: readonly { id: string; name: string }[] }>(
        urlOf(url, { prefix, limit: 4 }),
        signal,
      );
      return items.map(
        ({ id, name }): Hit => ({ id, kind, name, to: `/keys?open=${kind}:${encodeURIComponent(id)}` }),
      );
    }),
  );
  return found.flat();
}
