// Closed sets of names that configuration values are taken from.

/** Levels of the logger, most severe first. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Client routes with clocks of their own. */
export const TIMED_ROUTES = [
  '/v1/chat/completions',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1beta/models/{model}:generateContent',
  '/v1beta/models/{model}:streamGenerateContent',
  '/v1beta/models/{model}:countTokens',
] as const;

/** Provider names that would collide with routes (`/<provider>/v1/...`). */
export const RESERVED_PROVIDERS: ReadonlySet<string> = new Set([
  'v1',
  'model',
  'v1alpha',
  'v1beta',
  'v1beta1',
  'models',
  'chat',
  'messages',
  'health',
  'livez',
  'readyz',
  'metrics',
]);

/** Signatures of tokens that are taken: of key pairs alone. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
