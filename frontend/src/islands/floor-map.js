import { isOffline } from '../page/offline.js'
import { here, newest } from '../page/requests.js'
import { Camera, parseBox } from './camera.js'
import { copyState, drawnAs, redraw } from './desk-marks.js'
import { bookedFrom, stateOf } from './desk-rows.js'
import { neighbour, placeOf } from './neighbour.js'

const TEAM_KEY = 'selaras.team'
const STALE_AFTER = 60_000
const RENEW_AFTER = 800
const IN_USE_AGAIN = 2_000

/**
 * <floor-map>: wraps the whole floor page and makes its links quick. A desk opens in the panel without a reload, wings
 * glide, arrow keys walk from desk to desk, and what the panel reports about its desk is drawn at once.
 * All of it is there without this: desks and wings are links.
 */
class FloorMap extends HTMLElement {
  panelText = newest(textOf)
  pageText = newest(textOf)

  connectedCallback() {
    this.panel = this.querySelector('#panel')
    this.say = this.querySelector('#say')
    this.abort = new AbortController()
    const options = { signal: this.abort.signal }
    this.addEventListener('click', (event) => this.click(event), options)
    this.panel.addEventListener('submit', () => (this.asked = true), options)
    this.addEventListener('htmx:after:settle', () => this.panelChanged(), options)
    document.addEventListener('visibilitychange', () => this.looked(), options)
    this.svg = this.querySelector('svg.plan')
    if (this.svg) this.drawn(options)
  }

  disconnectedCallback() {
    this.abort.abort()
  }

  drawn(options) {
    this.desks = [...this.svg.querySelectorAll('.d')]
    this.camera = new Camera(this.svg, parseBox(this.svg.dataset.whole))
    this.camera.listen(options)
    this.svg.addEventListener('keydown', (event) => this.key(event), options)
    this.rove(this.svg.querySelector('.d[aria-current], .d.mine') ?? this.svg.querySelector('.d.free') ?? this.desks[0])
    this.openAtMyWing()
    const team = this.querySelector('[data-team]')
    team?.addEventListener('change', () => this.highlight(team.checked), options)
    if (team && localStorage.getItem(TEAM_KEY)) this.highlight((team.checked = true))
  }

