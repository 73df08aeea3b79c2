// How a WebSocket ends (RFC 6455, 7.4.1).
export const [NORMAL, GOING_AWAY, NO_STATUS, POLICY, TOO_BIG, BROKEN] = [
  1000, 1001, 1005, 1008, 1009, 1011,
] as const;

/** Codes that nobody may send say only how a connection ended. */
export function sendable(code: number): number {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999)
    ? code
    : BROKEN;
}
