// The table of error codes: stable names, the public default text, and the decision each carries.
// docs/errors.md is generated from it (scripts/errors-doc.ts).
import type { ErrorKind, ErrorSource, RetryAdvice } from './error-decision.ts';

interface CodeEntry {
  readonly status: number;
  readonly source: ErrorSource;
  readonly kind: ErrorKind;
  readonly retry: RetryAdvice;
  readonly errorType: string;
  readonly message: string;
}

const client = (status: number, kind: ErrorKind, errorType: string, message: string): CodeEntry => ({
  status,
  source: 'client',
  kind,
  retry: 'no',
  errorType,
  message,
});
const gateway = (
  status: number,
  kind: ErrorKind,
  retry: RetryAdvice,
  errorType: string,
  message: string,
): CodeEntry => ({ status, source: 'gateway', kind, retry, errorType, message });
const upstream = (
  status: number,
  kind: ErrorKind,
  retry: RetryAdvice,
  errorType: string,
  message: string,
): CodeEntry => ({ status, source: 'upstream', kind, retry, errorType, message });

export const ERROR_CODES = {
  GW_CLIENT_BAD_FRAMING: client(
    400,
    'invalid_request',
    'caller_invalid_request',
    'The request framing is ambiguous.',
  ),
  GW_CLIENT_BAD_HEADER: client(
    400,
    'invalid_request',
    'caller_invalid_request',
    'A request header is not valid.',
  ),
  GW_CLIENT_BAD_PATH: client(
    400,
    'invalid_request',
    'caller_invalid_request',
    'The request path is ambiguous.',
  ),
  GW_CLIENT_BAD_JSON: client(
    400,
    'invalid_request',
    'caller_invalid_request',
    'The request body is not valid JSON.',
  ),
  GW_CLIENT_BAD_REQUEST: client(
    400,
    'invalid_request',
    'caller_invalid_request',
    'The request is not valid.',
  ),
  GW_CLIENT_UNSUPPORTED: client(
    400,
    'unsupported',
    'caller_unsupported',
    'A field cannot be carried over to this provider.',
  ),
  GW_CLIENT_AUTH: client(401, 'auth', 'caller_auth', 'No valid API key was given.'),
  GW_CLIENT_KEY_EXPIRED: client(401, 'auth', 'caller_auth', 'The API key has expired.'),
  GW_CLIENT_KEY_BLOCKED: client(401, 'auth', 'caller_auth', 'The API key is blocked.'),
  GW_CLIENT_FORBIDDEN: client(403, 'permission', 'caller_permission', 'This key may not do that.'),
  GW_CLIENT_MODEL_FORBIDDEN: client(
    403,
    'permission',
    'caller_permission',
    'This key may not use that model.',
  ),
  GW_CLIENT_ENDPOINT_FORBIDDEN: client(
    403,
    'permission',
    'caller_permission',
    'This key may not call that endpoint.',
  ),
  GW_CLIENT_ADDRESS_FORBIDDEN: client(
    403,
    'permission',
    'caller_permission',
    'This key may not be used from that address.',
  ),
  GW_CLIENT_MODEL_NOT_FOUND: client(
    404,
    'model_not_found',
    'caller_not_found',
    'No configured provider offers this model.',
  ),
  GW_CLIENT_RESPONSE_NOT_FOUND: client(
    404,
    'route_not_found',
    'caller_not_found',
    'The previous response, or the conversation, is not kept for this key or model.',
  ),
  GW_CLIENT_STORED_NOT_FOUND: client(
    404,
    'route_not_found',
    'caller_not_found',
    'No response, conversation or item of that id is kept for this key.',
  ),
  GW_CLIENT_ITEM_NOT_FOUND: client(
    404,
    'route_not_found',
    'caller_not_found',
    'An item of the input is not kept for this model.',
  ),
  GW_CLIENT_OBJECT_NOT_FOUND: client(404, 'route_not_found', 'caller_not_found', 'There is no such object.'),
  GW_CLIENT_NOT_CACHED: client(
    404,
    'route_not_found',
    'caller_not_found',
    'No kept answer fits this request, and it asked for no other.',
  ),
  GW_CLIENT_ROUTE_NOT_FOUND: client(404, 'route_not_found', 'caller_not_found', 'There is no such route.'),
  GW_CLIENT_METHOD: client(
    405,
    'method_not_allowed',
    'caller_not_found',
    'This route does not take that method.',
  ),
  GW_CLIENT_UPGRADE: client(
    426,
    'method_not_allowed',
    'caller_not_found',
    'This route is not served over WebSocket: send the request with POST.',
  ),
  GW_CLIENT_BODY_TIMEOUT: client(
    408,
    'invalid_request',
    'caller_invalid_request',
    'The request body took too long to arrive.',
  ),
  GW_CLIENT_IDEMPOTENCY: client(
    409,
    'invalid_request',
    'caller_invalid_request',
    'This Idempotency-Key was used with another request.',
  ),
  GW_CLIENT_TOO_LARGE: client(413, 'too_large', 'caller_too_large', 'The request body is too large.'),
  GW_CLIENT_MEDIA_TYPE: client(
    415,
    'unsupported_media',
    'caller_invalid_request',
    'The content type or encoding is not supported.',
  ),
  GW_CLIENT_GONE: client(499, 'cancelled', 'caller_cancelled', 'The client closed the connection.'),
  GW_CLIENT_DEADLINE: client(
    504,
    'upstream_timeout',
    'caller_timeout_header',
    'The deadline the request set has passed.',
  ),

  GW_LANE_FULL: gateway(
    503,
    'overloaded',
    'next',
    'gateway_overloaded',
    'The queue for this provider is full.',
  ),
  GW_LANE_QUEUE_TIMEOUT: gateway(
    503,
    'overloaded',
    'next',
    'gateway_overloaded',
    'The request waited too long for a free place at this provider.',
  ),
  GW_LANE_NO_KEY: gateway(
    503,
    'overloaded',
    'next',
    'provider_quota',
    'No key of this provider is usable at the moment.',
  ),
  GW_LANE_NO_CREDENTIAL: gateway(
    503,
    'overloaded',
    'key',
    'gateway_dependency',
    "The gateway's own sign-in at this provider has expired or was not possible yet.",
  ),
  GW_LIMIT_EXCEEDED: gateway(
    429,
    'rate_limit',
    'next',
    'policy_rate_limit',
    'A limit of this gateway is reached.',
  ),
  GW_LIMIT_UNKNOWN: gateway(
    503,
    'overloaded',
    'next',
    'gateway_dependency',
    'The limits of this call cannot be checked at the moment.',
  ),
  GW_CALLER_UNKNOWN: gateway(
    503,
    'overloaded',
    'no',
    'gateway_dependency',
    'Who calls cannot be checked at the moment.',
  ),
  GW_GATEHOUSE_AWAY: gateway(
    503,
    'overloaded',
    'no',
    'gateway_dependency',
    'The administration of this gateway cannot be reached at the moment.',
  ),
  GW_GATEWAY_BUSY: gateway(503, 'overloaded', 'no', 'gateway_overloaded', 'The gateway is overloaded.'),
  GW_GATEWAY_DRAINING: gateway(503, 'overloaded', 'no', 'gateway_draining', 'The gateway is shutting down.'),
  GW_GATEWAY_INTERNAL: gateway(
    500,
    'internal',
    'no',
    'gateway_internal',
    'The gateway failed on this request.',
  ),

  GW_UPSTREAM_REJECTED: upstream(
    400,
    'invalid_request',
    'no',
    'provider_rejected',
    'The provider refused the request.',
  ),
  GW_UPSTREAM_CONTEXT: upstream(
    400,
    'invalid_request',
    'next',
    'provider_rejected',
    "The request is longer than the model's context.",
  ),
  GW_UPSTREAM_CONTENT_POLICY: upstream(
    400,
    'invalid_request',
    'no',
    'provider_rejected',
    'The provider refused the content of the request.',
  ),
  GW_UPSTREAM_AUTH: upstream(401, 'auth', 'key', 'provider_auth', "The provider refused the gateway's key."),
  GW_UPSTREAM_QUOTA: upstream(
    429,
    'rate_limit',
    'key',
    'provider_quota',
    "The quota of the gateway's key at the provider is spent.",
  ),
  GW_UPSTREAM_RATE_LIMIT: upstream(
    429,
    'rate_limit',
    'key',
    'provider_rate_limit',
    'The provider is limiting requests.',
  ),
  GW_UPSTREAM_OVERLOADED: upstream(
    503,
    'overloaded',
    'same',
    'provider_overloaded',
    'The provider is overloaded.',
  ),
  GW_UPSTREAM_ERROR: upstream(
    502,
    'upstream_failed',
    'same',
    'provider_server_error',
    'The provider failed to answer.',
  ),
  GW_UPSTREAM_CONNECT: upstream(
    502,
    'upstream_failed',
    'same',
    'provider_connect',
    'The provider could not be reached.',
  ),
  GW_UPSTREAM_DNS: upstream(
    502,
    'upstream_failed',
    'next',
    'provider_connect',
    "The provider's host name could not be resolved.",
  ),
  GW_UPSTREAM_RESET: upstream(
    502,
    'upstream_failed',
    'same',
    'provider_connect',
    'The provider closed the connection before it answered.',
  ),
  GW_UPSTREAM_BAD_OUTPUT: upstream(
    502,
    'upstream_failed',
    'same',
    'provider_bad_output',
    "The provider's answer could not be understood.",
  ),
  GW_UPSTREAM_DIVERGED: upstream(
    502,
    'upstream_failed',
    'next',
    'provider_bad_output',
    'Another answer does not go on from what was sent.',
  ),
  GW_UPSTREAM_TOO_LARGE: upstream(
    502,
    'upstream_failed',
    'no',
    'provider_bad_output',
    "The provider's answer is larger than allowed.",
  ),
  GW_UPSTREAM_TRUNCATED: upstream(
    502,
    'upstream_failed',
    'same',
    'provider_truncated',
    "The provider's answer broke off before its end.",
  ),
  GW_UPSTREAM_TIMEOUT_CONNECT: upstream(
    504,
    'upstream_timeout',
    'next',
    'provider_timeout_connect',
    'Connecting to the provider took too long.',
  ),
  GW_UPSTREAM_TIMEOUT_HEADERS: upstream(
    504,
    'upstream_timeout',
    'next',
    'provider_timeout_headers',
    'The provider did not begin to answer in time.',
  ),
  GW_UPSTREAM_TIMEOUT_FIRST_TOKEN: upstream(
    504,
    'upstream_timeout',
    'next',
    'provider_timeout_first_event',
    'The provider did not send a first token in time.',
  ),
  GW_UPSTREAM_TIMEOUT_IDLE: upstream(
    504,
    'upstream_timeout',
    'next',
    'provider_timeout_idle',
    "The provider's stream stood still for too long.",
  ),
  GW_UPSTREAM_TIMEOUT_RATE: upstream(
    504,
    'upstream_timeout',
    'next',
    'provider_timeout_idle',
    "The provider's stream was slower than allowed.",
  ),
  GW_UPSTREAM_TIMEOUT_TOTAL: upstream(
    504,
    'upstream_timeout',
    'no',
    'provider_timeout_total',
    'The whole answer took longer than allowed.',
  ),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
