const SVG = 'http://www.w3.org/2000/svg'

/** Redraws one desk after news of it, as rooms/desk.html would have drawn it. */
export function redraw(desk, news) {
  if (desk instanceof SVGElement) redrawOnMap(desk, news)
  else redrawInList(desk, news)
}

function redrawOnMap(desk, { state, initials, label, team }) {
  desk.classList.remove('free', 'booked', 'in', 'mine', 'off')
  desk.classList.add(state)
  desk.classList.toggle('team', Boolean(team))
  desk.setAttribute('aria-label', label)
  for (const mark of desk.querySelectorAll('.m')) mark.remove()
  if (state === 'mine' || state === 'off') desk.append(element('use', { class: 'm g', href: `#g-${state}` }))
  else if (state !== 'free') desk.append(element('text', { class: 'm', x: 18, y: 17.5 }, initials))
  if (team) desk.append(element('circle', { class: 'm dot', cx: 34, cy: 2, r: 5 }))
  desk.classList.add('news')
  setTimeout(() => desk.classList.remove('news'), 1000)
}

function redrawInList(row, { state, initials }) {
  row.className = `d ${state}`
  const cell = row.querySelector('[data-state]')
  const word = document.querySelector(`.legend [data-count="${state}"]`)?.dataset.word
  if (word) cell.textContent = word
  row.querySelector('[data-who]').textContent = initials
}

function element(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.textContent = text
  return made
}
