// Providers and models stand in the file alone.
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';

const FILE = `providers:
  openai:
    keys: [env.OPENAI_API_KEY]
models:
  fast: { targets: [openai/gpt-5-mini] }
`;

export function NotManaged() {
  return (
    <Empty title="The configuration stands in its file">
      <p>
        This gateway does not let providers and models be changed here. Its file says them; a change there is
        in force within a second, and nothing is restarted.
      </p>
      <Code snippets={[{ language: 'headgate.yaml', text: FILE }]} />
    </Empty>
  );
}
