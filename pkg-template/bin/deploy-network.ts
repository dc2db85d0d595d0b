// How `aoxide deploy` spawns and evaluates, on units and on HyperBEAM nodes.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AoError, connect, type Evaluation, type MadeSigner, type Tag } from '../index.js'
import type { DeployOptions } from './deploy-options.js'

/** How far a deployment has got, for advice after an error. */
export interface Progress {
  step: 'spawn' | 'send' | 'result'
  /** The process, as soon as its spawn is signed. */
  process: string | undefined
  /** The message that evaluates the file, as soon as it is signed: its id, or on a node its slot once it has one. */
  message: string | undefined
  /** What the network answered instead of a result, when the time was over. */
  answer?: string
}

/** The verbs that a deployment needs. */
export interface DeployNetwork {
  /** The network's name, for people. */
  name: string
  /** Spawns a process. `signed` is called with its id before anything is sent. */
  spawn(module: string, tags: Tag[], signed: (id: string) => void): Promise<string>
  /** Sends code to a process, and returns the result of its evaluation. Records the message in `progress`. */
  evaluate(process: string, code: string, isNew: boolean, progress: Progress): Promise<Evaluation>
  /** Returns the result of a message that was sent. */
  result(process: string, message: string): Promise<Evaluation>
  /** Asks once for the result of a message, and does not wait for it. */
  ask(process: string, message: string): Promise<Evaluation>
}

const EVAL: Tag[] = [{ name: 'Action', value: 'Eval' }]

/**
 * Every attempt of a call sends the same signed item. Units refuse an item that they have, and on a node the client reads the
 * schedule before it sends a copy. So a retry never becomes a second process or a second message.
 */
const retry = { attempts: 4, backoff: 500 }

/** Milliseconds for which units may not know a new process yet, and between two attempts to send it a message. */
const UNKNOWN = 30_000
const PAUSE = 1000

/** One attempt, and its longest time in milliseconds. */
const once = { retry: { attempts: 1 }, timeout: 10_000 }

export function deployNetwork(options: DeployOptions, signer: MadeSigner): DeployNetwork {
  return options.place.url === undefined ? units(options, signer) : node(options, signer)
}

function node({ place, scheduler, authority, timeout }: DeployOptions, signer: MadeSigner): DeployNetwork {
  const { url = '' } = place
  const ao = connect({ MODE: 'mainnet', URL: url, signer, timeout, retry })
  return {
    name: `the node ${url}`,
    spawn: (module, tags, onSigned) =>
      ao.spawn({
        module,
        tags,
        onSigned,
        ...(scheduler !== undefined && { scheduler }),
        ...(authority !== undefined && { authority })
      }),
    evaluate(process, data, _isNew, progress) {
      return ao.send({
        process,
        tags: EVAL,
        data,
        onProgress({ stage, ...place }) {
          progress.message = 'slot' in place ? String(place.slot) : place.id
          if (stage === 'sent') progress.step = 'result'
        }
      })
    },
    result: (process, slot) => ao.result({ process, slot, wait: true }),
    ask: (process, slot) => connect({ MODE: 'mainnet', URL: url, signer, ...once }).result({ process, slot })
  }
}

function units({ place, scheduler = '', authority, timeout }: DeployOptions, signer: MadeSigner): DeployNetwork {
  const { gateway, mu, cu } = place as { gateway?: string; mu?: string; cu?: string }
  const addresses = {
    ...(gateway !== undefined && { GATEWAY_URL: gateway }),
    ...(mu !== undefined && { MU_URL: mu }),
    ...(cu !== undefined && { CU_URL: cu })
  }
  const ao = connect({ MODE: 'legacy', timeout, retry, ...addresses })
  return {
    name: mu === undefined ? 'the public network of units' : `the units ${mu} and ${cu}`,
    spawn: (module, given, onSigned) => {
      const tags = authority === undefined ? given : [...given, { name: 'Authority', value: authority }]
      return ao.spawn({ module, scheduler, signer, tags, onSigned })
    },
    async evaluate(process, data, isNew, progress) {
      // The anchor makes a difference between two deployments of the same file. Some keys would sign both with equal bytes.
      const anchor = randomBytes(16).toString('hex')
      const signed = await ao.signMessage({ process, signer, tags: EVAL, data, anchor })
      progress.message = signed.id
      const send = () => ao.sendSignedMessage(signed)
      await (isNew ? whileUnknown(send, timeout) : send())
      progress.step = 'result'
      return ao.result({ process, message: signed.id, wait: true })
    },
    result: (process, message) => ao.result({ process, message, wait: true }),
    ask: (process, message) => connect({ MODE: 'legacy', ...once, ...addresses }).result({ process, message })
  }
}

/** Tries again while a unit answers that it does not know the process, which may take it a moment after the spawn. */
async function whileUnknown(send: () => Promise<unknown>, timeout: number): Promise<void> {
  const end = Date.now() + Math.min(UNKNOWN, timeout)
  for (;;) {
    try {
      await send()
      return
    } catch (error) {
      const isUnknown = error instanceof AoError && [400, 404, 500].includes(error.details['status'] as number)
      if (!isUnknown || Date.now() > end) throw error
      await sleep(PAUSE)
    }
  }
}
