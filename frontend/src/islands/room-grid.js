const ENDS = { Home: 0, End: -1 }

/** <room-grid>: arrow keys walk the free times, Home and End go to the ends of a room's day. One at a time can be tabbed to. */
class RoomGrid extends HTMLElement {
  connectedCallback() {
    this.refreshed()
    this.addEventListener('keydown', (event) => this.walk(event))
    this.addEventListener('focusin', ({ target }) => this.rows.flat().includes(target) && this.move(target))
  }

  /** The table may have been written anew: find its free times, and the one that can be tabbed to. */
  refreshed() {
    this.rows = [...this.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td a')]).filter((row) => row.length)
    const links = this.rows.flat()
    if (!links.length) return
    for (const link of links) link.tabIndex = -1
    const stays = links.includes(this.stop) && this.stop
    this.stop = stays || (links.find((link) => link.ariaCurrent) ?? links[0])
    this.stop.tabIndex = 0
    this.closest('[role=region]').removeAttribute('tabindex')
  }

  walk(event) {
    const at = this.rows.findIndex((row) => row.includes(event.target))
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const next = this.next(event.key, at, this.rows[at].indexOf(event.target))
    if (next === null) return
    event.preventDefault()
    if (!next) return
    this.move(next)
    next.focus()
  }

  /** The link that a key leads to; undefined at the edge, null for a key that isn't ours. */
  next(key, row, column) {
    if (key in ENDS) return this.rows[row].at(ENDS[key])
    if (key === 'ArrowLeft') return this.rows[row][column - 1]
    if (key === 'ArrowRight') return this.rows[row][column + 1]
    if (key === 'ArrowUp') return nearest(this.rows[row - 1], this.rows[row][column])
    if (key === 'ArrowDown') return nearest(this.rows[row + 1], this.rows[row][column])
    return null
  }

  move(link) {
    this.stop.tabIndex = -1
    this.stop = link
    link.tabIndex = 0
  }
}

/** Of a row's links, the one that begins nearest to where another begins. */
function nearest(row = [], from) {
  const left = from.getBoundingClientRect().left
  const away = (link) => Math.abs(link.getBoundingClientRect().left - left)
  return row.reduce((best, link) => (best && away(best) <= away(link) ? best : link), undefined)
}

export function define() {
  customElements.define('room-grid', RoomGrid)
}
