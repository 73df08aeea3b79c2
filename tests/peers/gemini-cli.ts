// Gemini CLI, and how it is pointed at a gateway. With a base URL alone it takes a way to log in that it refuses without a
// terminal: the settings name the one by key.
import { launchOf } from '../../cluster/edge/agents.ts';
import type { Cli, CliCall } from './cli.ts';

export const GEMINI_CLI: Cli = {
  package: '@google/gemini-cli@0.61.0',
  program: '@google/gemini-cli/bundle/gemini.js',
  bare: true,
};

const SETTINGS = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

/** One turn of `gemini -p`. @param url of the gateway. @param model as the gateway knows it. */
export function geminiCall(url: string, key: string, model: string, prompt: string): CliCall {
  return {
    args: ['--skip-trust', '--model', model, '-p', prompt],
    env: { ...launchOf('gemini', { url, key }).env, GEMINI_CLI_NO_RELAUNCH: 'true' },
    files: { '.gemini/settings.json': JSON.stringify(SETTINGS) },
  };
}
