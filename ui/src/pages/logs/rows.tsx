// Rows of the log.
import type { LogRow } from '../../api/logs.ts';
import { VirtualList } from '../../parts/virtual-list.tsx';
import type { Column } from './columns.tsx';

export interface RowsProps {
  rows: readonly LogRow[];
  columns: readonly Column[];
  at: number;
  open: (row: LogRow) => void;
  onEnd: () => void;
  onTop: (atTop: boolean) => void;
}

export function Rows({ rows, columns, at, open, onEnd, onTop }: RowsProps) {
  const grid = {
    gridTemplateColumns: columns.map(({ width }) => width).join(' '),
    minWidth: `${leastWidth(columns)}px`,
  };
  return (
    <section class="panel">
      <VirtualList
        label="Calls"
        items={rows}
        rowHeight={32}
        keyOf={({ id }) => String(id)}
        at={at}
        onEnd={onEnd}
        onTop={onTop}
        head={
          <div class="list-head" role="row" style={grid}>
            {columns.map(({ id, title, number }) => (
              <span key={id} role="columnheader" class={number === true ? 'right' : ''}>
                {title}
              </span>
            ))}
          </div>
        }
        row={(row, index) => (
          <div
            role="row"
            class={`list-row${index === at ? ' on' : ''}${row.outcome === 'error' ? ' failed' : ''}`}
            style={grid}
          >
            {columns.map(({ id, number, show }, place) => (
              <span key={id} role="cell" class={number === true ? 'num' : 'clip'}>
                {place === 0 ? (
                  <button type="button" class="row-button" onClick={() => open(row)}>
                    {show(row)}
                  </button>
                ) : (
                  show(row)
                )}
              </span>
            ))}
          </div>
        )}
      />
    </section>
  );
}

const GAP = 12;

/** What all columns need at least, px: head and rows are as wide as each other. */
function leastWidth(columns: readonly Column[]): number {
  const widths = columns.map(({ width }) => Number(/\d+/.exec(width)?.[0] ?? 0));
  return widths.reduce((sum, one) => sum + one, 0) + GAP * (columns.length + 1);
}
