// Writes docs/errors.md from the code table. `node scripts/errors-doc.ts --check` fails when the file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../src/contracts/error-codes.ts';

const ADVICE: Readonly<Record<string, string>> = {
  no: 'not retried',
  fresh: 'repeated once on a new connection',
  same: 'retried with back-off, then the next target',
  key: 'another key of the provider at once, then back-off (rate limits) or the next target',
  next: 'the next target at once',
};

const HEAD = `# Errors

Every error a client sees is written in the dialect of the route it called, carries \`x-request-id\` and \`request-id\`,
and belongs to one of these codes. OpenAI routes show the code (or the vendor's own, such as \`invalid_api_key\`) in
\`error.code\`, Anthropic routes in \`error.details.error_code\`, Bedrock routes the nearest exception of AWS in
\`x-amzn-errortype\`. Errors of an upstream keep the vendor's status, type,
message and \`Retry-After\`; keys of ours that appear in them are masked. After the first byte of a stream an error is
one error event, and the stream has no clean end.

\`x-should-retry: false\` stands on every error that trying again cannot help: on faults of the request, and on errors of
a provider, where the gateway has made the attempts that could help. The official SDKs and Claude Code obey it before
they look at the status. A full lane, a limit, a gateway that shuts down and a body that was slow to arrive carry none:
there an SDK comes back by status and \`retry-after\`. A 401 carries \`www-authenticate\`, with the realm \`headgate\` when
the caller's key was refused and \`provider\` when the gateway's key was refused by a provider.

A prompt that is too long for its model is recognised in the words of some thirty vendors and told in those of the
route's: \`context_length_exceeded\` with status 400 on OpenAI routes, \`prompt is too long: N tokens > M maximum\` (or
\`input length and max_tokens exceed context limit: N + A > M\`) on Anthropic routes, at which agents shorten the
conversation. What an OpenAI-type vendor said to an OpenAI client stays as it is.

A path that belongs to no vendor (\`/v1/models\`, a route that does not exist, a wrong method) answers in Anthropic's shape
when the caller sends \`anthropic-version\`, or its key in \`x-api-key\` and none in \`authorization\`; in Gemini's when it sends
\`x-goog-api-client\`, or its key in \`x-goog-api-key\` alone.

The column *next* says what the gateway does before the client hears of it. \`errorType\` is the value in logs and metrics.

`;

export function errorsPage(): string {
  const sections: string[] = [];
  const titles = {
    client: 'Caused by the request',
    gateway: 'Caused by the gateway',
    upstream: 'Caused by a provider',
  };
  for (const [source, title] of Object.entries(titles)) {
    const rows = Object.entries(ERROR_CODES)
      .filter(([, entry]) => entry.source === source)
      .map(
        ([code, entry]) =>
          `| \`${code}\` | ${entry.status} | ${entry.message} | ${ADVICE[entry.retry]} | \`${entry.errorType}\` |`,
      );
    sections.push(
      `## ${title}\n\n| code | status | default text | next | errorType |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
    );
  }
  return HEAD + sections.join('\n');
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'docs', 'errors.md');
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') !== errorsPage()) {
      console.error('docs/errors.md is out of date: run `node scripts/errors-doc.ts`');
      process.exit(1);
    }
  } else writeFileSync(file, errorsPage());
}
