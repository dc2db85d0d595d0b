// Reads the code blocks, links and tables of the README and of the pages under docs/.
import { readFileSync, readdirSync } from 'node:fs'
import { root } from './package.mjs'

export const pages = [
  'README.md',
  ...readdirSync(`${root}docs`, { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort()
]

export const read = (path) => readFileSync(root + path, 'utf8')

/** Languages of blocks that are not code but diagrams. */
const DIAGRAMS = ['text']

/**
 * The code blocks of a page, in order. The words after the language are `test=<name>` for a block with its own check,
 * `from="<file>"` for a part of a file that other tests run, or `not-run="<reason>"`.
 */
export function blocksOf(path) {
  const text = read(path)
  return [...text.matchAll(/^```(\S*)([^\n]*)\n([^]*?)^```$/gm)]
    .map(({ 1: language, 2: words, 3: code, index }) => ({
      place: `${path}:${text.slice(0, index).split('\n').length}`,
      language,
      code,
      name: /\btest=([\w-]+)/.exec(words)?.[1],
      from: /\bfrom="([^"]+)"/.exec(words)?.[1],
      notRun: /\bnot-run="([^"]+)"/.exec(words)?.[1]
    }))
    .filter(({ language }) => !DIAGRAMS.includes(language))
}

/** A page without its code, because brackets in code are not links. */
export const proseOf = (path) =>
  read(path)
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ' '))

export const linksOf = (path) => [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)

/** Anchors of a page's headings, as GitHub makes them. */
export const anchorsOf = (path) =>
  [
    ...read(path)
      .replace(/^```[^]*?^```$/gm, '')
      .matchAll(/^#+ (.*)$/gm)
  ].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  )

/** The first cells of all tables of a page, without backticks. With `heading`, only of the part under this heading. */
export function firstCells(path, heading) {
  const text = read(path)
  const from = heading === undefined ? 0 : text.indexOf(`\n${heading}\n`)
  if (from < 0) throw new Error(`${path} has no heading "${heading}"`)
  const level = heading?.match(/^#+/)[0]
  const rest = text.slice(from + (heading?.length ?? 0) + 1)
  const end = heading === undefined ? -1 : rest.search(new RegExp(`^#{1,${level.length}} `, 'm'))
  const lines = (end < 0 ? rest : rest.slice(0, end)).split('\n')
  const isHead = (index) => /^\|[-| ]+\|$/.test(lines[index + 1] ?? '')
  return lines
    .filter((line, index) => line.startsWith('| ') && !isHead(index))
    .map((line) => line.slice(2).split(' | ')[0].replaceAll('`', ''))
}
