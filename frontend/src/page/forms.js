/** Choosing other hours ticks their radio button, and choosing another part of the day closes them. */
export function chooseHours() {
  document.addEventListener('input', (event) => {
    const hours = event.target.closest('details[data-hours]')
    if (hours && event.target.type === 'time') hours.querySelector('[type=radio]').checked = true
  })
  document.addEventListener('change', (event) => {
    if (event.target.name !== 'part') return
    const hours = event.target.form?.querySelector('details[data-hours]')
    if (hours) hours.open = event.target.value === 'span'
  })
  document.addEventListener(
    'toggle',
    (event) => {
      if (event.target.matches?.('details[data-hours][open]')) event.target.querySelector('[type=radio]').checked = true
    },
    true,
  )
}

/** The demo's accounts fill in the form rather than sending it: the visitor sees how signing in looks. */
export function fillDemoAccount() {
  document.addEventListener('click', (event) => {
    const account = event.target.closest('button[data-email]')
    if (!account) return
    const { email, password } = document.querySelector('form[action="/masuk"]').elements
    email.value = account.dataset.email
    password.focus()
  })
}
