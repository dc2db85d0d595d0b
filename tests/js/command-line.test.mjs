// The commands of docs/command-line.md, in a folder with the file that the page shows.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { program, start } from './support/command.mjs'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { root } from './support/package.mjs'

const page = await readFile(`${root}docs/command-line.md`, 'utf8')
const blocks = [...page.matchAll(/^```(\w+)[^\n]*\n([^]*?)^```$/gm)].map(([, language, text]) => ({ language, text }))
const [{ text: lua }] = blocks.filter(({ language }) => language === 'lua')
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n'))

/** The only command of the page that this matches, without its comment. */
function commandLike(pattern) {
  const found = commands.filter((command) => pattern.test(command))
  assert.equal(found.length, 1, String(pattern))
  return found[0].replace(/ +#.*/, '')
}

const folder = await mkdtemp(join(tmpdir(), 'aoxide-page-'))
after(() => rm(folder, { recursive: true, force: true }))
await writeFile(join(folder, 'counter.lua'), lua)
await writeFile(join(folder, 'key.json'), JSON.stringify(jwk))

const ours = (command) => command.replaceAll('npx aoxide', `"${process.execPath}" "${program}"`)
const shell = async (command) => (await promisify(execFile)('sh', ['-c', ours(command)], { cwd: folder })).stdout

describe('docs/command-line.md', { timeout: 120_000 }, () => {
  test('the file runs, and counts', async () => {
    const command = start(['run', join(folder, 'counter.lua')])
    const { code, stdout } = await command.end('Send({ Target = ao.id, Action = "Increment" })\nreturn Count\n')
    assert.equal(code, 0)
    assert.match(stdout, /^Count is 0\n[^]*Action = Increment\n[^]*data "1"\n[^]*\n1\n$/)
  })

  test('the lines for scripts', async () => {
    assert.equal(await shell(commandLike(/^echo/)), '2\n')
    assert.equal(await shell(commandLike(/null$/)), 'Count is 0\n')
  })

  test('the file is deployed, to a local network with the options of the table', async () => {
    const net = await startLocalnet('--port', '0')
    try {
      const [options] = /--url http:\/\/127\.0\.0\.1:4000 --module lua/.exec(page)
      const command = `${commandLike(/^npx aoxide deploy counter\.lua --wallet key\.json$/)} ${options.replace('http://127.0.0.1:4000', net.url)}`
      assert.match(await shell(command), /^Count is 0\nProcess [\w-]{43}\n$/)
    } finally {
      await net.stop()
    }
  })
})
