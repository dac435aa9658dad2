import htmx from 'htmx.org'

import './styles/app.css'
import { keepClocks } from './page/clocks.js'
import { chooseHours, fillDemoAccount } from './page/forms.js'
import { closeMenus } from './page/menus.js'
import { watchNetwork } from './page/offline.js'
import { guardRequests } from './page/requests.js'
import { switchTheme } from './page/theme.js'

document.documentElement.classList.add('js')

guardRequests()
keepClocks()
switchTheme()
closeMenus()
chooseHours()
fillDemoAccount()
watchNetwork()

const ISLANDS = {
  'floor-map': () => import('./islands/floor-map.js'),
  'room-grid': () => import('./islands/room-grid.js'),
  'team-board': () => import('./islands/team-board.js'),
  'week-planner': () => import('./islands/week-planner.js'),
  'copy-button': () => import('./islands/copy-button.js'),
}
for (const [tag, load] of Object.entries(ISLANDS)) {
  if (document.querySelector(tag)) load().then((island) => island.define(htmx))
}

// After the first paint: a page is read before it is followed.
if (document.querySelector('#live')) {
  const live = () => import('./live/live.js').then((module) => module.start(htmx))
  requestAnimationFrame(() => setTimeout(live))
}

if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => {})
