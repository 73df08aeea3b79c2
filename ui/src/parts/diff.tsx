// What changes, field by field: before and after.
import { changesOf } from '../format/changes.ts';

export function Diff({ before, after }: { before: unknown; after: unknown }) {
  const changes = changesOf(before, after);
  if (changes.length === 0) return <p class="muted">Nothing changes.</p>;
  return (
    <ul class="diff">
      {changes.map(({ path, from, to }) => (
        <li key={path}>
          <code class="break">{path}</code>
          {from !== undefined && (
            <del class="break">
              <span class="hidden-text">before: </span>
              {show(from)}
            </del>
          )}
          {to !== undefined && (
            <ins class="break">
              <span class="hidden-text">after: </span>
              {show(to)}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
