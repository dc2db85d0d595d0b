// The lines that were typed at prompts, kept in the user's home folder between runs.

import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Lines that a prompt offers. */
const OFFERED = 1000
/** Lines in the file that make it worth shortening. */
const LONG = 2 * OFFERED

export class History {
  readonly #file: string | undefined
  #last: string | undefined
  /** Lines of earlier runs, the newest first, as `node:readline` takes them. */
  readonly lines: string[] = []

  /** @param enabled Without it, lines are neither read nor kept. */
  constructor(enabled: boolean) {
    if (!enabled) return
    try {
      this.#file = join(homedir(), '.aoxide_history')
      const kept = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)
      this.lines = kept.slice(-OFFERED).toReversed()
      this.#last = kept.at(-1)
      if (kept.length > LONG) this.#shorten(this.#file, kept)
    } catch {
      // There is no file yet, or no home folder that can be read.
    }
  }

  add(line: string): void {
    if (this.#file === undefined || !line.trim() || line === this.#last) return
    this.#last = line
    try {
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 })
    } catch {
      // A prompt works without a history.
    }
  }

  /** Another run may add a line meanwhile. That line is lost. */
  #shorten(file: string, kept: string[]) {
    writeFileSync(`${file}.new`, `${kept.slice(-OFFERED).join('\n')}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
}
