// The documentation is complete and its links resolve. Its code runs in docs-examples.test.mjs and docs-modules.test.mjs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, test } from 'node:test'
import { forPackage, repositoryOf } from '../../xtask/scripts/package-documents.mjs'
import { rows } from './support/differences.mjs'
import { anchorsOf, blocksOf, firstCells, linksOf, pages, proseOf, read } from './support/documents.mjs'
import { installed, root } from './support/package.mjs'

describe('README', () => {
  test('has at most 150 lines', () => {
    const { length } = read('README.md').trimEnd().split('\n')
    assert.ok(length <= 150, `${length} lines`)
  })

  test('names the test command that CI runs', () => {
    const { 1: command } = /^exec (.*) "\$@"$/m.exec(read('.ci/run'))
    assert.match(read('README.md'), new RegExp(`^${command} `, 'm'))
  })

  test('shows rows of the benchmarks page', () => {
    const rowsOf = (path) =>
      read(path)
        .match(/<!-- bench -->([^]*)<!-- \/bench -->/)[1]
        .match(/^\| .*\|$/gm)
        .slice(1)
    const all = rowsOf('docs/benchmarks.md')
    const shown = rowsOf('README.md')
    assert.equal(shown.length, 3)
    for (const row of shown)
      assert.ok(
        all.some((whole) => whole.startsWith(row)),
        row
      )
  })
})

