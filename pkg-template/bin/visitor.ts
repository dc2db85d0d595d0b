// Messages in unsigned JSON, signed with a key for visitors. Processes trust the network's own key, so it never signs them.

import { join } from 'node:path'
import { DataItem } from '../ans104/index.js'
import type { PlainRequest } from '../local/index.js'
import { createSigner } from '../signers/create-signer.js'
import { generateJwk } from '../signers/keys.js'
import { keptKey } from './key-file.js'
import type { Answering } from './server.js'

/** Paths that take messages. The group is the process, where the path names it. */
const MESSAGES = /^\/(?:([\w-]{43})(?:~process@1\.0)?\/|~(?:scheduler|process)@1\.0\/)?(?:push|schedule)(?:[&?].*)?$/

/** Tags of every message. aoconnect writes the same. */
const USUAL_TAGS = { 'Data-Protocol': 'ao', Type: 'Message', Variant: 'ao.N.1' }

type Fields = Record<string, unknown>

export class VisitorSigner {
  readonly #folder: string | undefined
  #signer: Promise<ReturnType<typeof createSigner>> | undefined

  /** @param folder Keeps the key. Without a folder, each run of the program has a key of its own. */
  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** Returns a network that signs unsigned messages and answers all other requests as `network` does. */
  wrap(network: Answering): Answering {
    return {
      answer: async (request) => {
        const process = processOf(request)
        if (process === undefined) return network.answer(request)
        const fields = fieldsOf(request.body)
        if (!fields) return rejection('The body is not a JSON object. Send the fields of the message, {"Action": "…"}')
        const target = process || textOf(valueOf(fields, 'target'))
        // Who spawns a process owns it, and all visitors share one key.
        if (!target || valueOf(fields, 'type') === 'Process') return network.answer(request)
        const item = await this.#sign(target, fields)
        const headers = { 'content-type': 'application/ans104', 'codec-device': 'ans104@1.0' }
        return network.answer({ ...request, headers, body: item.raw })
      }
    }
  }

  async #sign(target: string, fields: Fields) {
    this.#signer ??= this.#key().then(createSigner)
    const named = Object.entries(fields).filter(([name]) => !/^(data|target)$/i.test(name))
    const usual = Object.entries(USUAL_TAGS).filter(([name]) => valueOf(fields, name) === undefined)
    const tags = [...named, ...usual].flatMap(([name, value]) => {
      const text = textOf(value)
      return text === undefined ? [] : [{ name, value: text }]
    })
    const data = textOf(valueOf(fields, 'data')) ?? ''
    try {
      return await DataItem.create({ target, tags, data }).sign(await this.#signer)
    } catch (error) {
      // The next message reads the key again.
      this.#signer = undefined
      throw error
    }
  }

  async #key(): Promise<Awaited<ReturnType<typeof generateJwk>>> {
    return this.#folder === undefined ? generateJwk() : keptKey(join(this.#folder, 'visitor.json'), generateJwk)
  }
}

/** The process of an unsigned message, `''` where the path does not name it; `undefined` for every other request. */
function processOf({ method, path, headers = {} }: PlainRequest): string | undefined {
  const match = MESSAGES.exec(path)
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '')
  if (method !== 'POST' || !match || !isJson || headers['signature-input'] !== undefined) return undefined
  return match[1] ?? ''
}

function fieldsOf(body: Uint8Array | undefined): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof fields === 'object' && fields && !Array.isArray(fields) ? (fields as Fields) : undefined
  } catch {
    return undefined
  }
}

/** The value of a field. Names are compared without regard to case. */
const valueOf = (fields: Fields, name: string) =>
  Object.entries(fields).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** Tags and data are text. Numbers, booleans, lists and maps are written as JSON. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function rejection(reason: string) {
  const body = new TextEncoder().encode(JSON.stringify({ status: 400, reason, error: reason, code: 'BAD_ARGUMENT' }))
  const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*', status: '400' }
  return { status: 400, headers, body }
}
