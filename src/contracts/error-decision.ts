// What an error decides, whatever its code: whose fault it is, what a retry may do, and which case each dialect renders.

/** Who caused the error. Metrics and logs blame by this. */
export type ErrorSource = 'client' | 'gateway' | 'upstream';

/**
 * What the dispatcher may do after the error:
 * - `no`: nothing; the answer goes to the client.
 * - `fresh`: at once, once, on a new connection (keep-alive race: zero response bytes).
 * - `same`: the same target after a back-off, then the next one.
 * - `key`: at once with another key of the same target, then the next target.
 * - `next`: never this target again, the next one at once.
 */
export type RetryAdvice = 'no' | 'fresh' | 'same' | 'key' | 'next';

/** The case an error belongs to; each dialect maps it to its own status, type and code (wire.md 11.1). */
export type ErrorKind =
  | 'invalid_request'
  | 'unsupported'
  | 'auth'
  | 'permission'
  | 'model_not_found'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'timeout_header'
  | 'too_large'
  | 'unsupported_media'
  | 'rate_limit'
  | 'budget'
  | 'overloaded'
  | 'upstream_failed'
  | 'upstream_timeout'
  | 'cancelled'
  | 'internal';
