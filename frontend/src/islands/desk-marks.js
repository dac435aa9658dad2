const SVG = 'http://www.w3.org/2000/svg'
const STATES = ['free', 'booked', 'in', 'mine', 'off']

export const drawnAs = (desk) => STATES.find((state) => desk.classList.contains(state))

/** Draws one desk anew, as rooms/floor_plan.html would have drawn it, if anything about it has changed; whether it has. */
export function redraw(desk, { state, initials, label, team }) {
  if (!(desk instanceof SVGElement) || (desk.classList.contains(state) && desk.getAttribute('aria-label') === label))
    return false
  desk.classList.remove(...STATES)
  desk.classList.add(state)
  desk.classList.toggle('team', team)
  desk.setAttribute('aria-label', label)
  for (const mark of desk.querySelectorAll('.m')) mark.remove()
  if (state === 'mine' || state === 'off') desk.append(element('use', { class: 'm g', href: `#g-${state}` }))
  else if (state !== 'free') desk.append(element('text', { class: 'm', x: 18, y: 17.5 }, initials))
  if (team) desk.append(element('circle', { class: 'm dot', cx: 34, cy: 2, r: 5 }))
  desk.classList.add('news')
  setTimeout(() => desk.classList.remove('news'), 1000)
  return true
}

/** Brings a desk of this page, drawn or listed, to the state it has in a newer copy of the page. */
export function copyState(fresh, desk) {
  if (!(desk instanceof SVGElement)) {
    if (desk.className === fresh.className && desk.innerHTML === fresh.innerHTML) return
    const focused = desk.contains(document.activeElement)
    desk.className = fresh.className
    desk.replaceChildren(...fresh.children)
    if (focused) desk.querySelector('a')?.focus({ preventScroll: true })
    return
  }
  redraw(desk, {
    state: drawnAs(fresh),
    initials: fresh.querySelector('text')?.textContent ?? '',
    label: fresh.getAttribute('aria-label'),
    team: fresh.classList.contains('team'),
  })
}

function element(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.textContent = text
  return made
}
