// Whom a request is for, as Host and the target of a request may say it.

/** `name`, `1.2.3.4` or `[::1]`, each with or without a port (RFC 9110 7.2, RFC 3986 3.2.2). */
export const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;
