// Shapes of what `/api/edge` takes and shows; src/contracts/edge.ts has the same as types.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import {
  EDGE_DECISIONS,
  EDGE_ITEM_TYPES,
  EDGE_LIMITS,
  EDGE_STATES,
  EDGE_TRANSPORTS,
} from '../../src/contracts/edge.ts';
import { choice, flag, list, object, reference, text, whole } from './fields.ts';

export const state = choice(
  EDGE_STATES,
  '`pending`: nobody has decided; the policy says what holds until then.',
);
const decision = (description: string): SchemaNode => choice(EDGE_DECISIONS, description);
const free = (description: string, maxLength = 256): SchemaNode => ({
  type: 'string',
  maxLength,
  description,
});

export const deviceName: SchemaNode = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$',
  'x-expected': 'a name of letters, digits, `.`, `_`, `@`, `-` (64 at most)',
  description: 'What it is called; unique.',
};
export const platform = free('System and processor, such as `darwin-arm64`.', 64);

export const deviceFields = {
  id: text('Made by the gateway.'),
  name: deviceName,
  state,
  decision: decision('What holds now: its state, or the policy while it is pending.'),
  platform,
  version: free('Of the edge that runs there, as it said last.', 64),
  person: free('Who enrolled it.', 320),
  subject: free('The same as a name that nobody else has; empty: an administrator made it.', 2_600),
  team: reference('team'),
  user: reference('user'),
  key: text('Id of the key it calls with.'),
  seenAt: text('When it asked for its orders last, ISO 8601; null = never.'),
  version_: whole(1, Number.MAX_SAFE_INTEGER, 'Counts its changes; the ETag.'),
  createdAt: text('ISO 8601.'),
};
const { version_, ...shownDevice } = deviceFields;
export const deviceShape = object({ ...shownDevice, revision: version_ }, [
  'id',
  'name',
  'state',
  'decision',
]);

const common = {
  type: choice(
    EDGE_ITEM_TYPES,
    '`app`: a program that speaks to models; `server`: an MCP server that one is told of.',
  ),
  target: text('Of an app which it is; of a server its address, or its command with arguments.', 2_048),
  names: list(text('', 128), 'What it is called where it is found.'),
  transport: choice(EDGE_TRANSPORTS, 'Of a server.'),
};
export const itemShape = object(
  {
    id: text('Made by the gateway.'),
    ...common,
    state,
    decision: decision('What holds now.'),
    note: free('Of who decided, in their own words.', 1_024),
    decidedBy: free('Who did; empty: nobody yet.'),
    devices: whole(0, Number.MAX_SAFE_INTEGER, 'On how many it is.'),
    version: whole(1, Number.MAX_SAFE_INTEGER, 'Counts its changes; the ETag.'),
    createdAt: text('When it was found first, ISO 8601.'),
  },
  ['id', 'type', 'target', 'state', 'decision', 'devices'],
);
export const findShape = object(
  {
    device: text('Id of the device.'),
    deviceName: text('Its name.'),
    item: text('Id of what was found.'),
    type: choice(EDGE_ITEM_TYPES, 'What it is.'),
    target: text('Which it is.', 2_048),
    state,
    names: list(text('', 128), 'What it is called there.'),
    version: free('Of it, there.', 128),
    sources: list(
      text('', 1_024),
      'Of a server: apps that are told of it; of an app: files it was found by.',
    ),
    since: text('ISO 8601.'),
  },
  ['device', 'item', 'names', 'sources'],
);

export const findings = {
  ...list(
    object(
      { ...common, version: free('Of it.', 128), sources: list(text('', 1_024), 'Where it was found.') },
      ['type', 'target', 'names', 'transport', 'version', 'sources'],
    ),
    'All that is found on the device now.',
  ),
  maxItems: EDGE_LIMITS.findings,
};

const pathPart = (description: string): SchemaNode => ({
  type: 'string',
  pattern: '^/[A-Za-z0-9._~/-]{0,255}$',
  'x-expected': 'the beginning of a path, such as `/v1/`',
  description,
});
const host = object(
  {
    host: {
      type: 'string',
      pattern: '^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$',
      'x-expected': 'the name of a host in small letters, such as `api.anthropic.com`',
      description: 'Whose connections are opened.',
    },
    routes: {
      ...list(
        object({ path: pathPart('At the vendor.'), to: pathPart('In its place at the gate.') }, [
          'path',
          'to',
        ]),
        'What goes to the gate; `/v1/` and `/v1beta/` where nothing is said.',
      ),
      maxItems: 20,
    },
    other: choice(
      ['pass', 'block'],
      'All other paths: to the vendor as they come, or refused. `pass` unless it says so.',
    ),
  },
  ['host'],
);
export const policyShape = object(
  {
    pendingDevices: decision('Of devices that nobody has decided on.'),
    pendingApps: decision('Of apps.'),
    pendingServers: decision('Of MCP servers.'),
    refreshSeconds: whole(5, 86_400, 'How often devices ask for their orders.'),
    fallback: flag('Devices may ask a gate on their own machine while this one cannot be reached.'),
    intercept: object(
      {
        enabled: flag(
          'The edge, as a proxy, opens connections to these hosts. It needs the authority that `POST /api/edge/authority` makes.',
        ),
        hosts: { ...list(host, 'Of vendors.'), maxItems: 200 },
      },
      ['enabled', 'hosts'],
    ),
  },
  ['pendingDevices', 'pendingApps', 'pendingServers', 'refreshSeconds', 'fallback', 'intercept'],
);

export const ordersShape = object(
  {
    device: object({ id: text(''), name: text(''), state }, ['id', 'name', 'state']),
    decision: decision('Of the device itself.'),
    verdicts: list(
      object(
        {
          type: common.type,
          target: common.target,
          state,
          decision: decision('What holds.'),
          note: free('Why, in the words of who decided.', 1_024),
        },
        ['type', 'target', 'state', 'decision', 'note'],
      ),
      'Of all that it reported.',
    ),
    policy: policyShape,
  },
  ['device', 'decision', 'verdicts', 'policy'],
);
