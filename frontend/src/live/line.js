import { Reducer } from './reducer.js'

const DEAD_AFTER = 60_000
const PAUSE_AFTER = 60_000
const IDLE_AFTER = 600_000
const POLL_EVERY = 30_000
const TRIES_BEFORE_POLLING = 3
/** Close codes after which trying again is of no use: a fault of ours, no rights, too many pages open. */
const FINAL = [4400, 4403, 4409]
const MINUTE_OFF = 4429
const SIGN_IN = 4401
const SIGN_IN_AFTER = 2_000

/**
 * The one connection of a page: frames while there is one, asking by HTTP every half minute where proxies allow none.
 * It tells of 'state' ("on", "wait", "off") and of 'rows' of a scope.
 */
export class Line extends EventTarget {
  constructor(scopes) {
    super()
    this.wanted = new Set(scopes)
    this.reducer = new Reducer()
    this.failed = 0
    this.retry = [0.5, 5]
    this.heardAt = Date.now() // what the page shows is so old
    this.triedAt = 0
    this.polls = false
    this.me = ''
    this.ahead = 0 // of the server's clock, in milliseconds
    this.idle = false
    this.watch()
    this.connect()
  }

  /** The server's clock, in milliseconds. */
  now() {
    return Date.now() + this.ahead
  }

  watch() {
    addEventListener('offline', () => this.cut('off'))
    addEventListener('online', () => this.later(this.delay()))
    addEventListener('pagehide', () => this.cut('wait'))
    addEventListener('pageshow', (event) => event.persisted && this.connect())
    document.addEventListener('visibilitychange', () => this.looked())
    setInterval(() => this.socket && Date.now() - Math.max(this.heardAt, this.triedAt) > DEAD_AFTER && this.lost(4408), 5_000)
    const busy = () => {
      clearTimeout(this.idling)
      this.idling = setTimeout(() => this.act(true), IDLE_AFTER)
      if (this.idle) this.act(false)
    }
    for (const kind of ['pointerdown', 'keydown', 'scroll']) addEventListener(kind, busy, { passive: true, capture: true })
    busy()
  }

  connect() {
    clearTimeout(this.timer)
    if (this.ended) return this.polls && this.poll()
    if (this.socket) return
    // A connection tried in vain is an error in the console; the browser knows when it has no network.
    if (!navigator.onLine) return this.say('off')
    if (document.hidden) return this.say('wait')
    this.say('wait')
    const socket = (this.socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/presence`, 'presence.v1'))
    this.triedAt = Date.now()
    socket.onmessage = ({ data }) => socket === this.socket && this.hear(JSON.parse(data))
    socket.onclose = ({ code }) => socket === this.socket && this.lost(code)
  }

  hear(frame) {
    this.heardAt = Date.now()
    if (frame.t === 'welcome') {
      this.me = frame.me
      this.ahead = Date.parse(frame.now) - Date.now()
      this.retry = frame.retry
      this.pong = frame.pong
      this.failed = 0
      clearInterval(this.polling)
      this.ask([...this.wanted])
      if (this.idle) this.act(true)
    } else if (frame.t === 'beat') {
      if (this.pong) this.send({ t: 'pong' })
      this.say(frame.degraded ? 'wait' : 'on')
      this.ask(this.reducer.behind(frame.scopes).filter((scope) => this.wanted.has(scope)))
    } else if (frame.t === 'drop' || frame.t === 'err') {
      this.wanted.delete(frame.scope)
    } else if (frame.t === 'bye') {
      this.retry = frame.after
    } else if (frame.scope) {
      this.say('on')
      const came = this.reducer.take(frame)
      if (came === 'gap') this.ask([frame.scope])
      else if (came) this.tell(frame.scope, frame.mark)
    }
  }

  ask(scopes) {
    if (scopes.length) this.send({ t: 'sub', scopes, resume: this.reducer.resume(scopes) })
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  act(idle) {
    this.idle = idle
    this.send({ t: 'act', idle })
  }

  lost(code) {
    this.drop()
    if (code === SIGN_IN) {
      this.ended = true
      this.say('off')
      // Whoever has just signed out is on the way already.
      const back = encodeURIComponent(location.pathname + location.search)
      setTimeout(() => location.assign(`/masuk?next=${back}`), SIGN_IN_AFTER)
      return
    }
    if (FINAL.includes(code)) {
      this.ended = true
      this.say('off')
    } else {
      this.failed += 1
      this.later(code === MINUTE_OFF ? 60_000 : this.delay())
    }
    if (this.failed >= TRIES_BEFORE_POLLING || code === 4409) this.poll()
  }

  /** Anywhere in a range that doubles with each failure: thousands who lost the same server don't come back at once. */
  delay() {
    const [least, most] = this.retry
    const range = Math.min(60, most * 2 ** Math.max(0, this.failed - 1))
    return 1000 * (least + Math.random() * (range - least))
  }

  later(ms) {
    clearTimeout(this.timer)
    this.say(navigator.onLine ? 'wait' : 'off')
    this.timer = setTimeout(() => this.connect(), ms)
  }

  drop() {
    const socket = this.socket
    this.socket = null
    socket?.close(1000)
  }

  cut(state) {
    clearTimeout(this.timer)
    clearInterval(this.polling)
    this.drop()
    this.say(state)
  }

  looked() {
    clearTimeout(this.pausing)
    if (document.hidden) this.pausing = setTimeout(() => this.cut('wait'), PAUSE_AFTER)
    else if (!this.socket) this.connect()
  }

  poll() {
    clearInterval(this.polling)
    this.polls = true
    const all = async () => {
      if (document.hidden || this.socket?.readyState === WebSocket.OPEN) return
      for (const scope of this.wanted) {
        const answer = await fetch(`/api/presence?scope=${encodeURIComponent(scope)}`).catch(() => null)
        if (!answer?.ok) continue
        const { rows, mark, me, now } = await answer.json()
        this.me = me
        this.ahead = Date.parse(now) - Date.now()
        this.heardAt = Date.now()
        this.reducer.replace(scope, rows)
        this.tell(scope, mark)
      }
      this.say('wait')
    }
    this.polling = setInterval(all, POLL_EVERY)
    all()
  }

  tell(scope, mark) {
    this.dispatchEvent(new CustomEvent('rows', { detail: { scope, rows: this.reducer.rows(scope), mark, me: this.me } }))
  }

  say(state) {
    this.state = state
    this.dispatchEvent(new CustomEvent('state', { detail: { state, heardAt: this.heardAt } }))
  }
}
