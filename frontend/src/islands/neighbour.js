const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** The desk that lies in the direction of an arrow key, or undefined; straying sideways counts three times. */
export function neighbour(desks, from, key) {
  const way = WAYS[key]
  if (!way) return undefined
  const here = placeOf(from)
  let best
  let least = Infinity
  for (const desk of desks) {
    const there = placeOf(desk)
    const across = there.x - here.x
    const down = there.y - here.y
    const ahead = across * way[0] + down * way[1]
    const aside = Math.abs(across * way[1]) + Math.abs(down * way[0])
    if (ahead <= 1 || ahead + 3 * aside >= least) continue
    least = ahead + 3 * aside
    best = desk
  }
  return best
}

export function placeOf(desk) {
  const { e, f } = desk.transform.baseVal.getItem(0).matrix
  return { x: e, y: f }
}
