// Claude Code, and how it is pointed at a gateway. Its package installs itself by a script; the program is in a package of the
// machine's own, and runs from there.
import { launchOf } from '../../cluster/edge/agents.ts';
import type { Cli, CliCall } from './cli.ts';

export const CLAUDE_CODE: Cli = {
  package: '@anthropic-ai/claude-code@2.1.332',
  program: `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`,
};

/** No updates, no news, no telemetry. */
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_AUTOUPDATER: '1',
};

const turn = (model: string, prompt: string): string[] => [
  '-p',
  '--model',
  model,
  '--allowedTools',
  'Read',
  '--',
  prompt,
];

/** One turn of `claude -p`, which may read files. @param url of the gateway. @param model as the gateway knows it. */
export function claudeCall(url: string, key: string, model: string, prompt: string): CliCall {
  return {
    args: turn(model, prompt),
    env: { ...QUIET, ...launchOf('claude', { url, key }).env },
  };
}

/** The same by the routes of Bedrock. */
export function claudeBedrockCall(url: string, key: string, model: string, prompt: string): CliCall {
  const aws = { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'us-east-1', AWS_BEARER_TOKEN_BEDROCK: key };
  return { args: turn(model, prompt), env: { ...QUIET, ...aws, ANTHROPIC_BEDROCK_BASE_URL: url } };
}
