const token = () => document.querySelector('meta[name=csrf]').content

/** What holds for every request of htmx. */
export function guardRequests() {
  // Plain forms carry the token as a field.
  document.addEventListener('htmx:config:request', (event) => {
    event.detail.ctx.request.headers['X-CSRFToken'] = token()
  })
  // A whole page, such as the one for signing in once the session has ended, must not land inside a panel.
  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx } = event.detail
    if (!/^\s*<!doctype/i.test(ctx.text)) return
    event.preventDefault()
    if (ctx.request.method === 'GET' || ctx.response.raw.redirected) location.assign(ctx.response.raw.url)
    else location.reload()
  })
}

/** Where the page can be asked for: one that answers a form can't be at its own address. */
export const here = () => document.querySelector('#live')?.dataset.here ?? location.href

/** What `ask` answers; null if it was called again meanwhile: an older answer must not come last. */
export function newest(ask) {
  let turn = 0
  return async (...what) => {
    const mine = ++turn
    const answer = await ask(...what)
    return mine === turn ? answer : null
  }
}
