// `aoxide verify`: computes a process's state from its signed schedule, and prints what it rests on.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { AoError } from '../errors.js'
import { follow, type Proof, type View } from '../verify/index.js'
import { FolderStorage } from './folder-storage.js'
import { UsageError } from './usage-error.js'
import { readOptions, USAGE, type VerifyOptions } from './verify-options.js'
import { jsonReport, textReport, type Report } from './verify-report.js'

export async function main(args: string[]): Promise<void> {
  try {
    const options = readOptions(args)
    if (options) process.exitCode = await run(options)
    else console.log(USAGE)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}

/** Returns the exit code. */
async function run(options: VerifyOptions): Promise<number> {
  // Most modules have 64-bit memory. Node.js before version 24 needs a flag for it.
  if (parseInt(process.versions.node) < 24) setFlagsFromString('--experimental-wasm-memory64')
  const report = options.json ? jsonReport() : textReport(options)
  const controller = new AbortController()
  const stop = () => controller.abort(new UsageError('Stopped'))
  process.once('SIGINT', stop)
  let storage: FolderStorage | undefined
  let view: View | undefined
  try {
    const module = options.module === undefined ? undefined : await moduleOf(options.module)
    if (options.dir !== undefined) storage = await FolderStorage.open(options.dir)
    const { source, trust, engine, restart, computeLimit, maxAge } = options
    view = await follow(options.process, {
      source,
      engine,
      restart,
      trust: { ...trust, ...(module && { module: { sha256: module.sha256 } }) },
      ...(module && { module: module.bytes }),
      ...(storage && { storage }),
      ...(computeLimit !== undefined && { computeLimit }),
      ...(maxAge !== undefined && { age: { refuse: maxAge } }),
      onProgress: report.progress,
      signal: controller.signal
    })
    return await replay(view, options, report, controller.signal)
  } catch (error) {
    if (!(error instanceof AoError)) throw error
    report.failure(error)
    return 1
  } finally {
    process.off('SIGINT', stop)
    await view?.close()
    await storage?.close()
  }
}

/** Advances the view, and compares its newest results with those of the unit. Returns the exit code. */
async function replay(view: View, options: VerifyOptions, report: Report, signal: AbortSignal): Promise<number> {
  const range = { signal, ...(options.to !== undefined && { to: options.to }), onProgress: report.progress }
  /** The slots that this run evaluated: the view has no results of earlier runs. */
  const slots: number[] = []
  for await (const slot of view.slots(range)) {
    if (slot.slot !== undefined) slots.push(slot.slot)
    report.slot(slot)
  }
  const compared =
    'unit' in options.source || 'node' in options.source
      ? await compare(view, slots.slice(-options.compare), report, signal)
      : []
  const proof = await view.proof()
  report.proof(proof, compared)
  return proof.verified ? 0 : 1
}

/** What the unit says about each of these slots. Throws `MISMATCH` where it differs. */
async function compare(view: View, slots: number[], report: Report, signal: AbortSignal): Promise<Proof['unit'][]> {
  const answers: Proof['unit'][] = []
  for (const slot of slots) {
    const { proof } = await view.result(slot, { unit: true, signal })
    answers.push(proof.unit)
    report.comparing(answers.length, slots.length)
  }
  return answers
}

async function moduleOf(file: string): Promise<{ bytes: Uint8Array; sha256: string }> {
  try {
    const bytes = new Uint8Array(await readFile(file))
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    throw new UsageError(`The module ${file} cannot be read: ${(error as Error).message}`)
  }
}
