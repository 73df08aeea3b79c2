// No calls in this window: why, and the line that makes one.
import { may } from '../../api/session.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { callSnippets } from '../../format/snippets.ts';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';

export function FirstCall() {
  return (
    <Empty title="No calls in this window">
      <p>
        Look at a longer one above, or make a call.{' '}
        {may('provider', 'create') && <Link to={placeOf('/start')}>Three steps lead to the first one.</Link>}
      </p>
      <Code
        snippets={callSnippets({
          origin: location.origin,
          key: 'YOUR_KEY',
          model: 'MODEL',
          prompt: 'Say hello.',
        })}
      />
    </Empty>
  );
}
