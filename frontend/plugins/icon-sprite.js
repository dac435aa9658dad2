import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The Lucide icons that templates use; a name that Lucide does not have (or has renamed) fails the build. */
const ICONS = [
  'accessibility',
  'armchair',
  'arrow-right',
  'arrow-up-down',
  'baby',
  'building',
  'calendar-check',
  'calendar-clock',
  'calendar-days',
  'chevron-down',
  'chevron-left',
  'chevron-right',
  'circle-check',
  'clipboard-check',
  'clock',
  'cloud-off',
  'copy',
  'door-open',
  'ear',
  'ellipsis',
  'house',
  'key-round',
  'layers',
  'list',
  'log-in',
  'log-out',
  'map',
  'map-pin',
  'minus',
  'monitor',
  'moon-star',
  'pencil',
  'plus',
  'presentation',
  'radio',
  'scale',
  'send',
  'sun',
  'sun-moon',
  'triangle-alert',
  'undo-2',
  'user',
  'users',
  'video',
  'volume-x',
  'x',
]

const MARK = new URL('../src/art/mark.svg', import.meta.url)

/** Emits icons.svg, a sprite of the icons above and of our own mark, and mark.svg, the icon of the site. */
export function iconSprite() {
  return {
    name: 'selaras:icon-sprite',
    generateBundle() {
      const lucide = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('@iconify-json/lucide/icons.json')))
      const mark = readFileSync(MARK, 'utf8')
      const symbols = ICONS.map((name) => {
        const icon = lucide.icons[name]
        if (!icon) throw new Error(`Lucide has no icon "${name}"`)
        return `<symbol id="${name}" viewBox="0 0 24 24">${icon.body}</symbol>`
      })
      const petals = mark.match(/<path id="petals"[^>]*>/)[0].replace(/ (id|fill)="[^"]*"/g, '')
      symbols.push(`<symbol id="kawung" viewBox="0 0 32 32" fill="currentColor">${petals}</symbol>`)
      this.emitFile({
        type: 'asset',
        name: 'icons.svg',
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`,
      })
      this.emitFile({ type: 'asset', name: 'mark.svg', source: mark })
    },
  }
}
