// Measures the first message of a new Node.js process: importing the library, signing and sending, until the message
// arrives.
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from '../tests/js/support/package.mjs'
import { HOST, bodyOf, close, listen } from '../tests/packaging/support/units.mjs'
import { KEY_FILE } from '../tests/packaging/support/visit.mjs'
import { median, race } from './measure.mjs'
import { ms, row } from './table.mjs'

const ROUNDS = { rounds: 9, warmUp: 1 }
const program = fileURLToPath(new URL('first-message.child.mjs', import.meta.url))
const libraries = {
  aoxide: pathToFileURL(createRequire(`${root}target/package/app.mjs`).resolve('aoxide')).href,
  aoconnect: import.meta.resolve('@permaweb/aoconnect')
}

// Milliseconds on a clock that all processes share.
const now = () => performance.timeOrigin + performance.now()

export async function firstMessage() {
  let arrived
  const server = createServer(async (request, response) => {
    await bodyOf(request)
    arrived ??= now()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"x","message":"Processing DataItem"}')
  })
  const url = `http://${HOST}:${await listen(server)}`

  const sinceImport = { aoxide: [], aoconnect: [] }
  const beforeImport = []

  /** Returns the milliseconds from the start of the process to the arrival of its message. */
  async function run(name) {
    arrived = undefined
    const began = now()
    const imported = Number(await outputOf([program, libraries[name], url, KEY_FILE]))
    if (arrived === undefined) throw new Error(`${name} sent nothing`)
    sinceImport[name].push(arrived - imported)
    beforeImport.push(imported - began)
    return arrived - began
  }

  try {
    const whole = await race({ aoxide: () => run('aoxide'), aoconnect: () => run('aoconnect') }, ROUNDS)
    const compare = (what, aoxide, peer, most) => row({ what, aoxide, peer, peerName: 'aoconnect', unit: ms, most })
    const [ours, theirs] = Object.values(sinceImport).map((times) => median(times.slice(ROUNDS.warmUp)))
    return {
      rows: [
        compare('first message of a Node process, from the import', ours, theirs, 1 / 8),
        // Starting Node.js takes longer than everything that aoxide does, so this row has no bound.
        compare('the same, from the start of the process', whole.aoxide, whole.aoconnect)
      ],
      notes: [`Starting Node.js takes ${ms(median(beforeImport))} before the import.`]
    }
  } finally {
    await close(server)
  }
}

async function outputOf(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with code ${code}`)
  return output
}
