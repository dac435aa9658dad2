import { isOffline } from '../page/offline.js'
import { showKept, showState } from './dot.js'
import { Line } from './line.js'
import { follow } from './refresh.js'
import { showStates, showStatus } from './status.js'

/**
 * Makes the page live. Whatever names a scope in data-live is told its rows: an island by its own liveRows, anything else is
 * fetched anew. Words are the server's, in data-* of the elements.
 */
export function start(htmx) {
  const dot = document.querySelector('#live')
  if (isOffline()) return showKept(dot)
  const chip = document.querySelector('[data-presence]')
  const words = JSON.parse(chip.dataset.words)
  const written = dot.dataset.mark
  const parts = [...document.querySelectorAll('[data-live]')].map((part) => [part.dataset.live, part, follow(part, written, htmx)])
  const line = new Line([chip.dataset.scope, ...parts.map(([scope]) => scope)])
  showState(dot, line)
  line.addEventListener('rows', ({ detail: { scope, rows, mark, me } }) => {
    if (scope === chip.dataset.scope && rows[0]) showStatus(chip, rows[0], words, line)
    for (const [name, part, renew] of parts) {
      if (name !== scope) continue
      if (part.liveRows) part.liveRows(rows, me || dot.dataset.me, mark)
      else renew(rows, mark)
      if (scope.startsWith('team:')) showStates(part, rows, words)
    }
  })
}
