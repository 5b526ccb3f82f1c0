// A small table of numbers whose cells are coloured by their logarithm.

class MatrixChart {
  constructor(host, matrix) {
    const section = element('section', 'card');
    section.append(element('h2', '', matrix.title), this.table(matrix));
    section.append(element('p', 'caption',
      `Rows: ${matrix.rowLabel}. Columns: ${matrix.columnLabel}. Colour is logarithmic.`));
    host.append(section);
  }

  table(matrix) {
    const known = matrix.values.filter((value) => value > 0).map(Math.log10);
    const low = Math.min(...known);
    const span = Math.max(...known) - low;
    const table = element('table', 'matrix');
    table.setAttribute('aria-label', matrix.title);
    const head = element('tr');
    head.append(element('th', '', `${matrix.rowLabel} \\ ${matrix.columnLabel}`));
    for (const name of matrix.columns) head.append(this.header(name, 'col'));
    table.append(head);
    matrix.rows.forEach((name, row) => {
      const line = element('tr');
      line.append(this.header(name, 'row'));
      matrix.columns.forEach((_, column) => {
        const value = matrix.values[row * matrix.columns.length + column];
        const cell = element('td', '', formatNumber(value, 3));
        if (value > 0) this.paint(cell, span > 0 ? (Math.log10(value) - low) / span : 0);
        line.append(cell);
      });
      table.append(line);
    });
    const scroll = element('div', 'scroll');
    scroll.tabIndex = 0;
    scroll.append(table);
    return scroll;
  }

  header(name, scope) {
    const cell = element('th', '', name);
    cell.scope = scope;
    return cell;
  }

  paint(cell, position) {
    const [r, g, b] = viridis(position);
    cell.style.background = `rgb(${r},${g},${b})`;
    cell.style.color = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#101418' : '#ffffff';
  }

  draw() {}

  destroy() {}
}