describe('links', () => {
  const isFile = (path) => existsSync(root + path) && statSync(root + path).isFile()

  for (const path of [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md', 'tests/README.md'].filter(
    isFile
  ))
    test(`relative links of ${path} resolve`, () => {
      for (const link of linksOf(path).filter((link) => !/^https?:/.test(link))) {
        const [target, anchor] = link.split('#')
        const file = target === '' ? path : posix.join(posix.dirname(path), target)
        assert.ok(existsSync(root + file), `${link}: ${file} does not exist`)
        if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), `${link}: ${file} has no such heading`)
      }
    })

  test('files of the repository that the documents name exist', () => {
    const missing = [...pages, 'CONTRIBUTING.md'].flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?<=[`\s(])(?:src|tests|xtask|benches|pkg-template|examples|www)\/[\w./-]*[\w/](?=[`\s),:])/g
        )
      ]
        .map(([file]) => file)
        .filter((file) => !existsSync(root + file))
        .map((file) => `${path}: ${file}`)
    )
    assert.deepEqual(missing, [])
  })

  test('docs/README.md lists every page', () => {
    const listed = linksOf('docs/README.md').map((link) => `docs/${link}`)
    const expected = pages.filter(
      (path) => path.startsWith('docs/') && posix.dirname(path) === 'docs' && path !== 'docs/README.md'
    )
    assert.deepEqual(listed.filter((path) => !path.includes('decisions')).sort(), expected.sort())
  })

  test('docs/decisions/README.md lists every decision', () => {
    const listed = linksOf('docs/decisions/README.md').map((link) => `docs/decisions/${link}`)
    const expected = pages.filter((path) => path.startsWith('docs/decisions/') && !path.endsWith('README.md'))
    assert.deepEqual(listed.sort(), expected.sort())
  })

  test('links of the documents in the package resolve in the package', () => {
    const packed = (folder) =>
      readdirSync(`${installed}/${folder}`, { recursive: true }).map((name) => `${folder}/${name}`)
    const documents = ['README.md', ...(existsSync(`${installed}/docs`) ? packed('docs') : [])]
    for (const path of documents.filter((path) => path.endsWith('.md'))) {
      const text = readFileSync(`${installed}/${path}`, 'utf8')
      for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]*)[^)]*\)/g))
        assert.ok(existsSync(`${installed}/${posix.join(posix.dirname(path), link)}`), `${path}: ${link}`)
      assert.doesNotMatch(text, /^```\S+ |<!-- difference \d/m, path)
    }
  })

  test('links become absolute in the package when the manifest names a repository', () => {
    const repository = repositoryOf({ repository: { type: 'git', url: 'git+https://example.com/aoxide.git' } })
    const rewrite = (markdown) => forPackage(markdown, { path: 'docs/a.md', repository, isPacked: () => false })
    assert.equal(rewrite('[b](b.md#c)'), '[b](https://example.com/aoxide/blob/HEAD/docs/b.md#c)')
    assert.equal(rewrite('[b](../LICENSE-MIT)'), '[b](https://example.com/aoxide/blob/HEAD/LICENSE-MIT)')
    assert.equal(rewrite('[b](https://example.com/) and [c](#c)'), '[b](https://example.com/) and [c](#c)')
  })

  test('the manifests of the crate and of the package name the same repository', () => {
    const ofCrate = /^repository = "([^"]+)"$/m.exec(read('Cargo.toml'))?.[1]
    assert.equal(repositoryOf(JSON.parse(read('pkg-template/package.json'))), ofCrate)
  })
})

/** The number of code blocks that are not run. Each has a reason. */
const NOT_RUN = 21

test(`every code block is run, but for ${NOT_RUN} with a reason`, (t) => {
  const blocks = pages.flatMap(blocksOf)
  const notRun = blocks.filter((block) => block.notRun)
  // Rust is compiled by `cargo test`, because the documentation of an item in src/lib.rs includes it.
  assert.ok(read('src/lib.rs').includes('include_str!("../docs/rust.md")'))
  const isRun = ({ place, language, from }) =>
    from || language === 'js' || (language.startsWith('rust') && place.startsWith('docs/rust.md'))
  for (const block of blocks) assert.ok(block.notRun || isRun(block), `${block.place} is not run. Say why: not-run="…"`)
  for (const { place, notRun: reason } of notRun) t.diagnostic(`${place}: ${reason}`)
  assert.equal(notRun.length, NOT_RUN)
})

describe('code blocks with a file', () => {
  for (const { place, code, from } of pages.flatMap(blocksOf).filter(({ from }) => from))
    test(`${place} is a part of ${from}`, () => assert.ok(read(from).includes(code)))
})

test('the migration page has one row for each intended difference from aoconnect', () => {
  const numbers = [...read('docs/migrating-from-aoconnect.md').matchAll(/^\| .* <!-- difference (\d+) --> \|/gm)]
  assert.deepEqual(numbers.map(([, number]) => number).sort(), Object.keys(rows).sort())
  assert.doesNotMatch(proseOf('docs/migrating-from-aoconnect.md').replace(/<!--.*?-->/g, ''), /\brow \d/)
})

test('the glossary has each term once, in alphabetical order', () => {
  const terms = firstCells('docs/glossary.md').map((term) => term.toLowerCase())
  assert.deepEqual(
    terms,
    [...new Set(terms)].sort((a, b) => a.localeCompare(b, 'en'))
  )
})

describe('tables', () => {
  const types = readdirSync(installed, { recursive: true })
    .filter((name) => name.endsWith('.d.ts') && !name.includes('node_modules'))
    .map((name) => readFileSync(`${installed}/${name}`, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, ''))
    .join('\n')

  /** Names of the members of an interface. */
  function membersOf(name) {
    const start = new RegExp(`^(?:export )?(?:declare )?interface ${name}\\b[^]*?\\{$`, 'm').exec(types)
    assert.ok(start, `there is no interface ${name}`)
    let depth = 0
    const members = []
    for (const line of types.slice(start.index + start[0].length).split('\n')) {
      const member = /^\s*(?:readonly )?'?([\w-]+)'?\??[:(]/.exec(line)?.[1]
      if (depth === 0 && member) members.push(member)
      depth += line.split(/[{(]/).length - line.split(/[})]/).length
      if (depth < 0) return members
    }
    throw new Error(`the interface ${name} does not end`)
  }

  for (const [heading, interfaces] of Object.entries({
    '## Options of `connect`': ['CommonOptions', 'LegacyOptions', 'MainnetOptions', 'LocalOptions'],
    '## Options of every call': ['CallOptions', 'WaitOption', 'VerifyOption'],
    '### `retry`': ['RetryOptions'],
    '## Fields of messages and processes': [
      'MessageInput',
      'SpawnInput',
      'DryrunInput',
      'MainnetMessageInput',
      'MainnetSpawnInput',
      'MainnetResultsInput',
      'MainnetDryrunInput',
      'SignedRead',
      'NodeRequest'
    ],
    '## `state` (mainnet mode)': ['StateOptions'],
    '## `loadModule` (`aoxide/compute`)': ['LoadOptions'],
    '## `createLocalNetwork` (`aoxide/local`)': ['LocalNetworkOptions'],
    '## `follow` (`aoxide/verify`)': ['FollowOptions']
  }))
    test(`"${heading}" of docs/configuration.md has the members of ${interfaces.join(', ')}`, () => {
      const cells = firstCells('docs/configuration.md', heading).flatMap((cell) => cell.split(', '))
      for (const member of interfaces.flatMap(membersOf)) assert.ok(cells.includes(member), member)
    })

  for (const command of ['localnet', 'run', 'deploy', 'verify'])
    test(`docs/configuration.md has the options of \`aoxide ${command}\``, () => {
      const usage = execFileSync(process.execPath, [`${installed}/bin/aoxide.js`, command, '--help'], {
        encoding: 'utf8'
      })
      const options = [...usage.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option)
      const heading = `## \`npx aoxide ${command}\``
      const cells = firstCells('docs/configuration.md', heading).map((cell) => cell.split(' ')[0])
      assert.deepEqual(cells.sort(), options.sort())
    })

  test('docs/http-signatures.md has the codes of problems', () => {
    const { 1: union } = /type ProblemCode =([^;]*?)(?:;|\n(?:export|declare) )/.exec(types)
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
    assert.ok(codes.length > 10)
    assert.deepEqual(firstCells('docs/http-signatures.md', '## Problems').sort(), codes.sort())
  })
})
