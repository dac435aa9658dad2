/*
 * Keeps the site readable without a network: the shell of hashed files, and the last seen Today, week, bookings and floor.
 * Nothing else is kept, so a shared computer holds no more of a person than they last looked at; leaving clears that.
 */
const VERSION = __VERSION__
const SHELL = __SHELL__
const SHELL_CACHE = `shell-${VERSION}`
const PAGES_CACHE = `pages-${VERSION}`
const KEPT_PAGES = ['/', '/pekan', '/denah', '/pesanan']
/** Rises whenever somebody leaves: what was asked for before then is not kept any more. */
let visit = 0

addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(SHELL_CACHE)
      .then((cache) => cache.addAll(SHELL))
      .then(() => skipWaiting()),
  )
})

addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => !name.endsWith(VERSION)).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  )
})

addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (origin !== location.origin) return
  if (pathname === '/keluar' || pathname === '/profil/keluar-semua' || pathname === '/masuk') event.waitUntil(forget())
  if (request.method !== 'GET') return
  if (pathname.startsWith('/static/')) event.respondWith(fromShell(request))
  else if (request.mode === 'navigate') {
    const key = pathname.startsWith('/pekan/') ? '/pekan' : pathname
    if (KEPT_PAGES.includes(key)) event.respondWith(page(event, key))
  }
})

function forget() {
  visit += 1
  return caches.delete(PAGES_CACHE)
}

async function fromShell(request) {
  return (await caches.match(request)) ?? fetch(request)
}

/** The page from the network, else its kept copy. The key has no query: of all floors and weeks only the last is kept. */
async function page(event, key) {
  const asked = visit
  try {
    const response = await fetch(event.request)
    // A redirect leads to signing in: whoever was here before has left.
    if (response.type === 'opaqueredirect') event.waitUntil(forget())
    else if (response.ok) event.waitUntil(keep(key, response.clone(), asked))
    return response
  } catch (error) {
    const kept = await caches.match(key, { cacheName: PAGES_CACHE })
    if (!kept) throw error
    return dated(kept)
  }
}

async function keep(key, response, asked) {
  const cache = await caches.open(PAGES_CACHE)
  if (asked !== visit) return
  await cache.put(key, response)
  if (asked !== visit) await forget()
}

/** Marks a kept page as such, so that it shows how old it is and offers nothing that needs the network. */
async function dated(response) {
  const html = await response.text()
  const headers = new Headers(response.headers)
  headers.delete('content-encoding')
  headers.delete('content-length')
  return new Response(html.replace('<html', '<html data-offline'), { headers })
}
