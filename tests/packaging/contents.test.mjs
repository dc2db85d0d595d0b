// Checks that the npm package and the crate contain exactly the files that users need.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { placeOf } from '../../xtask/scripts/merge-files.mjs'
import { root } from '../js/support/package.mjs'

/** Lines that a command prints. */
const lines = (program, args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter(Boolean)

/** Asserts that each file fits a pattern, and that each pattern fits a file. */
function assertFits(files, patterns) {
  const strays = files.filter((file) => !patterns.some((pattern) => pattern.test(file)))
  assert.deepEqual(strays, [], 'these files do not belong into the package')
  const unused = patterns.filter((pattern) => !files.some((file) => pattern.test(file)))
  assert.deepEqual(unused, [], 'no file of the package fits these patterns')
}

const ARTEFACTS = [
  'client',
  'rsa',
  'signatures',
  'bundle',
  'compute',
  'compute-wasmi',
  'httpsig',
  'local',
  'local-wasmi',
  'verify',
  'verify-wasmi'
]
/** The file that holds the code of a file: small files that every page loads are merged. */
const merged = (file) => placeOf.get(file) ?? file
/** The entries of the package, each with a file for workerd. */
const ENTRIES = ['ans104', 'compute', 'httpsig', 'index', 'local', 'lua', 'verify']
const WORKERS = ['compute', 'compute-wasmi', 'local', 'local-wasmi', 'verify', 'verify-wasmi']

describe('the npm package', () => {
  const files = lines('tar', ['-tzf', 'target/package/aoxide.tgz']).map((file) => file.replace(/^package\//, ''))
  const wasm = files.filter((file) => file.startsWith('wasm/'))

  test('has the code with its declarations, the modules, the documents, and nothing else', () => {
    assertFits(files, [
      /^(cjs\/)?package\.json$/,
      /^(README|CHANGELOG)\.md$/,
      /^LICENSE-(MIT|APACHE)$/,
      /^THIRD-PARTY-LICENSES\.md$/,
      /^docs\/([\w-]+\/)?[\w-]+\.md$/,
      /^(\w+\/)*[\w.-]+\.js$/,
      /^(\w+\/)*[\w-]+\.d\.ts$/,
      /^wasm\/[\w-]+\.(bytes|worker)\.js$/,
      /^wasm\/[\w-]+\.wasm$/
    ])
  })

  test('has the JavaScript of every source of the template, the generated files, and no other JavaScript', () => {
    const sources = lines('git', ['ls-files', 'pkg-template/src', 'pkg-template/bin'])
      .filter((file) => /\.(js|ts)$/.test(file) && !file.endsWith('.d.ts'))
      .map((file) => file.replace(/^pkg-template\/(src\/)?/, '').replace(/\.ts$/, '.js'))
      // Variants of modules, which are bundled into the entries for workerd.
      .filter((file) => !file.startsWith('workerd/'))
    const generated = [
      ...ENTRIES.map((name) => `workerd/${name}.js`),
      ...ARTEFACTS.flatMap((name) => [`wasm/${name}.js`, `wasm/${name}.bytes.js`]),
      ...WORKERS.map((name) => `wasm/${name}.worker.js`),
      'wasm/lua.bytes.js',
      'wasm/lua.id.js'
    ]
    for (const file of placeOf.keys()) assert.ok(sources.includes(file), file)
    const packed = files.filter((file) => file.endsWith('.js') && !/^(cjs|workerd\/shared)\//.test(file))
    assert.deepEqual(packed.sort(), [...new Set(sources.map(merged)), ...generated].sort())
  })

  test('has a CommonJS form of what its entries need, and no second copy of a WebAssembly module', () => {
    const commonJs = lines('tar', ['-tvzf', 'target/package/aoxide.tgz']).filter((line) =>
      line.includes(' package/cjs/')
    )
    assert.deepEqual(
      commonJs.filter((line) => line.endsWith('.wasm')),
      []
    )
    const size = commonJs.reduce((sum, line) => sum + Number(line.split(/\s+/)[2]), 0)
    assert.ok(size < 450_000, `cjs/ has ${size} bytes`)
    for (const file of files.filter((file) => /^cjs\/.*\.js$/.test(file)))
      assert.ok(files.includes(file.slice(4)), file)
  })

  test('has no declaration without its JavaScript', () => {
    const declared = files.filter((file) => file.endsWith('.d.ts') && !file.startsWith('cjs/'))
    const alone = declared.filter((file) => !files.includes(merged(file.replace(/\.d\.ts$/, '.js'))))
    assert.deepEqual(alone, [])
  })

  test('has each artefact in each form', () => {
    const named = (pattern) => wasm.map((file) => pattern.exec(file)?.[1]).filter(Boolean)
    // The Lua module is one that this package runs: it has no bindings.
    const modules = [...ARTEFACTS, 'lua'].sort()
    assert.deepEqual(named(/^wasm\/([\w-]+)\.wasm$/).sort(), modules)
    assert.deepEqual(named(/^wasm\/([\w-]+)\.bytes\.js$/).sort(), modules)
    assert.deepEqual(named(/^wasm\/([\w-]+)\.worker\.js$/).sort(), WORKERS.toSorted())
    for (const name of ARTEFACTS) assert.ok(wasm.includes(`wasm/${name}.js`), name)
  })

  test('has the licence texts of what the Lua module contains', () => {
    const args = ['-xzOf', 'target/package/aoxide.tgz', 'package/THIRD-PARTY-LICENSES.md']
    const [, ...sections] = execFileSync('tar', args, { cwd: root, encoding: 'utf8' }).split(/^## /m)
    const copyrights = {
      'Lua 5.3.6': 'Copyright (C) 1994-2020 Lua.org, PUC-Rio.',
      musl: 'Copyright © 2005-2020 Rich Felker, et al.',
      'wasi-libc': undefined,
      Zig: 'Copyright (c) Zig contributors'
    }
    assert.deepEqual(
      sections.map((section) => section.split('\n')[0]),
      Object.keys(copyrights)
    )
    for (const [index, copyright] of Object.values(copyrights).entries()) {
      // The texts are wrapped differently.
      const text = sections[index].replaceAll(/\s+/g, ' ')
      if (copyright) assert.ok(text.includes(copyright), copyright)
      for (const part of [
        'Permission is hereby granted, free of charge, to any person obtaining a copy of this software',
        'The above copyright notice and this permission notice shall be included in all copies',
        'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND'
      ])
        assert.ok(text.includes(part), `${sections[index].split('\n')[0]}: ${part}`)
    }
  })

  test('has the file of every export and of the command', () => {
    const { exports, bin } = JSON.parse(
      execFileSync('tar', ['-xzOf', 'target/package/aoxide.tgz', 'package/package.json'], { cwd: root })
    )
    const pathsOf = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(pathsOf))
    const named = pathsOf(exports)
    for (const path of [...named, ...Object.values(bin)]) assert.ok(files.includes(path.replace('./', '')), path)
  })
})

describe('the crate', () => {
  const files = lines('cargo', ['package', '--list', '--allow-dirty', '--quiet'])

  test('has the Rust sources, the documents, and nothing else', () => {
    assertFits(files, [
      /^Cargo\.(toml|lock|toml\.orig)$/,
      /^\.cargo_vcs_info\.json$/,
      /^(README|CHANGELOG)\.md$/,
      /^LICENSE-(MIT|APACHE)$/,
      /^src\/([\w-]+\/)*\w+\.rs$/,
      /^lua\/module\.sha256$/
    ])
  })

  test('has every Rust file of src', () => {
    const tracked = lines('git', ['ls-files', 'src']).filter((file) => file.endsWith('.rs'))
    assert.deepEqual(files.filter((file) => file.startsWith('src/')).sort(), tracked.sort())
  })
})
