// Replays the schedule of a network, and evaluates the same messages without any check. The argument is a network. Verbs
// return milliseconds.
import { memoryUsage } from 'node:process'
import { aoxide, subpath } from '../../tests/js/support/package.mjs'
import { argument, serve } from '../child.mjs'
import { bytes, demandCount, followed, QUESTION, scheduleUrl, unchecked } from './units.mjs'

const { follow } = await subpath('verify')
const { loadModule } = await subpath('compute')
const network = argument()

async function timed(work) {
  const began = performance.now()
  const value = await work()
  return { time: performance.now() - began, value }
}

/** A process without a network, that has evaluated `count` messages. */
async function evaluated(count) {
  const { messages, environment, owner } = await unchecked(network, count)
  const module = await loadModule(bytes, { engine: 'native', worker: false })
  const run = async () => {
    const process = await module.instantiate(environment)
    const { time, value } = await timed(async () => {
      let last
      for (const message of messages) last = await process.handle(message)
      return last
    })
    // The first entry is the process itself.
    demandCount(value, count - 1)
    return { process, time }
  }
  return { run, messages, owner }
}

async function opened(count) {
  const view = await follow(network.process, followed(network))
  const { time, value } = await timed(() => view.advance({ to: count - 1 }))
  if (!value.verified || value.slot !== count - 1) throw new Error(JSON.stringify(value))
  return { view, time }
}

let bare
async function evaluate(count) {
  bare ??= await evaluated(count)
  const { process, time } = await bare.run()
  await process.close()
  return time
}

async function replay(count) {
  const { view, time } = await opened(count)
  await view.close()
  return time
}

/** Returns the memory of this process after each of these numbers of messages, in bytes. */
async function memory(counts) {
  const view = await follow(network.process, followed(network))
  const found = []
  for (const count of counts) {
    await view.advance({ to: count - 1 })
    globalThis.gc()
    found.push(memoryUsage.rss())
  }
  await view.close()
  return found
}

let warm
/** Opens what `dryrun` and `preview` ask. */
async function prepare(count) {
  const { run, messages, owner } = await evaluated(count)
  const { process } = await run()
  const { SU_URL, CU_URL, GATEWAY_URL } = {
    SU_URL: `${network.url}/su`,
    CU_URL: `${network.url}/cu`,
    GATEWAY_URL: network.url
  }
  const ao = aoxide.connect({ MODE: 'legacy', SU_URL, CU_URL, GATEWAY_URL, MU_URL: `${network.url}/mu` })
  const { source, ...options } = followed(network)
  const view = await ao.follow(network.process, options)
  await view.advance()
  warm = { ao, process, message: { ...messages.at(-1), ...body(owner) }, owner, count }
}

const body = (owner) => ({ Data: QUESTION.data, Tags: QUESTION.tags, Owner: owner, From: owner, 'Read-Only': true })

/** A verified dryrun. There is nothing new in the schedule. */
async function dryrun() {
  const { ao, owner, count } = warm
  const question = { process: network.process, ...QUESTION, Owner: owner, verify: 'local' }
  const { time, value } = await timed(() => ao.dryrun(question))
  demandCount(value, count - 1)
  return time
}

/** A dryrun without any check, and one request. */
async function preview() {
  const { process, message, count } = warm
  const url = scheduleUrl(network, count - 1, 100)
  const { time, value } = await timed(async () => {
    await (await fetch(url)).json()
    return process.dryrun(message)
  })
  demandCount(value, count - 1)
  return time
}

serve({ evaluate, replay, memory, prepare, dryrun, preview })
