// WebKitGTK, which stands in for Safari, through its WebDriver on a virtual display.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const BROWSERS = ['4.1', '4.0', '6.0'].map((version) => `webkit2gtk-${version}/MiniBrowser`)
const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib']

/** Milliseconds to wait for the driver, and for a script of a page. */
const START = 20_000
const SCRIPT = 25_000

/**
 * Starts the browser.
 *
 * @returns `open` loads a page; `run` calls a function on it with arguments, and resolves with what it returns; `cpu` is the
 * CPU time of all processes of the browser in milliseconds; `close` ends them.
 */
export async function startWebKit() {
  const binary = folders.flatMap((folder) => BROWSERS.map((name) => `${folder}/${name}`)).find(existsSync)
  if (!binary) throw new Error('WebKitGTK is not installed. Run `cargo xtask test runtimes`, which installs it')
  const port = await freePort()
  // A group of its own: xvfb-run, the display, the driver and the browser end together.
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    // A container has no user namespaces for the browser's sandbox.
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', NO_AT_BRIDGE: '1' }
  })
  const exited = once(driver, 'exit')
  const request = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`)
    return value
  }
  const close = async () => {
    // Before the session ends, since the browser's processes are found as children of the driver.
    const all = tree(driver.pid)
    await request('DELETE', session).catch(() => {})
    for (const pid of [-driver.pid, ...all]) kill(pid)
    await exited
  }
  let session = '/session/none'
  try {
    await ready(() => request('GET', '/status'))
    const options = { binary, args: ['--automation'] }
    const { sessionId } = await request('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } }
    })
    session = `/session/${sessionId}`
    await request('POST', `${session}/timeouts`, { script: SCRIPT })
  } catch (error) {
    await close()
    throw error
  }
  return {
    open: (url) => request('POST', `${session}/url`, { url }),
    async run(job, ...args) {
      const script = `const done = arguments[arguments.length - 1]
Promise.resolve((${job})(...Array.from(arguments).slice(0, -1))).then(
  (value) => done({ value }),
  (error) => done({ error: String((error && error.code) || '') + ' ' + String(error) + String((error && error.stack) || '') })
)`
      const { value, error } = await request('POST', `${session}/execute/async`, { script, args })
      if (error) throw new Error(error)
      return value
    },
    cpu: () => tree(driver.pid).reduce((sum, pid) => sum + cpuOf(pid), 0),
    close
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function ready(attempt) {
  const end = performance.now() + START
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** A process and its descendants. */
function tree(root) {
  const children = new Map()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(stat(Number(pid))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)])
  }
  const all = [root]
  for (const pid of all) all.push(...(children.get(pid) ?? []))
  return all
}

/** Milliseconds of CPU time that a process has used. The kernel counts hundredths of a second. */
function cpuOf(pid) {
  const fields = stat(pid)
  return fields ? (Number(fields[11]) + Number(fields[12])) * 10 : 0
}

/** The fields of /proc/<pid>/stat behind the name, which may contain spaces. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
