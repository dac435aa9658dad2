const APART = 600
const SPREAD = 300
const SLOW_AFTER = 1_500

/**
 * Brings a part of the page to what the server would write now, once its rows differ from those of before: so often that
 * a change is there within a second, never while the reader fills something in, with the focus where it was.
 */
export function follow(part, htmx) {
  let before
  let timer
  let lastAt = 0
  const soon = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(renew, Math.max(wait, lastAt + APART - Date.now()))
  }
  const renew = async () => {
    if (inUse(part)) return soon(APART)
    lastAt = Date.now()
    const fresh = await fetchPart(part.id)
    if (!fresh) return
    if (inUse(part)) return soon(APART)
    const focused = document.activeElement
    await htmx.swap({ text: fresh.innerHTML, target: part, swap: 'innerMorph', sourceElement: part })
    for (const island of part.querySelectorAll('team-board, room-grid')) island.refreshed?.()
    if (focused !== document.activeElement && part.contains(focused)) focused.focus({ preventScroll: true })
  }
  return (rows) => {
    const now = JSON.stringify(rows)
    // Over a slow line much may have happened between the page and its first rows.
    const late = before === undefined && performance.now() > SLOW_AFTER
    if (late || (before !== undefined && before !== now)) soon(Math.random() * SPREAD)
    before = now
  }
}

/** Somebody types, chooses, or has something open that would close. */
function inUse(part) {
  const { activeElement } = document
  const fills = part.contains(activeElement) && activeElement.matches('input, select, textarea')
  return fills || part.querySelector('details[open]') || document.querySelector('dialog[open]')
}

async function fetchPart(id) {
  const address = new URL(location.href)
  address.searchParams.delete('done')
  const answer = await fetch(address, { headers: { Accept: 'text/html' } }).catch(() => null)
  if (!answer?.ok || answer.redirected) return null
  return new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(id)
}
