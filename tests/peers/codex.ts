// Codex CLI, pointed at a gateway as `headgate edge run codex` does it.
import { launchOf } from '../../cluster/edge/agents.ts';
import type { Cli, CliCall } from './cli.ts';

export const CODEX: Cli = { package: '@openai/codex@0.171.0', program: '@openai/codex/bin/codex.js' };

/** One turn of `codex exec` in an empty folder. @param url of the gateway. @param model as the gateway knows it. */
export function codexCall(url: string, key: string, model: string, prompt: string): CliCall {
  const launch = launchOf('codex', { url, key });
  return {
    args: [...launch.args, 'exec', '--skip-git-repo-check', '-m', model, prompt],
    env: { ...launch.env },
    files: {
      '.codex/config.toml': `approval_policy = "never"
sandbox_mode = "read-only"
check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
remote_plugin = false
apps = false
`,
    },
  };
}
