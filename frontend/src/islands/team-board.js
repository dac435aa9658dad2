const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

/** <team-board>: arrow keys walk the table, Home and End go to the ends of a row. One cell at a time can be tabbed to. */
class TeamBoard extends HTMLElement {
  connectedCallback() {
    this.at = [1, 1]
    this.refreshed()
    this.addEventListener('keydown', (event) => this.walk(event))
    this.addEventListener('focusin', ({ target }) => this.move(this.rows.findIndex((row) => row.includes(target)), target.cellIndex))
  }

  /** The table may have been written anew: find its cells, and the one that can be tabbed to. */
  refreshed() {
    // Rows of one cell name a group and are passed over.
    this.rows = [...this.querySelectorAll('tr')].map((row) => [...row.cells]).filter((cells) => cells.length > 1)
    const row = Math.min(this.at[0], this.rows.length - 1)
    this.at = [row, Math.min(this.at[1], this.rows[row].length - 1)]
    this.cell().tabIndex = 0
    this.closest('[role=region]').removeAttribute('tabindex')
  }

  cell() {
    return this.rows[this.at[0]][this.at[1]]
  }

  walk(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const [row, column] = this.at
    const last = this.rows[row].length - 1
    const [down, right] = STEPS[event.key] ?? [0, { Home: -last, End: last }[event.key] ?? NaN]
    if (Number.isNaN(right)) return
    event.preventDefault()
    const clamp = (n, most) => Math.max(0, Math.min(most, n))
    this.move(clamp(row + down, this.rows.length - 1), clamp(column + right, last))
    this.cell().focus()
  }

  move(row, column) {
    if (row < 0) return
    this.cell().tabIndex = -1
    this.at = [row, column]
    this.cell().tabIndex = 0
  }
}

export function define() {
  customElements.define('team-board', TeamBoard)
}
