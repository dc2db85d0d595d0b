// The prompt of `aoxide run`: lines of Lua and commands, from a terminal or from a pipe.

import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline'
import { readScript } from './arguments.js'
import type { History } from './history.js'
import type { Screen } from './screen.js'
import type { News, Session } from './session.js'
import { catchSignals } from './signals.js'

const CONTINUED = '>> '

/** Milliseconds between two looks for cron ticks that are due. */
const TICK = 1000

const HELP = `  .load <file>   evaluates a Lua file
  .help          shows these commands
  .exit          ends; Ctrl-D does the same

Everything else is Lua. A chunk that is not complete continues on the next line; Ctrl-C drops it.`

export interface PromptOptions {
  session: Session
  screen: Screen
  history: History
  /** Whether a person types at a terminal. */
  interactive: boolean
  /** Whether the program goes on after the end of the input, until a signal. */
  endless: boolean
}

export class Prompt {
  readonly #options: PromptOptions
  readonly #reader: Interface
  /** The task under way, and those that wait. */
  #tasks: Promise<void> = Promise.resolve()
  /** Lines of a chunk that is not complete yet. */
  #chunk: string[] = []
  #prompt = '> '
  /** Whether the last key at an empty prompt was Ctrl-C. */
  #leaving = false
  #release: (() => void) | undefined
  /** Whether the input has ended. Lines of it may still wait. */
  #isClosed = false
  /** Whether the user, the input or a signal has ended the prompt. */
  #isOver = false
  #end!: () => void
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = () => {
      this.#isOver = true
      resolve()
    }
  })

  constructor(options: PromptOptions) {
    this.#options = options
    const { history, interactive } = options
    this.#reader = createInterface({
      input: process.stdin,
      terminal: interactive,
      ...(interactive && { output: process.stdout, history: history.lines, historySize: 1000 })
    })
    // Lines that arrive while the file is evaluated stay in the stream.
    this.#reader.pause()
  }

  /** Reads and evaluates lines until the input ends, the user leaves, or a signal arrives. */
  async run(): Promise<void> {
    const { interactive, endless, history } = this.#options
    this.#reader.on('line', (line) => {
      this.#leaving = false
      if (interactive) history.add(line)
      this.do(() => this.#line(line))
    })
    this.#reader.on('SIGINT', () => this.#interrupt())
    this.#reader.on('close', () => {
      this.#isClosed = true
      if (interactive) process.stdout.write('\n')
      this.do(async () => {
        await this.#finish()
        if (!endless) this.#end()
      })
    })
    const clock = setInterval(() => this.#tick(), TICK)
    this.#release ??= catchSignals(this.#end)
    this.#showPrompt()
    this.#reader.resume()
    await this.#ended
    clearInterval(clock)
  }

  /** Leaves the terminal and the input. */
  close(): void {
    this.#release?.()
    this.#release = undefined
    this.#reader.removeAllListeners('close').close()
  }

  /** Shows a result, what followed from it, and the prompt of the process from then on. */
  async evaluate(code: string): Promise<void> {
    const { session, screen } = this.#options
    const [evaluation, news] = await this.#blocking(async () => [await session.evaluate(code), await session.news()])
    screen.show(evaluation)
    this.#prompt = screen.promptOf(evaluation) ?? this.#prompt
    this.#tell(news)
  }

  /** Does something after everything that came before. The prompt is out of the way meanwhile. */
  do(task: () => Promise<void>): void {
    this.#tasks = this.#tasks.then(async () => {
      if (this.#isOver) return
      if (this.#options.interactive) {
        clearLine(process.stdout, 0)
        cursorTo(process.stdout, 0)
      }
      try {
        await task()
      } catch (error) {
        this.#options.screen.fail((error as Error).message)
      }
      this.#showPrompt()
    })
  }

  /**
   * Does something that blocks the thread, as evaluations do. Meanwhile, Ctrl-C and signals must end the program without the
   * help of JavaScript, so nothing catches them.
   */
  async #blocking<T>(task: () => Promise<T>): Promise<T> {
    const { interactive } = this.#options
    this.#release?.()
    if (interactive) process.stdin.setRawMode?.(false)
    try {
      return await task()
    } finally {
      this.#release = catchSignals(this.#end)
      if (interactive && !this.#isClosed) process.stdin.setRawMode?.(true)
    }
  }

  /** Shows the prompt. */
  #showPrompt() {
    if (!this.#options.interactive || this.#isClosed || this.#isOver) return
    this.#reader.setPrompt(this.#chunk.length > 0 ? CONTINUED : this.#prompt)
    this.#reader.prompt(true)
  }

  async #line(line: string) {
    const command = this.#chunk.length === 0 ? /^\s*\.([a-z]\w*)\s*(.*?)\s*$/.exec(line) : null
    if (command) return this.#command(command[1] ?? '', command[2] ?? '')
    if (this.#chunk.length === 0 && !line.trim()) return
    this.#chunk.push(line)
    const code = this.#chunk.join('\n')
    if (await this.#options.session.isIncomplete(code)) return
    this.#chunk = []
    await this.evaluate(code)
  }

  async #command(name: string, argument: string) {
    const { screen } = this.#options
    if (name === 'load') return this.evaluate(await readScript(argument))
    if (name === 'help') screen.print(HELP)
    else if (name === 'exit') this.#end()
    else screen.fail(`There is no command .${name}. See .help`)
  }

  /** At the end of the input, Lua says what an unfinished chunk lacks. */
  async #finish() {
    const code = this.#chunk.join('\n')
    this.#chunk = []
    if (code) await this.evaluate(code)
  }

  #interrupt() {
    const isEmpty = this.#chunk.length === 0 && this.#reader.line === ''
    if (isEmpty && this.#leaving) return this.#reader.close()
    this.#leaving = isEmpty
    this.#chunk = []
    process.stdout.write(isEmpty ? '\n(Ctrl-C again or .exit ends)\n' : '^C\n')
    // Ctrl-E and Ctrl-U: to the end of the line, and delete what is before.
    this.#reader.write(null, { ctrl: true, name: 'e' })
    this.#reader.write(null, { ctrl: true, name: 'u' })
    this.#showPrompt()
  }

  /** Runs cron ticks that are due. The prompt stays, unless there is something to show. */
  #tick() {
    const { session } = this.#options
    this.#tasks = this.#tasks.then(async () => {
      const news = await session.news().catch(() => [])
      if (news.length > 0) this.do(async () => this.#tell(news))
    })
  }

  #tell(news: News[]) {
    const { session, screen } = this.#options
    for (const each of news) {
      if ('notice' in each) screen.note(each.notice)
      else {
        const receiver = each.process === session.process ? '' : ` at ${each.process}`
        screen.note(`← ${each.action || 'a message'}${receiver}`)
        screen.show(each.evaluation)
      }
    }
  }
}
