import type { ComponentChildren } from 'preact';

export type Column<Row> = {
  header: string;
  cell: (row: Row) => ComponentChildren;
  class?: string;
};

/**
 * A dense table that becomes a list of cards on a narrow screen. The roles are explicit because browsers drop them if
 * the parts of a table are displayed as blocks.
 */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    <table role="table" aria-label={caption}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ header, class: name }, index) => (
            <th key={index} scope="col" role="columnheader" class={name}>
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ header, cell, class: name }, index) => (
              <td key={index} role="cell" class={name} data-header={header}>
                <div>{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
