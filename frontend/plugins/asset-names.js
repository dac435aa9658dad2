/** Emits assets.json: the plain name of each hashed file, so that the server need not know how Vite names things. */
export function assetNames() {
  return {
    name: 'selaras:asset-names',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const names = {}
        for (const file of Object.values(bundle)) {
          const plain = file.type === 'chunk' ? `${file.name}.js` : file.names[0]
          if (!plain || plain === file.fileName) continue
          names[plain.endsWith('.woff2') ? 'font.woff2' : plain] = file.fileName
        }
        this.emitFile({ type: 'asset', fileName: 'assets.json', source: JSON.stringify(names, null, 1) })
      },
    },
  }
}
