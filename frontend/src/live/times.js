const locale = document.documentElement.lang === 'id' ? 'id' : 'en-GB'

/** 09.12 WITA, on the wall of the reader's place of posting, as the status in the head knows it. */
export function timeAt(ms) {
  const { at, zoneName } = document.querySelector('[data-presence]').dataset
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: at })
  return `${clock.format(ms)} ${zoneName}`
}
