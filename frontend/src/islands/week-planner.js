const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const STEP = 30
const PAUSE = 150
const HOLD = 220

const hhmm = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
const minuteOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/**
 * <week-planner>: wraps the form of a week and makes its grid one to paint on, by mouse, finger or keys. What is painted
 * stands in the form's own fields, so saving it is the plain form's business; what the rules say is asked for after each
 * change.
 */
class WeekPlanner extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector('form#plan')
    this.grid = this.querySelector('table.hours')
    this.cells = [...this.grid.querySelectorAll('td[data-m]')]
    if (!this.cells.length) return
    this.looks = [...this.querySelectorAll('[name=brush]')]
    this.days = new Map()
    for (const box of this.querySelectorAll('li[data-day]')) {
      const cells = this.cells.filter((cell) => cell.dataset.d === box.dataset.day)
      if (cells.length) this.days.set(box.dataset.day, new Day(this, box, cells))
    }
    this.rove(this.cells.find((cell) => cell.matches('.work')) ?? this.cells[0])
    this.grid.addEventListener('pointerdown', (event) => this.press(event))
    this.grid.addEventListener('pointermove', (event) => this.drag(event))
    for (const name of ['pointerup', 'pointercancel']) addEventListener(name, () => this.lift())
    // A finger that rests paints, one that moves at once scrolls the page.
    this.grid.addEventListener('touchmove', (event) => this.ink !== undefined && event.preventDefault(), { passive: false })
    this.grid.addEventListener('contextmenu', (event) => this.touched && event.preventDefault())
    this.addEventListener('click', (event) => this.click(event))
    this.grid.addEventListener('keydown', (event) => this.key(event))
    this.form.addEventListener('change', (event) => this.changed(event.target))
    this.form.addEventListener('input', (event) => event.target.name?.startsWith('letter') && this.ask())
  }

  get brush() {
    return this.form.elements.brush.value
  }

  dayOf(cell) {
    return this.days.get(cell.dataset.d)
  }

  // Mouse and finger

  press(event) {
    const cell = event.target.closest('td[data-m]')
    if (!cell || event.button) return
    this.touched = event.pointerType === 'touch'
    if (this.touched) {
      this.hold = setTimeout(() => this.begin(cell), HOLD)
      return
    }
    event.preventDefault()
    if (event.shiftKey) return this.stretch(cell)
    this.begin(cell)
  }

  begin(cell) {
    this.hold = 0
    this.ink = cell.dataset.mode === this.brush ? '' : this.brush
    this.from = cell
    this.put([cell], this.ink)
    this.rove(cell)
    cell.focus({ preventScroll: true })
  }

  drag(event) {
    if (this.ink === undefined) return
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest('td[data-m]')
    if (cell && this.grid.contains(cell) && cell !== this.roving) {
      this.put(this.between(this.from, cell), this.ink)
      this.rove(cell)
    }
  }

  lift() {
    clearTimeout(this.hold)
    this.hold = 0
    // What a finger has just painted by resting must not be painted over by the click that follows.
    this.rested = this.touched && this.ink !== undefined
    this.ink = undefined
  }

  stretch(cell) {
    this.put(this.between(this.roving, cell), this.brush)
    this.rove(cell)
    cell.focus({ preventScroll: true })
  }

  /** The rectangle of cells with these two at its corners. */
  between(one, other) {
    const within = (name) => {
      const [from, to] = [one, other].map((cell) => Number(cell.dataset[name])).sort((a, b) => a - b)
      return (cell) => Number(cell.dataset[name]) >= from && Number(cell.dataset[name]) <= to
    }
    const [days, minutes] = [within('d'), within('m')]
    return this.cells.filter((cell) => days(cell) && minutes(cell))
  }

  click(event) {
    const name = event.target.closest('thead button')
    if (name) return this.fill(name.dataset.day)
    const way = event.target.closest('[name=way]')
    if (way) return this.take(event, way)
    const cell = event.target.closest('td[data-m]')
    if (cell && this.touched && !this.rested) this.begin(cell), (this.ink = undefined)
  }

  fill(number) {
    const day = this.days.get(number)
    day.write(day.field('parts').value === this.brush ? '' : this.brush)
    this.ask()
  }

  take(event, way) {
    event.preventDefault()
    for (const change of way.value.split('|')) this.days.get(change[0])?.write(change.slice(2))
    this.querySelector('#rules').focus()
    this.ask()
  }

  // Keys

  key(event) {
    const cell = event.target.closest('td[data-m]')
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return
    const brush = this.looks[Number(event.key) - 1]
    const step = STEPS[event.key]
    if (brush) brush.checked = true
    else if (step) this.step(cell, step, event.shiftKey)
    else if (event.key === ' ' || event.key === 'Enter') this.put([cell], cell.dataset.mode === this.brush ? '' : this.brush)
    else if (event.key === 'Delete' || event.key === 'Backspace') this.put([cell], '')
    else return
    event.preventDefault()
  }

  step(cell, [right, down], paints) {
    const days = [...this.days.keys()]
    const next = this.cells.find(
      (other) =>
        other.dataset.d === days[days.indexOf(cell.dataset.d) + right] &&
        Number(other.dataset.m) === Number(cell.dataset.m) + down * STEP,
    )
    if (paints) this.put(next ? [cell, next] : [cell], this.brush)
    if (!next) return
    this.rove(next)
    next.focus()
  }

  /** One cell at a time can be reached by Tab; the arrows lead on from there. */
  rove(cell) {
    if (this.roving) this.roving.tabIndex = -1
    cell.tabIndex = 0
    this.roving = cell
  }

  // Changes

  put(cells, mode) {
    for (const day of new Set(cells.map((cell) => this.dayOf(cell)))) {
      day.paint(cells.filter((cell) => this.dayOf(cell) === day), mode)
    }
    this.ask()
  }

  changed(field) {
    const [name, number] = (field.name ?? '').split('-')
    const day = this.days.get(number)
    if (!day) return
    if (['mode', 'am', 'pm'].includes(name)) day.choose()
    this.ask()
  }

  /** Ask what the rules say, once the last change is a moment ago. */
  ask() {
    const unsaved = this.querySelector('.unsaved')
    unsaved.textContent = unsaved.dataset.word
    clearTimeout(this.pause)
    this.pause = setTimeout(() => this.check(), PAUSE)
  }

  async check() {
    this.asking?.abort()
    this.asking = new AbortController()
    const body = new URLSearchParams(new FormData(this.form))
    const request = { method: 'POST', body, headers: { 'HX-Request': 'true' }, signal: this.asking.signal }
    const answer = await fetch(`${this.form.getAttribute('action')}/periksa`, request).catch(() => null)
    if (!answer) return
    if (answer.redirected) return location.reload()
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const judged = this.querySelector('#judged')
    const focused = judged.contains(document.activeElement)
    for (const part of fresh.querySelectorAll('body > [id]')) {
      const shown = document.getElementById(part.id)
      if (part.id === 'say') shown.textContent = part.textContent
      else shown?.replaceWith(part)
    }
    if (focused) this.querySelector('#rules').focus()
  }
}

