/** Changes the theme in place; without this the same form reloads the page. */
export function switchTheme() {
  const form = document.querySelector('form[data-theme-form]')
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    const theme = event.submitter.value
    document.documentElement.dataset.theme = theme
    // The button that was pressed makes way for the one that leads back.
    form.querySelector(`.icon-button:not(.to-${theme})`).focus()
    for (const choice of document.querySelectorAll('.seg [name=theme]')) choice.ariaPressed = choice.value === theme
    const body = new URLSearchParams(new FormData(form))
    body.set('theme', theme)
    // The cookie comes with the answer; where the redirect leads does not matter.
    fetch(form.action, { method: 'POST', body, redirect: 'manual' })
  })
}
