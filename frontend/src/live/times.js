const locale = document.documentElement.lang === 'id' ? 'id' : 'en-GB'

/**
 * 09.12 WITA, on the wall of the reader's place of posting, as the status in the head knows it; on another day than that
 * of `now`, Sen 30 Nov 09.12 WITA. Both in milliseconds, by the server's clock.
 */
export function timeAt(ms, now) {
  const { at: timeZone, zoneName } = document.querySelector('[data-presence]').dataset
  const on = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone })
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone })
  const day = on.format(ms) === on.format(now) ? '' : `${on.format(ms).replace(',', '')} `
  return `${day}${time.format(ms)} ${zoneName}`
}
