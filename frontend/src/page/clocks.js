/** Keeps the clocks that the server wrote going. */
export function keepClocks() {
  const locale = document.documentElement.lang === 'id' ? 'id' : 'en-GB'
  const clocks = [...document.querySelectorAll('[data-zone]')].map((element) => ({
    element,
    format: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: element.dataset.zone }),
  }))
  if (!clocks.length) return
  const tick = () => {
    for (const { element, format } of clocks) element.textContent = format.format(new Date())
    setTimeout(tick, 60_000 - (Date.now() % 60_000))
  }
  tick()
}
