/** Whose API stands around a dialect and changes it a little. */
export type Hosted = 'vertex' | 'nvidia' | 'nvidia-catalog' | 'perplexity';
