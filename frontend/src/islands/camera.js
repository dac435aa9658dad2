const NEAREST = 160

/** Moves the view box of a drawing: glides, zooms, pans. Text stays sharp, for nothing is scaled as pixels. */
export class Camera {
  constructor(svg, whole) {
    this.svg = svg
    this.whole = whole
    this.box = parseBox(svg.getAttribute('viewBox'))
    this.moved = false
    this.pointers = new Map()
  }

  glide(to) {
    cancelAnimationFrame(this.frame)
    const from = this.box
    const goal = this.within(to)
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const start = performance.now()
    const step = (now) => {
      const part = still ? 1 : Math.min(1, (now - start) / 240)
      const eased = 1 - (1 - part) ** 3
      this.show(from.map((value, i) => value + (goal[i] - value) * eased))
      if (part < 1) this.frame = requestAnimationFrame(step)
    }
    step(start)
  }

  zoom(factor) {
    this.glide(this.scaled(factor))
  }

  /** The box that shows more (or less) around the same middle. */
  scaled(factor) {
    const [x, y, width, height] = this.box
    return [x + (width * (1 - factor)) / 2, y + (height * (1 - factor)) / 2, width * factor, height * factor]
  }

  /** Brings a point into view, with room around it, if it is not. */
  reveal({ x, y }) {
    const [left, top, width, height] = this.box
    if (x > left && y > top && x < left + width - 40 && y < top + height - 40) return
    this.glide([x - width / 2, y - height / 2, width, height])
  }

  show(box) {
    this.box = box
    this.svg.setAttribute('viewBox', box.map((value) => value.toFixed(1)).join(' '))
  }

  within([x, y, width, height]) {
    const [left, top, fullWidth, fullHeight] = this.whole
    const scale = width < NEAREST ? NEAREST / width : Math.min(1, Math.max(fullWidth / width, fullHeight / height))
    const [w, h] = [width * scale, height * scale]
    return [clamp(x, left, left + fullWidth - w), clamp(y, top, top + fullHeight - h), w, h]
  }

  /** One finger or the mouse pans, two fingers pinch; a vertical drag by one finger is left to the page. */
  listen(options) {
    this.svg.addEventListener('pointerdown', (event) => this.press(event), options)
    addEventListener('pointermove', (event) => this.drag(event), options)
    for (const type of ['pointerup', 'pointercancel']) {
      addEventListener(type, (event) => this.release(event), options)
    }
    // Desks are links, which browsers would rather drag away than let the drawing be panned.
    this.svg.addEventListener('dragstart', (event) => event.preventDefault(), options)
  }

  press(event) {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    this.moved = false
    this.spread = undefined
  }

  release(event) {
    this.pointers.delete(event.pointerId)
    // The click that ends a drag comes right after this and must still see that it was one.
    setTimeout(() => (this.moved = false))
  }

  drag(event) {
    const last = this.pointers.get(event.pointerId)
    if (!last) return
    const now = { x: event.clientX, y: event.clientY }
    if (this.pointers.size === 1) {
      if (!this.moved && Math.hypot(now.x - last.x, now.y - last.y) < 6) return
      this.pan(last, now)
    } else {
      this.pinch(event.pointerId, now)
    }
    this.moved = true
    this.pointers.set(event.pointerId, now)
  }

  pan(last, now) {
    const [x, y, width, height] = this.box
    const scale = Math.max(width / this.svg.clientWidth, height / this.svg.clientHeight)
    this.show(this.within([x - (now.x - last.x) * scale, y - (now.y - last.y) * scale, width, height]))
  }

  pinch(id, now) {
    const other = [...this.pointers].find(([key]) => key !== id)[1]
    const spread = Math.hypot(now.x - other.x, now.y - other.y)
    if (this.spread) {
      this.show(this.within(this.scaled(this.spread / spread)))
    }
    this.spread = spread
  }
}

export const parseBox = (text) => text.split(/[\s,]+/).map(Number)

function clamp(value, low, high) {
  return high < low ? (low + high) / 2 : Math.max(low, Math.min(high, value))
}
