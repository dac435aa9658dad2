/** Changes the theme in place; without this the same form reloads the page. */
export function switchTheme() {
  const form = document.querySelector('form[data-theme-form]')
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    const root = document.documentElement
    const dark =
      root.dataset.theme === 'system'
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : root.dataset.theme === 'dark'
    const theme = dark ? 'light' : 'dark'
    root.dataset.theme = theme
    form.elements.theme.value = theme
    // The cookie comes with the answer; where the redirect leads does not matter.
    fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' })
  })
}
