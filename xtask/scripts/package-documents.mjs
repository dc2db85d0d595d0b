// Copies documents of the repository into the npm package, and rewrites their links.
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, posix, relative } from 'node:path'

/** Copies files and folders of the repository's root into the package at `target`, which has its package.json already. */
export async function copyDocuments(documents, target) {
  const repository = repositoryOf(JSON.parse(await readFile(join(target, 'package.json'), 'utf8')))
  const files = []
  for (const document of documents) {
    const isFolder = (await stat(document)).isDirectory()
    if (!isFolder) files.push({ from: document, path: basename(document) })
    else if (repository === undefined)
      for (const from of await filesUnder(document)) files.push({ from, path: relative(dirname(document), from) })
  }
  const isPacked = (path) => files.some((file) => file.path === path)
  for (const { from, path } of files) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    const content = await readFile(from, 'utf8')
    const isMarkdown = path.endsWith('.md')
    await writeFile(join(target, path), isMarkdown ? forPackage(content, { path, repository, isPacked }) : content)
  }
}

async function filesUnder(folder) {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.map((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
  return (await Promise.all(files)).flat()
}

/**
 * Rewrites a document for the package. `path` is its path in the repository.
 *
 * npm shows the README outside the repository, so relative links have to become absolute ones. With `repository`, the address of
 * a public repository, they do. Without it, the package contains the documentation (`isPacked` says which paths are in it), and a
 * link to anything else becomes text.
 *
 * What the tests read in documents is left out: words after the language of a code block, and comments.
 */
export function forPackage(markdown, { path, repository, isPacked }) {
  const folder = posix.dirname(path)
  return markdown
    .replace(/^(```\w+) .*$/gm, '$1')
    .replace(/ <!-- difference \d+ -->/g, '')
    .replace(/\[([^\]]*)\]\((?![a-z]+:|#)([^)#]*)(#[^)]*)?\)/g, (link, text, target, anchor = '') => {
      const file = posix.join(folder, target)
      if (repository !== undefined) return `[${text}](${repository}/blob/HEAD/${file}${anchor})`
      return isPacked(file) ? link : text
    })
}

/** The address of the repository in a manifest, as a browser opens it; `undefined` when it names none. */
export function repositoryOf({ repository }) {
  const url = typeof repository === 'string' ? repository : repository?.url
  return url?.replace(/^git\+/, '').replace(/\.git$/, '')
}
