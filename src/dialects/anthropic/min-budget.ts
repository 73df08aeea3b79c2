/** Smallest budget Anthropic takes, in tokens. */
export const MIN_BUDGET = 1024;
