// Messages in unsigned JSON, signed with the key of a visitor. Processes trust the network's key, so it is never used here.

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataItem } from '../ans104/index.js'
import { generateJwk } from '../signers/keys.js'
import { createSigner } from '../signers/create-signer.js'

/** Paths that take messages, and the process that they name. */
const MESSAGES = /^\/(?:([\w-]{43})(?:~process@1\.0)?\/|~(?:scheduler|process)@1\.0\/)?(?:push|schedule)(?:[&?].*)?$/

/** Tags that every message has; aoconnect writes the same. */
const USUAL = { 'Data-Protocol': 'ao', Type: 'Message', Variant: 'ao.N.1' }

export class Visitor {
  #folder
  #signer

  /** `folder` is where the key is kept; without one, it lasts as long as the program. */
  constructor(folder) {
    this.#folder = folder
  }

  /** A network that takes such messages beside all others. */
  welcome(network) {
    return {
      answer: async (request) => {
        const process = processOf(request)
        if (process === undefined) return network.answer(request)
        const fields = fieldsOf(request.body)
        if (!fields) return refusal('The body is no JSON object. Send the fields of the message, {"Action": "…"}')
        const target = process || textOf(valueOf(fields, 'target'))
        // Who spawns owns a process, and visitors share a key.
        if (!target || valueOf(fields, 'type') === 'Process') return network.answer(request)
        const item = await this.#sign(target, fields)
        const headers = { 'content-type': 'application/ans104', 'codec-device': 'ans104@1.0' }
        return network.answer({ ...request, headers, body: item.raw })
      }
    }
  }

  async #sign(target, fields) {
    this.#signer ??= this.#key().then(createSigner)
    const named = Object.entries(fields).filter(([name]) => !/^(data|target)$/i.test(name))
    const usual = Object.entries(USUAL).filter(([name]) => valueOf(fields, name) === undefined)
    const tags = [...named, ...usual]
      .map(([name, value]) => ({ name, value: textOf(value) }))
      .filter(({ value }) => value !== undefined)
    const data = textOf(valueOf(fields, 'data')) ?? ''
    try {
      return await DataItem.create({ target, tags, data }).sign(await this.#signer)
    } catch (error) {
      this.#signer = undefined
      throw error
    }
  }

  async #key() {
    if (this.#folder === undefined) return generateJwk()
    const file = join(this.#folder, 'visitor.json')
    const kept = await readFile(file, 'utf8').catch((error) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (kept !== undefined) return JSON.parse(kept)
    const key = await generateJwk()
    // Whole or not at all.
    await writeFile(`${file}.new`, JSON.stringify(key), { mode: 0o600 })
    await rename(`${file}.new`, file)
    return key
  }
}

/** The process of a path that takes messages, `''` where it names none; `undefined` for every other request. */
function processOf({ method, path, headers = {} }) {
  const taken = MESSAGES.exec(path)
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '')
  if (method !== 'POST' || !taken || !isJson || headers['signature-input'] !== undefined) return undefined
  return taken[1] ?? ''
}

function fieldsOf(body) {
  try {
    const fields = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof fields === 'object' && !Array.isArray(fields) ? (fields ?? undefined) : undefined
  } catch {
    return undefined
  }
}

const valueOf = (fields, name) =>
  Object.entries(fields).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1]

/** Tags and data are text: numbers and truth values as JSON has them, and so lists and maps. */
function textOf(value) {
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function refusal(reason) {
  const body = JSON.stringify({ status: 400, reason, error: reason, code: 'BAD_ARGUMENT' })
  const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*', status: '400' }
  return { status: 400, headers, body }
}
