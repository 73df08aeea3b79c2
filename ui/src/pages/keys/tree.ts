// Organization › team › user › key, as rows in the order of a tree.
import type { Book, Key, Kind, Managed } from './objects.ts';

export interface TreeRow {
  readonly kind: Kind;
  readonly object: Managed;
  readonly depth: number;
  /** Keys at it and below it. */
  readonly keys: number;
}

type Members = Pick<Book, 'organizations' | 'teams' | 'users' | 'keys'>;

export function treeOf({ organizations, teams, users, keys }: Members): TreeRow[] {
  const known = {
    organization: new Set(organizations.map(({ id }) => id)),
    team: new Set(teams.map(({ id }) => id)),
    user: new Set(users.map(({ id }) => id)),
  };
  const teamOfUser = new Map(users.map(({ id, team }) => [id, team]));
  // A key belongs to its user where it has one, else to its team, else to its organization.
  const homeOf = (key: Key): string => {
    if (key.user !== undefined && known.user.has(key.user)) return `user/${key.user}`;
    if (key.team !== undefined && known.team.has(key.team)) return `team/${key.team}`;
    if (key.organization !== undefined && known.organization.has(key.organization))
      return `organization/${key.organization}`;
    return '';
  };
  const keysAt = Map.groupBy(keys, homeOf);
  const usersAt = Map.groupBy(users, ({ id }) => {
    const team = teamOfUser.get(id);
    return typeof team === 'string' && known.team.has(team) ? team : '';
  });
  const teamsAt = Map.groupBy(teams, ({ organization }) =>
    organization !== undefined && known.organization.has(organization) ? organization : '',
  );
  const keyRows = (home: string, depth: number): TreeRow[] =>
    (keysAt.get(home) ?? []).map((object) => ({ kind: 'key', object, depth, keys: 1 }));
  const userRows = (team: string, depth: number): TreeRow[] =>
    (usersAt.get(team) ?? []).flatMap((object) =>
      withBelow('user', object, depth, keyRows(`user/${object.id}`, depth + 1)),
    );
  const teamRows = (organization: string, depth: number): TreeRow[] =>
    (teamsAt.get(organization) ?? []).flatMap((object) =>
      withBelow('team', object, depth, [
        ...userRows(object.id, depth + 1),
        ...keyRows(`team/${object.id}`, depth + 1),
      ]),
    );
  return [
    ...organizations.flatMap((object) =>
      withBelow('organization', object, 0, [
        ...teamRows(object.id, 1),
        ...keyRows(`organization/${object.id}`, 1),
      ]),
    ),
    ...teamRows('', 0),
    ...userRows('', 0),
    ...keyRows('', 0),
  ];
}

function withBelow(kind: Kind, object: Managed, depth: number, below: TreeRow[]): TreeRow[] {
  return [{ kind, object, depth, keys: below.filter((row) => row.kind === 'key').length }, ...below];
}

/** Rows whose name has the text, with what they are in. */
export function found(rows: readonly TreeRow[], text: string): readonly TreeRow[] {
  const asked = text.trim().toLowerCase();
  if (asked === '') return rows;
  const kept: TreeRow[] = [];
  let above: TreeRow[] = [];
  for (const row of rows) {
    above = above.filter(({ depth }) => depth < row.depth);
    if (row.object.name.toLowerCase().includes(asked))
      kept.push(...above.filter((one) => !kept.includes(one)), row);
    above.push(row);
  }
  return kept;
}
