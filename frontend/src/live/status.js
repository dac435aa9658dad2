import { timeAt } from './times.js'

/** Keeps the reader's own status in the head true; row: person, name, initials, place, avail, until, next. */
export function showStatus(chip, [, , , , avail, until, next], line) {
  const words = JSON.parse(chip.dataset.words)
  for (const icon of chip.querySelectorAll('summary .avail')) icon.className = `avail ${avail}`
  for (const word of chip.querySelectorAll('.word')) word.textContent = words[avail]
  const says = until ? chip.dataset.until.replace('{time}', timeAt(until * 1000)) : ''
  for (const place of chip.querySelectorAll('.until')) place.textContent = says
  clearTimeout(chip.turn)
  // What comes by itself needs no frame: the row knew it.
  const left = until * 1000 - Date.now() - line.ahead
  if (next && left > 0 && left < 86_400_000)
    chip.turn = setTimeout(() => showStatus(chip, [0, '', '', null, next[1], null, null], line), left)
}
