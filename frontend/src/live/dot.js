import { timeAt } from './times.js'

const WORDS = { on: 'liveOn', wait: 'liveWait', off: 'liveOff' }

/** A page that was kept is not live, and says by itself how old it is. */
export function showKept(dot) {
  dot.hidden = false
  dot.dataset.state = 'off'
  dot.querySelector('span').textContent = dot.dataset.liveOff
}

/** Says whether the page is live, and how old it is where it isn't. */
export function showState(dot, line) {
  const word = dot.querySelector('span')
  const show = ({ state, heardAt }) => {
    const says = dot.dataset[WORDS[state]]
    const age = state === 'on' ? '' : `, ${dot.dataset.age.replace('{time}', timeAt(heardAt + line.ahead, line.now()))}`
    dot.hidden = false
    dot.dataset.state = state
    dot.title = says + age
    if (word.textContent !== says + age) word.textContent = says + age
    // That a page is live goes without saying; that it is no longer does not.
    if (state === 'on') dot.setAttribute('role', 'status')
  }
  // What lasts but a moment, such as the first connection of a page, needs no announcement.
  let waiting
  line.addEventListener('state', ({ detail }) => {
    clearTimeout(waiting)
    if (detail.state === 'wait' && dot.dataset.state !== 'off') waiting = setTimeout(() => show(detail), 1500)
    else show(detail)
  })
  show(line)
}
