import { timeAt } from './times.js'

/** The states of people as their rows say; all else about them is the server's to write. */
export function showStates(part, rows, words) {
  for (const [id, , , , avail] of rows) {
    const state = part.querySelector(`#p-${id} .state`)
    if (!state) continue
    state.querySelector('.avail').className = `avail ${avail}`
    state.lastChild.data = words[avail]
  }
}

/** Keeps the reader's own status in the head true; row: person, name, initials, place, avail, until, next. */
export function showStatus(chip, [, , , , avail, until, next], words, line) {
  for (const icon of chip.querySelectorAll('summary .avail')) icon.className = `avail ${avail}`
  for (const word of chip.querySelectorAll('.word')) word.textContent = words[avail]
  const says = until ? chip.dataset.until.replace('{time}', timeAt(until * 1000, line.now())) : ''
  for (const place of chip.querySelectorAll('.until')) place.textContent = says
  clearTimeout(chip.turn)
  // What comes by itself needs no frame: the row knew it.
  const left = until * 1000 - line.now()
  if (next && left > 0 && left < 86_400_000)
    chip.turn = setTimeout(() => showStatus(chip, [0, '', '', null, next[1], null, null], words, line), left)
}
