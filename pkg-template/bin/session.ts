// A process in a local network, as `aoxide run` uses it.

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataItem } from '../ans104/index.js'
import { connect, createSigner, type Jwk, type LocalClient, type MadeSigner } from '../index.js'
import { createLocalNetwork, type LocalNetwork, type NetworkEvent } from '../local/index.js'
import type { Evaluation, Tag } from '../types.js'
import { FolderStorage } from './folder-storage.js'
import { keptKey, readWallet } from './key-file.js'
import { findModule } from './module-source.js'
import type { RunOptions } from './run-options.js'
import { UsageError } from './usage-error.js'

/** What happened in the network besides the evaluations of the user's code. */
export type News =
  | { process: string; action: string; evaluation: Evaluation }
  /** A fault, or a process that was spawned. */
  | { notice: string }

const EVAL: Tag[] = [{ name: 'Action', value: 'Eval' }]

/** A deadline would count the time in which an evaluation blocks the thread. `computeLimit` ends evaluations instead. */
const timeout = Infinity

/** Failed messages are not among them: the result of the message has the error. */
const NOTICES: ReadonlySet<NetworkEvent['what']> = new Set([
  'not delivered',
  'cascade stopped',
  'ticks left out',
  'damaged'
])

export class Session {
  readonly #network: LocalNetwork
  readonly #storage: FolderStorage | undefined
  readonly #ao: LocalClient
  readonly #signer: MadeSigner
  readonly #owner: string
  readonly #events: NetworkEvent[]
  readonly #hasCron: boolean
  /** Ids of messages whose results `evaluate` returns. */
  readonly #evaluations = new Set<string>()
  /** Results that were returned since the last look for ticks. */
  #known: string[] = []
  /** The last result in which a tick was looked for. */
  #cursor: string | undefined

  /** The id of the process. */
  readonly process: string
  /** Whether the process is from an earlier run. */
  readonly resumed: boolean

  private constructor(parts: {
    network: LocalNetwork
    storage: FolderStorage | undefined
    ao: LocalClient
    signer: MadeSigner
    owner: string
    events: NetworkEvent[]
    record: RunRecord
    resumed: boolean
  }) {
    this.#network = parts.network
    this.#storage = parts.storage
    this.#ao = parts.ao
    this.#signer = parts.signer
    this.#owner = parts.owner
    this.#events = parts.events
    this.process = parts.record.process
    this.#hasCron = parts.record.cron
    this.resumed = parts.resumed
  }

  /**
   * Opens a network, and starts a process in it or continues with the one of its folder.
   *
   * @throws `UsageError`, `AoError`, errors of the file system.
   */
  static async open(options: RunOptions): Promise<Session> {
    const { dir, engine, computeLimit, gateway } = options
    const key = options.wallet === undefined ? undefined : await readWallet(options.wallet)
    const storage = dir === undefined ? undefined : await FolderStorage.open(dir)
    const events: NetworkEvent[] = []
    let network: LocalNetwork | undefined
    try {
      network = await createLocalNetwork({
        engine,
        onEvent: (event) => events.push(event),
        ...(storage && { storage }),
        ...(computeLimit !== undefined && { computeLimit })
      })
      const ao = connect({ MODE: 'local', network, ...(gateway !== undefined && { GATEWAY_URL: gateway }) })
      const signer = createSigner(key ?? (await ownKey(dir)))
      const { address: owner } = await DataItem.create({ data: '' }).sign(signer)
      const kept = dir === undefined || options.startNew ? undefined : await keptRunRecord(dir)
      if (kept !== undefined && (options.module !== undefined || options.tags.length > 0)) {
        throw new UsageError(
          `The folder ${dir} has a process already, with its module and tags. Start another one with --new`
        )
      }
      const record = kept ?? (await spawn(ao, network, signer, options))
      if (dir !== undefined && kept === undefined) await writeFile(recordOf(dir), JSON.stringify(record))
      return new Session({ network, storage, ao, signer, owner, events, record, resumed: kept !== undefined })
    } catch (error) {
      await network?.close()
      await storage?.close()
      throw error
    }
  }