/** A day's fields and its cells. Fields and cells say the same; the fields are what is sent. */
class Day {
  constructor(planner, box, cells) {
    Object.assign(this, { planner, box, cells, number: box.dataset.day })
    ;[this.starts, this.ends, this.latest, this.restFrom, this.restTo] = box.dataset.hours.split(' ').map(Number)
    this.head = planner.grid.querySelector(`thead [data-day="${this.number}"]`).textContent.trim()
    const parts = this.parse(this.field('parts').value)
    for (const cell of cells) {
      cell.dataset.mode = this.at(cell, parts)?.[2] ?? ''
      this.name(cell, cell.getAttribute('aria-label') ?? '')
    }
    this.offerDesk()
  }

  field(name) {
    return this.planner.form.elements[`${name}-${this.number}`]
  }

  /** Put a day's parts into its fields and on the grid. */
  write(text) {
    this.field('parts').value = text
    const mode = this.field('mode')
    mode.value = text.includes('=') ? 'parts' : text
    mode.querySelector('[value=parts]').hidden = mode.value !== 'parts'
    this.field('am').value = this.field('pm').value = ''
    this.show(text)
    if (/travel|other/.test(text)) this.openDetails(text)
  }

  openDetails(text) {
    this.box.querySelector('.more').open = true
    const site = this.field('site')
    if (text.includes('other') && site && !site.value) site.selectedIndex = 1
  }

