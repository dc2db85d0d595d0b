// What `run` and `deploy` print. Output goes to stdout, errors and notices to stderr.

import type { Evaluation } from '../types.js'
import { errorText, outputText, promptText, sentLines } from './evaluation-text.js'
import { hasColours, safeText, styled } from './terminal-text.js'

export class Screen {
  readonly #out = hasColours(process.stdout)
  readonly #err = hasColours(process.stderr)
  /** Whether something that was shown failed. */
  failed = false

  /** Shows a result. Returns whether it is without an error. */
  show(evaluation: Evaluation): boolean {
    const output = outputText(evaluation, this.#out)
    if (output) this.print(output)
    for (const line of sentLines(evaluation, this.#out)) this.print(line)
    const error = errorText(evaluation, this.#err)
    if (error !== undefined) this.fail(error)
    return error === undefined
  }

  /** The prompt of the process that a result has. */
  promptOf(evaluation: Evaluation): string | undefined {
    return promptText(evaluation, this.#out)
  }

  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** Shows a line that is no output of the process. */
  note(text: string): void {
    process.stderr.write(`${styled('gray', safeText(text, false), this.#err)}\n`)
  }

  fail(text: string): void {
    this.failed = true
    process.stderr.write(`${styled('red', text, this.#err)}\n`)
  }
}
