// How long a budget of another gateway lasts, in our words.
import { WINDOW_PATTERN } from '../../budgets/window.ts';

const OURS = new RegExp(WINDOW_PATTERN);
/** LiteLLM's thirty days are a month of the calendar and its seven days a week, whatever they say. */
const LITELLM: Readonly<Record<string, string>> = {
  '30d': '1M',
  '7d': '1w',
  '24h': '1d',
  '1mo': '1M',
  '365d': '1Y',
};

/** @returns null where it is none that we know. Without one a budget is for good. */
export function litellmWindow(text: string | undefined): string | null {
  if (text === undefined) return 'never';
  const window = LITELLM[text] ?? text.replace(/mo$/, 'M').replace(/y$/, 'Y');
  return OURS.test(window) ? window : null;
}

export function bifrostWindow(text: string | undefined): string | null {
  if (text === undefined) return 'never';
  return OURS.test(text) ? text : null;
}
