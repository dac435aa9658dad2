import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const SOURCE = new URL('../src/sw.js', import.meta.url)

/** Emits sw.js with the list of hashed files that pages need offline, and a version that changes as they do. */
export function serviceWorker() {
  return {
    name: 'selaras:service-worker',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const shell = Object.keys(bundle)
          .filter((name) => /-[\w-]{8}\.(js|css|svg|woff2)$/.test(name))
          .sort()
        const source = readFileSync(SOURCE, 'utf8')
        const version = createHash('sha256').update(source).update(shell.join()).digest('hex').slice(0, 12)
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: source
            .replace('__VERSION__', JSON.stringify(version))
            .replace('__SHELL__', JSON.stringify(shell.map((name) => `/static/${name}`))),
        })
      },
    },
  }
}
