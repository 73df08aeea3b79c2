// The call as lines to run again. The key is never among what is kept: it is left open.
import type { KeptBody, LogRow } from '../../api/logs.ts';
import { callSnippets } from '../../format/snippets.ts';
import { Code } from '../../parts/code.tsx';

export function Repeat({ call, bodies }: { call: LogRow; bodies: readonly KeptBody[] }) {
  const kept = bodies.find(
    ({ kind, encoding, truncated }) => kind === 'request' && encoding === 'utf8' && !truncated,
  );
  const body = kept === undefined ? undefined : parsed(kept.text);
  return (
    <section>
      <h3>Make it again</h3>
      {body === undefined && (
        <p class="muted small">
          The request was not kept: the lines have the model and an example of a prompt.
        </p>
      )}
      <Code
        snippets={callSnippets({
          origin: location.origin,
          key: 'YOUR_KEY',
          model: call.requestedModel || call.model,
          prompt: 'Say hello.',
          stream: call.stream,
          ...(body === undefined ? {} : { body }),
          ...(body !== undefined && !call.route.includes('{') && !call.route.endsWith('/chat/completions')
            ? { path: call.route }
            : {}),
        })}
      />
    </section>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
