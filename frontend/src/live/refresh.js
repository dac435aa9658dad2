import { here, newest } from '../page/requests.js'

const APART = 600
const SPREAD = 300
const TRY_AGAIN = 5_000

/**
 * Brings a part of the page to what the server would write now, once its rows differ from those of before: so often that
 * a change is there within a second, never while the reader fills something in, with the focus where it was.
 * `written` is the mark of the rows that the page was written from: much may have happened until its first rows come.
 */
export function follow(part, written, htmx) {
  const ask = newest(fetchPart)
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
    const fresh = await ask(part.id)
    if (fresh === 'failed') return soon(TRY_AGAIN)
    if (!fresh) return
    if (inUse(part)) return soon(APART)
    keepFields(part, fresh)
    const focused = document.activeElement
    await htmx.swap({ text: fresh.innerHTML, target: part, swap: 'innerMorph', sourceElement: part })
    for (const island of part.querySelectorAll('team-board, room-grid')) island.refreshed?.()
    if (focused !== document.activeElement && part.contains(focused)) focused.focus({ preventScroll: true })
  }
  return (rows, mark) => {
    const now = JSON.stringify(rows)
    if (before === undefined ? mark !== written : now !== before) soon(Math.random() * SPREAD)
    before = now
  }
}

/** Somebody types, chooses, or has something open that would close. */
function inUse(part) {
  const { activeElement } = document
  const fills = part.contains(activeElement) && activeElement.matches('input, select, textarea')
  return fills || part.querySelector('details[open]') || document.querySelector('dialog[open]')
}

/** What a form says is what it sends: nobody who is about to press its button books a time that they have not read. */
function keepFields(part, fresh) {
  for (const field of part.querySelectorAll('form[action] input:is(:not([type]), [type=time])')) {
    const form = `form[action="${CSS.escape(field.form.getAttribute('action'))}"]`
    fresh.querySelector(`${form} [name="${CSS.escape(field.name)}"]`)?.setAttribute('value', field.defaultValue)
  }
}

/** The part as the server writes it now; null where the page may not be seen any more. */
async function fetchPart(id) {
  const address = new URL(here(), location.href)
  address.searchParams.delete('done')
  const answer = await fetch(address, { headers: { Accept: 'text/html' } }).catch(() => null)
  if (!answer || answer.status >= 500) return 'failed'
  if (!answer.ok || answer.redirected) return null
  return new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(id)
}
