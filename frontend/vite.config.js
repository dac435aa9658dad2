/**
 * Builds the web face into ../app/web/dist.
 *
 * Beside the hashed files it leaves:
 *   assets.json           plain name -> hashed file: what templates ask for, from the entries below and src/art
 *   sw.js                 the service worker, never hashed, to be served from the root of the site
 *   manifest.webmanifest  likewise
 *   *.br                  a brotli copy of every text file
 */
import { defineConfig } from 'vite'

import { assetNames } from './plugins/asset-names.js'
import { brotliCopies } from './plugins/brotli-copies.js'
import { iconSprite } from './plugins/icon-sprite.js'
import { serviceWorker } from './plugins/service-worker.js'
import { webManifest } from './plugins/web-manifest.js'

// Chrome 109 is the last for Windows 7 and 8.1, which offices still have.
const BROWSERS = ['chrome109', 'firefox115', 'safari16.4']

export default defineConfig({
  base: '/static/',
  css: {
    // Writes nesting and light-dark() in terms the oldest of these browsers know.
    transformer: 'lightningcss',
    lightningcss: { targets: { chrome: 109 << 16, firefox: 115 << 16, safari: (16 << 16) | (4 << 8) } },
  },
  plugins: [iconSprite(), webManifest(), serviceWorker(), assetNames(), brotliCopies()],
  build: {
    outDir: '../app/web/dist',
    assetsDir: '',
    emptyOutDir: true,
    manifest: true,
    modulePreload: { polyfill: false },
    target: BROWSERS,
    rolldownOptions: { input: { app: 'src/app.js', rooms: 'src/styles/rooms.css', 'find-time': 'src/styles/find-time.css', admin: 'src/styles/admin.css', week: 'src/styles/week.css', presence: 'src/styles/presence.css', calendars: 'src/styles/calendars.css', mail: 'src/styles/mail.css' } },
  },
})
