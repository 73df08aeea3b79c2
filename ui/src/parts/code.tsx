// Lines to copy, in one of several languages.
import { useState } from 'preact/hooks';
import type { Snippet } from '../format/snippets.ts';
import { Copy } from './copy.tsx';
import { Tabs } from './tabs.tsx';

export function Code({ snippets }: { snippets: readonly Snippet[] }) {
  const [language, pick] = useState(snippets[0]?.language ?? '');
  const shown = snippets.find((one) => one.language === language) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <div class="code">
      <div class="code-head">
        <Tabs
          label="Language"
          tabs={snippets.map((one) => [one.language, one.language])}
          value={shown.language}
          onPick={pick}
        />
        <Copy text={shown.text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{shown.text}</pre>
    </div>
  );
}
