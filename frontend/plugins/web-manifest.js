/** Emits manifest.webmanifest, which lets a phone keep Selaras among its apps. */
export function webManifest() {
  return {
    name: 'selaras:web-manifest',
    generateBundle(_options, bundle) {
      const mark = Object.values(bundle).find((file) => file.names?.includes('mark.svg'))
      const icon = { src: `/static/${mark.fileName}`, sizes: 'any', type: 'image/svg+xml' }
      const manifest = {
        name: 'Selaras',
        short_name: 'Selaras',
        description: 'Kerja fleksibel dan kantor bersama di IKN dan Jakarta',
        lang: 'id',
        id: '/',
        start_url: '/',
        display: 'standalone',
        background_color: '#f5f4ef',
        theme_color: '#0b4f42',
        icons: [
          { ...icon, purpose: 'any' },
          { ...icon, purpose: 'maskable' },
        ],
        shortcuts: [
          { name: 'Denah meja', url: '/denah' },
          { name: 'Pesanan saya', url: '/pesanan' },
        ],
      }
      this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: JSON.stringify(manifest) })
    },
  }
}
