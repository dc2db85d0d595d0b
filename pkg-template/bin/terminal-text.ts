// Text for a terminal: colours, and protection from text that processes write.

import { stripVTControlCharacters, styleText } from 'node:util'

/** Sequences that set a colour or a style. */
const STYLE = /(\x1b\[[\d;]*m)/
/** Control characters other than tab and line feed. They could move the cursor, or hide what is printed. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

/** Whether a stream shows colours: a terminal does, unless the user has set `NO_COLOR`. */
export const hasColours = (stream: { isTTY?: boolean }): boolean =>
  stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'

/** Returns text that a process wrote without everything that a terminal would obey, but for colours. */
export function safeText(text: string, colours: boolean): string {
  const pieces = text.replaceAll('\r\n', '\n').split(STYLE)
  const kept = pieces.map((piece, index) => {
    if (index % 2 === 1) return colours ? piece : ''
    return stripVTControlCharacters(piece).replace(CONTROLS, '')
  })
  // A colour that the text leaves on ends with it.
  return kept.join('') + (colours && pieces.length > 1 ? '\x1b[0m' : '')
}

export const styled = (style: Parameters<typeof styleText>[0], text: string, colours: boolean): string =>
  colours ? styleText(style, text) : text
