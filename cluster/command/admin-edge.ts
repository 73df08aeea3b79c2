// `headgate devices|edge-catalog|edge-policy|edge-authority`: machines at the edge on the command line.

/** Verbs by noun. */
export const EDGE_NOUNS: Readonly<Record<string, readonly string[]>> = {
  devices: ['list', 'get', 'create', 'update', 'delete', 'approve', 'deny'],
  'edge-catalog': ['list', 'get', 'approve', 'deny', 'delete'],
  'edge-policy': ['show', 'set'],
  'edge-authority': ['show', 'create', 'delete'],
};

export const EDGE_RESOURCE_HELP = `  headgate devices list|get NAME|create NAME|update NAME|delete NAME|approve NAME|deny NAME    machines at the edge
  headgate edge-catalog list|get ID|approve ID|deny ID|delete ID   apps and MCP servers found on them; --data '{"note":"…"}'
  headgate edge-policy show|set                 what holds for all of them; --file FILE
  headgate edge-authority show|create|delete    the one that machines trust which open connections
`;

export interface EdgeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/`. */
  readonly path: string;
  readonly body?: object;
  readonly paged?: true;
}

/** @param named the subject, as it stands in a path; throws when there is none. @param where as a query; '' = none */
export function edgeRequest(
  noun: string,
  verb: string,
  {
    subject,
    named,
    given,
    where,
  }: { subject: string | undefined; named(): string; given: Record<string, unknown>; where: string },
): EdgeRequest {
  if (noun === 'edge-policy')
    return verb === 'show'
      ? { method: 'GET', path: 'edge/policy' }
      : { method: 'PUT', path: 'edge/policy', body: given };
  if (noun === 'edge-authority') {
    const path = 'edge/authority';
    if (verb === 'create') return { method: 'POST', path, body: given };
    return { method: verb === 'show' ? 'GET' : 'DELETE', path };
  }
  const base = noun === 'devices' ? 'edge/devices' : 'edge/catalog';
  switch (verb) {
    case 'list':
      return { method: 'GET', path: `${base}?limit=500${where === '' ? '' : `&${where}`}`, paged: true };
    case 'create':
      return {
        method: 'POST',
        path: base,
        body: { ...(subject === undefined ? {} : { name: subject }), ...given },
      };
    case 'get':
    case 'delete':
      return { method: verb === 'get' ? 'GET' : 'DELETE', path: `${base}/${named()}` };
    case 'approve':
    case 'deny':
      return {
        method: 'PATCH',
        path: `${base}/${named()}`,
        body: { ...given, state: verb === 'deny' ? 'denied' : 'approved' },
      };
    default:
      return { method: 'PATCH', path: `${base}/${named()}`, body: given };
  }
}
