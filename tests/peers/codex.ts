// Codex CLI, and how it is pointed at a gateway.
import type { Cli, CliCall } from './cli.ts';

export const CODEX: Cli = { package: '@openai/codex@0.171.0', program: '@openai/codex/bin/codex.js' };

/** One turn of `codex exec` in an empty folder. @param url of the gateway. @param model as the gateway knows it. */
export function codexCall(url: string, key: string, model: string, prompt: string): CliCall {
  return {
    args: ['exec', '--skip-git-repo-check', '-m', model, prompt],
    env: { HEADGATE_KEY: key },
    files: {
      '.codex/config.toml': `model_provider = "headgate"
approval_policy = "never"
sandbox_mode = "read-only"
check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
remote_plugin = false
apps = false
[model_providers.headgate]
name = "Headgate"
base_url = "${url}/v1"
env_key = "HEADGATE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`,
    },
  };
}
