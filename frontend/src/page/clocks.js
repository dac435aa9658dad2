import { isOffline } from './offline.js'

const OFF = 60_000

/** Keeps the clocks that the server wrote going, by its time where the device's own is wrong. */
export function keepClocks() {
  const locale = document.documentElement.lang === 'id' ? 'id' : 'en-GB'
  const clocks = [...document.querySelectorAll('[data-zone]')].map((element) => ({
    element,
    format: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: element.dataset.zone }),
  }))
  if (!clocks.length) return
  // A page that was kept tells when it was written, which is no longer now.
  const away = isOffline() ? 0 : document.querySelector('[data-now]').dataset.now - Date.now()
  const ahead = Math.abs(away) > OFF ? away : 0
  const tick = () => {
    const time = Date.now() + ahead
    for (const { element, format } of clocks) element.textContent = format.format(time)
    setTimeout(tick, 60_000 - (time % 60_000))
  }
  tick()
}
