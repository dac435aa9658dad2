/** Without a network a page can be read, but nothing sent: a desk booked "later" would be a promise broken. */
export function watchNetwork() {
  const root = document.documentElement
  if ('offline' in root.dataset) {
    lockForms(true)
    // The first moment of a connection may pass in vain, and a server that was away sends no event at all.
    const retry = () => fetch('/health/live').then((answer) => answer.ok && location.reload(), () => {})
    addEventListener('online', retry)
    setInterval(retry, 5_000)
    return
  }
  const show = () => {
    root.toggleAttribute('data-offline', !navigator.onLine)
    lockForms(!navigator.onLine)
  }
  addEventListener('offline', show)
  addEventListener('online', show)
  if (!navigator.onLine) show()
  // The device may think it is connected when it is not; what went wrong last says more.
  document.addEventListener('htmx:error', (event) => {
    if (event.detail.error instanceof TypeError) root.toggleAttribute('data-offline', true)
  })
  document.addEventListener('htmx:after:swap', () => root.toggleAttribute('data-offline', !navigator.onLine))
}

export const isOffline = () => 'offline' in document.documentElement.dataset

function lockForms(locked) {
  for (const form of document.forms) {
    if (form.method !== 'post') continue
    for (const button of form.querySelectorAll('button')) button.disabled = locked
  }
}
