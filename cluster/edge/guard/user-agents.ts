// Which app asks, by what it says of itself: for apps that were not set up with a key of their own.

const AGENTS: readonly (readonly [sign: RegExp, app: string])[] = [
  [/^claude-(?:cli|code)\b/i, 'claude'],
  [/^claude\/|claude desktop/i, 'claude-desktop'],
  [/^codex[_-]/i, 'codex'],
  [/^gemini-?cli/i, 'gemini'],
  [/\bopencode\//i, 'opencode'],
  [/\bcrush\b/i, 'crush'],
  [/\bcursor\//i, 'cursor'],
  [/^(?:githubcopilot|vscode)/i, 'vscode'],
  [/\bwindsurf\b|\bcodeium\b/i, 'windsurf'],
  [/^zed\//i, 'zed'],
  [/\baider\b/i, 'aider'],
];

/** '' = none that is known. */
export function appOfUserAgent(text: string): string {
  return AGENTS.find(([sign]) => sign.test(text))?.[1] ?? '';
}
