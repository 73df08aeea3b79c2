// A text with line numbers, and beside it what may stand where the caret is. Lines that have a problem are marked.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConfigProblem } from '../../api/config.ts';
import { caretIn, putIn } from './caret.ts';
import { CaretHelp } from './caret-help.tsx';
import type { SchemaNode } from './schema-help.ts';

const LINES = 22;

export function Editor({
  text,
  problems,
  schema,
  onText,
}: {
  text: string;
  problems: readonly ConfigProblem[];
  /** Null: nobody says what may stand there. */
  schema: SchemaNode | null;
  onText: (text: string) => void;
}) {
  const numbers = useRef<HTMLPreElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const [offset, setOffset] = useState(0);
  const placed = useRef<number | null>(null);
  const wrong = new Set(problems.flatMap(({ line }) => (line === null || line === undefined ? [] : [line])));
  const lines = text.split('\n').length;
  const caret = caretIn(text, offset);
  const look = (): void => setOffset(area.current?.selectionStart ?? 0);
  // Behind what was put in, once it stands there.
  useLayoutEffect(() => {
    if (placed.current === null) return;
    area.current?.focus();
    area.current?.setSelectionRange(placed.current, placed.current);
    placed.current = null;
    look();
  });
  return (
    <div class="editor-and-help">
      <div class="editor">
        <pre ref={numbers} aria-hidden="true" class="editor-lines">
          {Array.from({ length: lines }, (_, index) => (
            <span key={index} class={wrong.has(index + 1) ? 'bad' : ''}>
              {index + 1}
              {'\n'}
            </span>
          ))}
        </pre>
        <textarea
          ref={area}
          class="mono"
          aria-label="Configuration"
          rows={Math.min(LINES, Math.max(16, lines + 1))}
          spellcheck={false}
          value={text}
          wrap="off"
          onInput={({ currentTarget }) => {
            onText(currentTarget.value);
            look();
          }}
          onKeyUp={look}
          onClick={look}
          onFocus={look}
          onScroll={({ currentTarget }) => {
            if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop;
          }}
        />
      </div>
      {schema !== null && (
        <CaretHelp
          schema={schema}
          caret={caret}
          take={(offer) => {
            const [next, at] = putIn(text, offset, caret, offer);
            placed.current = at;
            onText(next);
          }}
        />
      )}
    </div>
  );
}
