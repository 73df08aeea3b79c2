// Writes docs/endpoints.md from the route table and the operations. `node scripts/endpoints-doc.ts --check` fails when the file is
// out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codecOf } from '../src/contracts/dialect.ts';
import type { Operation } from '../src/contracts/operation.ts';
import type { LocalRoute, ModelRoute } from '../src/contracts/route.ts';
import { GOOGLE_TEMPLATES, isOfFiles } from '../src/http/routes/google-paths.ts';
import { routes } from '../src/http/routes/routes.ts';
import { VENDOR_PATHS } from '../src/http/routes/vendor-paths.ts';
import { dialects } from '../src/registry/dialects.ts';
import { operations } from '../src/registry/operations.ts';

const HEAD = `# Endpoints

Every path that Headgate answers. Paths of models may begin with the name of a provider (\`/groq/v1/chat/completions\`) or of a
vendor (\`/openai\`, \`/anthropic\`, \`/genai\`, \`/bedrock\`, \`/cohere\`), and their version may be left out where no other vendor has
the same path in another one. Below the name of a provider a model is that provider's, also where its own name begins as another
provider's (\`openai/gpt-oss-120b\` below \`/groq/v1\`), if it offers it; what \`fallbacks\` name, and what a name of the configuration or of a key stands for, is where it says; below a vendor's name \`provider/model\` goes to any. Each of them wants a key, counts in its limits, goes through the lane of its provider, has a line in
the access log and its counts in the metrics, and says errors in the dialect of its client; a test walks them all.

Client and provider of one dialect get each other's bytes. Otherwise a request is translated where the operation has a form of its
own that both know, and a provider that does not serve the operation is no target of it: where nobody does, the answer is a 400 that
says so.
`;

const ANSWERS: Readonly<Record<Operation['answer'], string>> = {
  deltas: 'whole or streamed',
  events: 'whole or streamed',
  json: 'whole',
  bytes: 'as it comes',
  socket: 'messages, both ways',
};

/** Where requests of an operation can go. */
function upstreams({ name, raw, standIn, estimated, answer }: Operation): string {
  if (raw !== undefined) return raw.verbatim ? 'the provider that is named' : 'providers of the same dialect';
  const having = Object.values(dialects).filter((dialect) => codecOf(dialect, name) !== null);
  const translated = name === 'chat' || (answer === 'json' && having.length > 1 && !estimated);
  const named = having.map((dialect) => dialect.name).join(', ');
  if (standIn !== null) return `${named}; any other by a ${standIn}`;
  if (estimated) return `${named}; any other by an estimate (\`x-headgate-estimated\`)`;
  return translated ? `${named}, translated into each other` : named;
}

function operationRow(operation: Operation): string {
  const { name, answer, meters, defaultModel } = operation;
  const model = defaultModel === undefined ? '' : `, \`${defaultModel}\` where no model is named`;
  return `| ${name} | ${ANSWERS[answer]} | ${meters.join(', ')} | ${upstreams(operation)}${model} |`;
}

/** One row a path, method list and dialect. */
function routeRow({ template, methods, dialect, operation, asJson }: ModelRoute): string {
  const listed = methods.length > 4 ? 'any' : methods.join(', ');
  const json = asJson === undefined ? '' : `, with a body of JSON ${asJson.operation.name}`;
  return `| \`${template}\` | ${listed} | ${dialect} | ${operation.name}${json} |`;
}

function localRow({ template, methods, open, answer }: LocalRoute): string {
  return `| \`${template}\` | ${methods.join(', ')} | ${open ? 'no' : 'yes'} | ${answer} |`;
}

/** One row a path that goes to its vendor as it comes. */
function vendorRows(): string[] {
  const row = (path: string, vendor: string, own: boolean, free: boolean): string =>
    `| \`${path}\` | ${vendor} | ${own ? 'yes' : 'no'} | ${free ? 'no' : 'yes'} |`;
  return [
    ...VENDOR_PATHS.flatMap(({ vendor, dialect, templates }) =>
      templates.map(({ path, own, free }) => row(path, dialect ?? vendor, own, free)),
    ),
    ...GOOGLE_TEMPLATES.map((path) => row(path, 'gemini', true, isOfFiles(path))),
  ];
}

const unique = (rows: readonly string[]): string => [...new Set(rows)].join('\n');

/** The page as Markdown. */
export function endpointsPage(): string {
  const model = routes.filter((route) => route.kind === 'model');
  const local = routes.filter((route) => route.kind === 'local');
  return `${HEAD}
## Paths of models

| path | methods | dialect | operation |
|---|---|---|---|
${unique(model.map(routeRow))}

## Paths of vendors' own

What vendors' clients ask beside models' answers. A path and all below it goes to the provider as it comes, with any method, as below
\`/passthrough\`: to the one whose name stands before it (\`/mistral/v1/agents\`), else to the first that speaks the dialect or is of the
vendor. Where the path needs no name before it, the vendor's client needs no other base URL; of what two have at one path Anthropic's
clients get Anthropic's. What is charged counts as a call of the
provider; the rest is asked also by who has nothing left to spend.

| path | provider of | without a name before it | charged |
|---|---|---|---|
${vendorRows().join('\n')}

## What is not served

- AWS's \`invoke_model_with_bidirectional_stream\` (Nova Sonic). It is a stream in both directions over HTTP/2, which the gateway's
  listeners take for gRPC alone: AWS's SDKs report a protocol error (\`ERR_HTTP2_ERROR\`) before any answer can be given; asked over
  HTTP/1.1 the path is a 404 that says so. Spoken conversations of other vendors are at \`/v1/realtime\` and Gemini Live's paths.
- What OpenAI and Anthropic have of a whole organization (\`/v1/organization/…\`, \`/v1/webhook_endpoints\`, \`/v1/safety/…\`,
  \`/v1/organizations/…\`, \`/v1/compliance/…\`): a 404 that points to \`/passthrough/{provider}\`, where a provider has a key for it.

## Operations

| operation | answer | counted | goes to |
|---|---|---|---|
${Object.values(operations).map(operationRow).join('\n')}

## Answered by the gateway itself

| path | methods | key | what |
|---|---|---|---|
${unique(local.map(localRow))}
`;
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'docs', 'endpoints.md');
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') !== endpointsPage()) {
      console.error('docs/endpoints.md is out of date: node scripts/endpoints-doc.ts');
      process.exitCode = 1;
    }
  } else writeFileSync(file, endpointsPage());
}