  /** What the selects say. */
  choose() {
    const [mode, am, pm] = ['mode', 'am', 'pm'].map((name) => this.field(name).value)
    if (mode === 'parts' && !am && !pm) return this.show(this.field('parts').value)
    const whole = mode === 'parts' ? '' : mode
    const [first, second] = [am || whole, pm || whole]
    const halves = [
      [this.starts, this.restFrom, first],
      [this.restTo, this.ends, second],
    ]
    const text = first === second ? first : this.join(halves.filter(([from, to, name]) => name && from < to))
    this.field('parts').value = text
    this.show(text)
    if (/travel|other/.test(text)) this.openDetails(text)
  }

  join(parts) {
    return parts.map(([from, to, mode]) => `${hhmm(from)}-${hhmm(to)}=${mode}`).join(',')
  }

  parse(text) {
    if (!text) return []
    if (!text.includes('=')) return [[this.starts, this.ends, text, true]]
    return text.split(',').map((part) => [minuteOf(part.slice(0, 5)), minuteOf(part.slice(6, 11)), part.slice(12)])
  }

  paint(cells, mode) {
    for (const cell of cells) if (!cell.matches('.out')) cell.dataset.mode = mode
    this.write(this.painted())
  }

  /** The parts that the cells make up: breaks belong to what goes on after them. */
  painted() {
    const parts = []
    for (const cell of this.cells) {
      if (cell.matches('.out, .rest')) continue
      const mode = cell.dataset.mode
      const from = Math.max(this.starts, Number(cell.dataset.m))
      const to = Math.min(this.latest, Number(cell.dataset.m) + STEP)
      const last = parts.at(-1)
      const goesOn = last && (last[1] === from || (last[1] === this.restFrom && from === this.restTo))
      if (mode && goesOn && last[2] === mode) last[1] = to
      else if (mode) parts.push([from, to, mode])
    }
    const [from, to, mode] = parts.length === 1 ? parts[0] : []
    return from === this.starts && to === this.ends ? mode : this.join(parts)
  }

  /** The part that takes half of a cell or more. */
  at(cell, parts) {
    const minute = Number(cell.dataset.m)
    return parts.find(([from, to]) => Math.min(to, minute + STEP) - Math.max(from, minute) >= STEP / 2)
  }

  show(text) {
    const { looks, dataset } = this.planner
    const parts = this.parse(text)
    let before
    for (const cell of this.cells) {
      const part = this.at(cell, parts)
      const look = part && looks.find((brush) => brush.value === part[2])?.dataset
      cell.dataset.mode = part?.[2] ?? ''
      cell.className = cell.className.match(/work|rest|extra|out/)[0]
      cell.replaceChildren()
      if (look) cell.classList.add('c', look.look)
      if (look && part !== before) cell.append(this.label(cell, look.word, part))
      this.name(cell, look?.word ?? dataset.none)
      before = part
    }
    this.offerDesk()
  }

  /** A desk goes with work at an office, or with a journey to one. */
  offerDesk() {
    this.box.classList.toggle('no-desk', !/WFO|other|travel/.test(this.field('parts').value))
  }

  name(cell, word) {
    const time = cell.parentElement.cells[0].textContent
    cell.setAttribute('aria-label', `${this.head} ${time}, ${word}`)
  }

  label(cell, word, [from, to, , whole]) {
    const { whole: all, dot } = this.planner.dataset
    const label = document.createElement('span')
    label.append(Object.assign(document.createElement('b'), { textContent: word }))
    cell.classList.add('first')
    const hours = whole ? all : `${hhmm(from)}–${hhmm(to)}`.replaceAll(':', dot)
    if (to - from > STEP) label.append(Object.assign(document.createElement('small'), { textContent: hours }))
    return label
  }
}

export function define() {
  customElements.define('week-planner', WeekPlanner)
}