  click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    const zoom = event.target.closest('[data-zoom]')
    if (zoom) return this.camera.zoom(zoom.dataset.zoom === 'in' ? 0.7 : 1 / 0.7)
    const link = event.target.closest('a')
    if (!link || isOffline()) return
    if (link.dataset.box) this.wing(event, link)
    else if (link.dataset.desk) this.choose(event, link)
    else if ('close' in link.dataset) this.close(event, link)
  }

  wing(event, tab) {
    if (!this.svg) return
    event.preventDefault()
    this.camera.glide(parseBox(tab.dataset.box))
    this.markWing(tab)
    this.carry('wing', tab.dataset.wing)
    history.replaceState(null, '', tab.getAttribute('href'))
  }

  /** Links and forms of the page go on with the wing that is in view. */
  carry(name, value) {
    for (const link of this.querySelectorAll('a[href^="/denah?"]:not([data-box])')) {
      const [path, query] = link.getAttribute('href').split('?')
      const fields = new URLSearchParams(query)
      fields.set(name, value)
      link.setAttribute('href', `${path}?${fields}`)
    }
    for (const field of this.querySelectorAll(`input[type=hidden][name=${name}]`)) field.value = value
  }

  markWing(tab) {
    for (const other of this.querySelectorAll('a[data-box]')) other.removeAttribute('aria-current')
    tab.setAttribute('aria-current', 'true')
    const tray = tab.parentElement
    tray.scrollLeft = tab.offsetLeft - (tray.clientWidth - tab.offsetWidth) / 2
  }

  /** A whole floor is too small to touch on a phone: begin at the reader's own desk, or where most of the team sits. */
  openAtMyWing() {
    const tabs = [...this.querySelectorAll('a[data-box]')]
    const chosen = new URLSearchParams(location.search).has('wing')
    if (chosen || tabs.length < 2 || !matchMedia('(max-width: 760px)').matches) return
    const pull = (tab, desks) =>
      this.svg.querySelectorAll(`[data-area="${CSS.escape(tab.dataset.wing)}"]${desks}`).length
    const weight = (tab) => 10_000 * pull(tab, '[aria-current]') + 1000 * pull(tab, '.mine') + pull(tab, '.team')
    const home = tabs.slice(1).sort((a, b) => weight(b) - weight(a))[0]
    this.camera.show(parseBox(home.dataset.box))
    this.markWing(home)
  }

  /** The first touch shows a desk, the second leads to the button that books it; no touch of a desk ever books. */
  async choose(event, link) {
    event.preventDefault()
    if (this.camera?.moved) return
    const desk = this.querySelector(`#d-${link.dataset.desk}`)
    if (desk?.hasAttribute('aria-current') && desk.contains(link) && this.shown() === link.dataset.desk) {
      this.panel.querySelector('.desk-card .btn')?.focus()
      return
    }
    if (desk) this.mark(desk)
    await this.load(link.getAttribute('href'))
    const said = [...this.panel.querySelectorAll('.desk-card [data-say]')]
    this.say.textContent = said.map((element) => element.textContent.trim()).join(', ')
  }

  /** On a phone the panel rises over the lower half: scroll the chosen desk to where it can still be seen. */
  keepClearOfSheet(desk) {
    const sheet = this.panel.querySelector('.desk-card')
    if (!sheet || getComputedStyle(sheet).position !== 'fixed') return
    this.querySelector('.plan-frame')?.scrollIntoView({ block: 'start' })
    const hidden = desk.getBoundingClientRect().bottom + 16 - sheet.getBoundingClientRect().top
    if (hidden > 0) scrollBy(0, hidden)
  }

  async close(event, link) {
    event.preventDefault()
    const desk = this.querySelector('.d[aria-current]')
    desk?.removeAttribute('aria-current')
    await this.load(link.getAttribute('href'))
    const anchor = desk instanceof SVGElement ? desk : desk?.querySelector('a')
    anchor?.focus()
  }

  async load(href) {
    await this.constructor.htmx.ajax('GET', href, { source: this.panel, target: this.panel, swap: 'innerMorph' })
    history.replaceState(null, '', href)
  }

  shown() {
    return this.panel.querySelector('#desk-news')?.dataset.desk
  }

  /** The panel knows its desk at the moment it was made: draw that, and count anew. */
  panelChanged() {
    const news = this.panel.querySelector('#desk-news')?.dataset
    if (!news) return
    const desk = news.desk && this.querySelector(`#d-${news.desk}`)
    if (desk) {
      this.mark(desk)
      redraw(desk, { ...news, team: news.team === '1' })
      this.keepClearOfSheet(desk)
    }
    this.count(JSON.parse(news.counts))
    if (!this.asked) return
    this.asked = false
    if (desk) history.replaceState(null, '', hrefOf(desk))
    // The reader goes on from the answer, not from whichever button now stands where theirs was.
    const answer = this.panel.querySelector('.note') ?? this.panel.querySelector('h2')
    answer?.focus()
    this.refresh()
  }

  mark(desk) {
    for (const other of this.querySelectorAll('.d[aria-current]')) other.removeAttribute('aria-current')
    desk.setAttribute('aria-current', 'true')
    if (!this.svg) return
    this.rove(desk)
    this.camera.reveal(placeOf(desk))
  }

  count(counts) {
    for (const shown of this.querySelectorAll('.legend [data-count]'))
      shown.textContent = counts[shown.dataset.count] ?? 0
    const lead = this.querySelector('[data-free-one]')
    const free = counts.free ?? 0
    if (lead) lead.textContent = lead.dataset[Number(free) === 1 ? 'freeOne' : 'freeMany'].replace('#', free)
  }

  /**
   * Bookings as they are now, by desk: draws what differs, and brings the panel up to date where it shows such a desk.
   * `mark` comes with the first rows; where it isn't the page's own, something has happened since the page was written.
   */
  liveRows(rows, me, mark) {
    const now = JSON.stringify(rows)
    const first = this.rows === undefined
    const news = first ? mark !== this.dataset.mark : now !== this.rows
    this.rows = now
    if (!this.svg) {
      if (news) this.refresh()
      if (news) this.renewSoon()
      return
    }
    const booked = bookedFrom(rows, this.dataset, me)
    let stale = first && news
    for (const desk of this.desks) {
      const state = stateOf(desk, booked.get(Number(desk.dataset.desk)), this.dataset)
      const drawn = redraw(desk, state)
      if (drawn && (state.team || desk.dataset.desk === this.shown())) stale = true
    }
    const counts = {}
    for (const desk of this.desks) counts[drawnAs(desk)] = (counts[drawnAs(desk)] ?? 0) + 1
    this.count(counts)
    if (stale) this.renewSoon()
  }

  renewSoon(wait = RENEW_AFTER) {
    clearTimeout(this.renewing)
    this.renewing = setTimeout(() => this.renew(), wait)
  }

  /** The panel as the server would write it now: once it is no longer in use, nor has just answered, nor is about to. */
  async renew() {
    const busy = () => this.asked || this.panel.querySelector('.note, details[open], :is(input, select):focus')
    if (busy()) return this.renewSoon(IN_USE_AGAIN)
    const shown = this.shown()
    const chosen = this.querySelector('.d[aria-current]')
    const href = chosen ? hrefOf(chosen) : here()
    const text = await this.panelText(href, { 'HX-Request': 'true', Accept: 'text/html' })
    if (!text || shown !== this.shown()) return
    if (busy()) return this.renewSoon(IN_USE_AGAIN)
    this.constructor.htmx.swap({ text, target: this.panel, swap: 'innerMorph', sourceElement: this.panel })
  }

  /** Others book too: who comes back to this page after a while sees it as it is now. */
  looked() {
    if (document.hidden) this.leftAt = Date.now()
    else if (Date.now() - this.leftAt > STALE_AFTER) this.refresh()
  }

  /** Fetches the page again and draws what has changed, leaving panel, focus and view as they are. */
  async refresh() {
    const text = await this.pageText(here())
    if (!text) return
    const page = new DOMParser().parseFromString(text, 'text/html')
    for (const fresh of page.querySelectorAll('.d[id]')) {
      const desk = document.getElementById(fresh.id)
      if (desk) copyState(fresh, desk)
    }
    const counts = page.querySelectorAll('.legend [data-count]')
    this.count(Object.fromEntries([...counts].map((shown) => [shown.dataset.count, shown.textContent])))
  }

  key(event) {
    const desk = event.target.closest('.d')
    if (!desk) return
    if (event.key === ' ') {
      event.preventDefault()
      desk.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
      return
    }
    const next = neighbour(this.desks, desk, event.key)
    if (!next) return
    event.preventDefault()
    this.rove(next)
    next.focus({ preventScroll: true })
    this.camera.reveal(placeOf(next))
  }

  /** One desk at a time can be reached by Tab; the arrows lead on from there. */
  rove(desk) {
    if (!this.roving) for (const other of this.desks) other.setAttribute('tabindex', '-1')
    this.roving?.setAttribute('tabindex', '-1')
    desk?.setAttribute('tabindex', '0')
    this.roving = desk
  }

  highlight(on) {
    this.svg.classList.toggle('hl', on)
    if (on) localStorage.setItem(TEAM_KEY, '1')
    else localStorage.removeItem(TEAM_KEY)
  }
}

/** What an address answers; nothing where it leads elsewhere or fails. */
async function textOf(href, headers = {}) {
  const answer = await fetch(href, { headers }).catch(() => null)
  return answer?.ok && !answer.redirected ? answer.text() : ''
}

const hrefOf = (desk) => (desk.matches('a') ? desk : desk.querySelector('a')).getAttribute('href')

export function define(htmx) {
  FloorMap.htmx = htmx
  customElements.define('floor-map', FloorMap)
}
