// A text with line numbers; lines that have a problem are marked.
import { useRef } from 'preact/hooks';
import type { ConfigProblem } from '../../api/config.ts';

const LINES = 22;

export function Editor({
  text,
  problems,
  onText,
}: {
  text: string;
  problems: readonly ConfigProblem[];
  onText: (text: string) => void;
}) {
  const numbers = useRef<HTMLPreElement>(null);
  const wrong = new Set(problems.flatMap(({ line }) => (line === null || line === undefined ? [] : [line])));
  const lines = text.split('\n').length;
  return (
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
        class="mono"
        aria-label="Configuration"
        rows={Math.min(LINES, Math.max(8, lines + 1))}
        spellcheck={false}
        value={text}
        wrap="off"
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
