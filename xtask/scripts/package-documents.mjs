// Documents of the repository, as they go into the npm package.
import { posix } from 'node:path'

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