  /**
   * Evaluates code in the process.
   *
   * @throws `AoError` when the message cannot be evaluated at all. An error of the code is part of the result.
   */
  async evaluate(code: string): Promise<Evaluation> {
    const evaluation = await this.#ao.send({
      process: this.process,
      signer: this.#signer,
      tags: EVAL,
      data: code,
      // The network refuses a message that it has. Ed25519 signs equal messages with equal bytes.
      anchor: randomBytes(16).toString('hex'),
      timeout,
      onSigned: (id) => this.#evaluations.add(id)
    })
    this.#known.push(contents(evaluation))
    return evaluation
  }

  /** Whether code ends too early, so that further lines could complete it. The process itself tells, in a dryrun. */
  async isIncomplete(code: string): Promise<boolean> {
    const input = { process: this.process, Owner: this.#owner, tags: EVAL, data: completionTest(code), timeout }
    const { Output } = await this.#ao.dryrun(input)
    return (Output as { data?: unknown } | undefined)?.data === INCOMPLETE
  }

  /** Runs what is due in the network. Returns what has happened since the last call. */
  async news(): Promise<News[]> {
    await this.#network.settle()
    const news: News[] = []
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      const { what, process, message, detail } = event
      if (what === 'message' && !this.#evaluations.delete(message)) {
        const evaluation = await this.#ao.result({ process, message, timeout })
        this.#known.push(contents(evaluation))
        news.push({ process, action: detail, evaluation })
      } else if (what === 'spawned' && process !== this.process)
        news.push({ notice: `The process ${process} was spawned.` })
      else if (NOTICES.has(what)) news.push({ notice: `${what}: ${detail}` })
    }
    if (this.#hasCron) news.push(...(await this.#ticks()))
    return news
  }

  /**
   * Returns the results of cron ticks since the last call. The network has no events of them, so they are what is left of all
   * results.
   */
  async #ticks(): Promise<News[]> {
    const from = this.#cursor === undefined ? {} : { from: this.#cursor }
    const { edges } = await this.#ao.results({ process: this.process, sort: 'ASC', limit: 1000, timeout, ...from })
    const isFirstLook = this.#cursor === undefined
    this.#cursor = edges.at(-1)?.cursor ?? this.#cursor
    const known = this.#known
    this.#known = []
    // The first result is that of the spawn. Those of earlier runs were shown then.
    const fresh = isFirstLook ? edges.slice(this.resumed ? edges.length : 1) : edges
    return fresh.flatMap(({ node }) => {
      const index = known.indexOf(contents(node))
      if (index < 0) return [{ process: this.process, action: 'Cron', evaluation: node }]
      known.splice(index, 1)
      return []
    })
  }

  /** Closes the network. Its folder is free for other programs then. */
  async close(): Promise<void> {
    await this.#network.close()
    await this.#storage?.close()
  }
}

async function spawn(
  ao: LocalClient,
  network: LocalNetwork,
  signer: MadeSigner,
  options: RunOptions
): Promise<RunRecord> {
  const { id, bytes } = await findModule(options.module)
  if (bytes) await network.addModule(id, bytes)
  const process = await ao.spawn({ module: id, signer, tags: options.tags, timeout })
  // The network starts the clock of a process when someone monitors it.
  const cron = options.tags.some(({ name }) => name === 'Cron-Interval')
  if (cron) await ao.monitor({ process, signer, timeout })
  return { process, cron }
}

/** What is kept of a process in its folder, besides the network. */
interface RunRecord {
  process: string
  /** Whether the process has cron ticks. */
  cron: boolean
}

const recordOf = (dir: string) => join(dir, 'run.json')

async function keptRunRecord(dir: string): Promise<RunRecord | undefined> {
  try {
    return JSON.parse(await readFile(recordOf(dir), 'utf8')) as RunRecord
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageError(`${recordOf(dir)} cannot be read. Repair it, or start a new process with --new`)
  }
}

/** The parts of a result that pages of results have too. */
const contents = ({ Output, Messages, Spawns, Error }: Evaluation) => JSON.stringify([Output, Messages, Spawns, Error])

/** The key that owns processes when the user gives none. An Ed25519 key is made at once, an RSA key in seconds. */
async function ownKey(dir: string | undefined): Promise<Jwk> {
  const generate = async () => {
    const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
    return (await crypto.subtle.exportKey('jwk', pair.privateKey)) as Jwk
  }
  return dir === undefined ? generate() : keptKey(join(dir, 'run-key.json'), generate)
}

const INCOMPLETE = 'aoxide: incomplete'

/** Lua code that returns `INCOMPLETE` when `code` is. Lua says so by naming the end of the code in its message. */
function completionTest(code: string): string {
  let level = '='
  while (code.includes(`]${level}]`) || code.endsWith(`]${level}`)) level += '='
  // Lua drops the line feed after the opening bracket.
  return `local chunk = [${level}[\n${code}]${level}]
if load('return ' .. chunk) then return 'complete' end
local compiled, message = load(chunk)
return (compiled or not message:find('<eof>$')) and 'complete' or '${INCOMPLETE}'`
}
