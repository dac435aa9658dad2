// Reads a calendar on standard input with ical.js, the parser of Thunderbird, and answers with its events as JSON.
// The first argument is the folder in whose node_modules ical.js is.
const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')

const loaded = createRequire(`${process.argv[2]}/package.json`)('ical.js')
const ICAL = loaded.default ?? loaded
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')))
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)

const word = (time) => {
  if (time.isDate) return time.toString()
  if (time.zone === ICAL.Timezone.localTimezone) throw new Error('a zone that is not declared')
  return time.toJSDate().toISOString().slice(0, 16)
}
const events = calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event, { exceptions: [] }))
if (process.argv[3] === 'expand') {
  const master = new ICAL.Event(calendar.getAllSubcomponents('vevent').find((event) => event.hasProperty('rrule')))
  const walk = master.iterator()
  const starts = []
  for (let next = walk.next(); next; next = walk.next()) starts.push(word(master.getOccurrenceDetails(next).startDate))
  console.log(JSON.stringify(starts))
} else {
  console.log(JSON.stringify(events.map((event) => `${word(event.startDate)}/${word(event.endDate)}`)))
}
