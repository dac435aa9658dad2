/** <copy-button>: shows its button and copies the text of the element named by "for". */
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector('button')
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(this.getAttribute('for')).textContent.trim())
      this.querySelector('[role=status]').textContent = this.dataset.done
    })
    button.hidden = !navigator.clipboard
  }
}

export function define() {
  customElements.define('copy-button', CopyButton)
}
