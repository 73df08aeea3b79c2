// What was said, where it was kept: as a conversation, or raw. Text, and nothing but text.
import { useState } from 'preact/hooks';
import type { KeptBody } from '../../api/logs.ts';
import { conversationOf } from '../../format/conversation.ts';
import { bytes } from '../../format/number.ts';
import { Copy } from '../../parts/copy.tsx';
import { Tabs } from '../../parts/tabs.tsx';

export function Bodies({ bodies }: { bodies: readonly KeptBody[] }) {
  if (bodies.length === 0)
    return (
      <section>
        <h3>What was said</h3>
        <p class="muted">
          Requests and answers are not kept. The configuration can keep them, for all or for single keys.
        </p>
      </section>
    );
  return (
    <>
      {bodies.map((body) => (
        <Body key={body.kind} body={body} />
      ))}
    </>
  );
}

function Body({ body }: { body: KeptBody }) {
  const turns = body.encoding === 'utf8' ? conversationOf(body.text) : [];
  const [view, setView] = useState(turns.length > 0 ? 'talk' : 'raw');
  return (
    <section>
      <div class="row apart">
        <h3>
          {body.kind === 'request' ? 'Request' : 'Answer'} · {bytes(body.bytes)}
          {body.truncated && ', only its beginning was kept'}
        </h3>
        <span class="row">
          {turns.length > 0 && (
            <Tabs
              label="Shown as"
              tabs={[
                ['talk', 'Conversation'],
                ['raw', 'Raw'],
              ]}
              value={view}
              onPick={setView}
            />
          )}
          <Copy text={body.text} />
        </span>
      </div>
      {view === 'raw' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <pre class="json" tabIndex={0}>
          {body.text}
        </pre>
      ) : (
        <div class="talk">
          {turns.map(({ role, text }, index) => (
            <div key={index} class={`turn ${role}`}>
              <span class="small muted">{role}</span>
              <p>{text}</p>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
