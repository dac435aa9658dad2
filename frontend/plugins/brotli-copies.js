import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

/** Writes a .br beside every text file, so that the server need not compress what never changes. */
export function brotliCopies() {
  return {
    name: 'selaras:brotli-copies',
    async writeBundle({ dir }) {
      for (const name of await readdir(dir)) {
        if (!/\.(js|css|svg|webmanifest)$/.test(name)) continue
        const text = await readFile(join(dir, name))
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
          [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
        }
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(text, { params }))
      }
    },
  }
}
