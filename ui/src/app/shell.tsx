// The frame around every page: where one can go, the range of time, and who is signed in.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { may, role, session, signOut } from '../api/session.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Shape } from '../parts/shape.tsx';
import { Help } from './help.tsx';
import { listenForKeys } from './keyboard.ts';
import { Link } from './link.tsx';
import { PAGES, type PagePlace, pageAt } from './page-paths.ts';
import { CODE } from './pages.ts';
import { Palette, palette } from './palette.tsx';
import { path, placeOf } from './router.ts';
import { setTheme, type Theme, theme } from './theme.ts';
import { TimePicker } from './time-picker.tsx';

const menu = signal(false);

export function Shell() {
  useEffect(listenForKeys, []);
  const page = pageAt(path.value);
  useEffect(() => {
    document.title = page === null ? 'Headgate' : `${page.title} · Headgate`;
    menu.value = false;
  }, [page]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Navigation current={page} />
      <div class="stage">
        <header class="top">
          <button
            type="button"
            class="plain menu-button"
            aria-expanded={menu.value}
            onClick={() => (menu.value = !menu.value)}
          >
            Menu
          </button>
          <h1 class="clip">{page?.title ?? 'Not found'}</h1>
          <span class="fill" />
          {page?.timed === true && <TimePicker />}
          <button type="button" class="seek" onClick={() => (palette.value = true)}>
            <span>Find</span> <kbd>/</kbd>
          </button>
        </header>
        <main id="main" tabIndex={-1}>
          {page === null ? <Nowhere /> : <Loaded key={page.path} page={page} />}
        </main>
      </div>
      <Palette />
      <Help />
    </div>
  );
}

function Navigation({ current }: { current: PagePlace | null }) {
  const groups = ['Watch', 'Gate', 'Who', 'Run'] as const;
  return (
    <nav class={menu.value ? 'side open' : 'side'} aria-label="Pages">
      <Link to="/" class="brand">
        <img src="/ui/mark.svg" alt="" width="20" height="20" /> Headgate
      </Link>
      {groups.map((group) => {
        const pages = PAGES.filter(
          (one) => one.group === group && (one.needs === null || may(one.needs, 'read')),
        );
        if (pages.length === 0) return null;
        return (
          <div key={group} class="side-group">
            <h2>{group}</h2>
            {pages.map((one) => (
              <Link
                key={one.path}
                to={placeOf(one.path)}
                current={current === one}
                onClick={() => (menu.value = false)}
              >
                {one.title}
              </Link>
            ))}
          </div>
        );
      })}
      <Whoami />
    </nav>
  );
}

function Whoami() {
  const now = session.value;
  if (now.kind !== 'in') return null;
  return (
    <div class="side-foot">
      <label class="theme">
        <span class="hidden-text">Colours</span>
        <select value={theme.value} onChange={({ currentTarget }) => setTheme(currentTarget.value as Theme)}>
          <option value="system">As the system</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      <p class="clip" title={now.admin.name}>
        {now.admin.name} <span class="muted">· {role.value}</span>
      </p>
      <button type="button" class="plain" onClick={() => void signOut().catch(() => undefined)}>
        Sign out
      </button>
    </div>
  );
}

const loaded = new Map<string, ComponentType>();

function Loaded({ page }: { page: PagePlace }) {
  const [Page, show] = useState<ComponentType | null>(() => loaded.get(page.path) ?? null);
  const [failed, fail] = useState(false);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    if (Page !== null) return;
    CODE[page.path]?.().then(
      ({ default: component }) => {
        loaded.set(page.path, component);
        if (alive.current) show(() => component);
      },
      () => alive.current && fail(true),
    );
    return () => {
      alive.current = false;
    };
  }, [page]);
  if (failed)
    return (
      <ErrorNote
        problem={{
          status: 0,
          code: 'offline',
          message:
            'The code of this page could not be loaded: the network is away, or the gateway was updated meanwhile.',
          param: '',
          requestId: '',
        }}
        again={() => location.reload()}
      />
    );
  return Page === null ? <Shape lines={6} /> : <Page />;
}

function Nowhere() {
  return (
    <div class="empty">
      <h2>There is no such page</h2>
      <p>
        The address <code class="break">{path.value}</code> leads nowhere.{' '}
        <Link to="/">Go to the overview</Link>, or press <kbd>/</kbd> and search.
      </p>
    </div>
  );
}
