/**
 * Of rows of desks ([desk, [[starts, ends, state, ref, initials, name]...]]) the one booking each that counts for the span
 * shown: the reader's own before others, who has checked in before who only booked.
 */
export function bookedFrom(rows, { from, until }, me) {
  const found = new Map()
  for (const [desk, bookings] of rows) {
    const there = bookings.filter(([starts, ends]) => starts < until && ends > from)
    const rank = ([, , state, ref]) => (ref && ref === me ? 2 : 0) + (state === 'checked-in' ? 1 : 0)
    const booking = there.sort((a, b) => rank(b) - rank(a))[0]
    if (booking) found.set(desk, { booking, mine: booking[3] !== '' && booking[3] === me })
  }
  return found
}

/** How a desk is drawn and said to this reader, as rooms/floor_view.py would word it. */
export function stateOf(desk, held, { words, teamWord, mates }) {
  const [, , kept, ref, initials, name] = held?.booking ?? []
  const state = !held ? (desk.dataset.base ?? 'free') : held.mine ? 'mine' : kept === 'checked-in' ? 'in' : 'booked'
  const team = Boolean(ref) && mates.split(' ').includes(ref)
  const said = [nameOf(desk), JSON.parse(words)[state]]
  if (name && state !== 'mine') said.push(team ? `${name} (${teamWord})` : name)
  if (desk.dataset.kit) said.push(desk.dataset.kit)
  return { state, initials: initials ?? '', label: said.join(', '), team }
}

/** What the server called the desk: its label up to the first comma. */
function nameOf(desk) {
  desk.named ??= desk.getAttribute('aria-label').split(', ')[0]
  return desk.named
}
