// Tells when the text of a file has changed.

import { readFileSync, unwatchFile, watchFile as poll } from 'node:fs'

/** Milliseconds between two looks at the file. */
const INTERVAL = 100
/** Milliseconds for which a file must stay as it is before it is read: editors write in several steps. */
const SETTLED = 50

/**
 * Calls a function with the text of a file whenever it differs from the last one. The file is looked up by its name each time,
 * so that a file that replaces it, as many editors save, counts too. While there is no file, nothing happens.
 *
 * @param known The text that the caller has.
 * @returns A function that ends this.
 */
export function watchFile(file: string, known: string, onChange: (text: string) => void): () => void {
  let last = known
  let timer: NodeJS.Timeout | undefined
  const read = () => {
    let text
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      // An editor is replacing it.
      return
    }
    if (text === last) return
    last = text
    onChange(text)
  }
  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(read, SETTLED)
  }
  poll(file, { interval: INTERVAL }, changed)
  // It may have changed before the first look.
  changed()
  return () => {
    clearTimeout(timer)
    unwatchFile(file, changed)
  }
}
