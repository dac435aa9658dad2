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
