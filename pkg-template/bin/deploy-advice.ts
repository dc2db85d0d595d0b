// What to do when a deployment fails.

import { AoError } from '../index.js'
import type { Progress } from './deploy-network.js'
import type { DeployOptions } from './deploy-options.js'

/** Returns what the user can do after an error, one sentence a line. */
export function adviceFor(error: unknown, options: DeployOptions, progress: Progress, owner: string): string[] {
  if (!(error instanceof AoError)) return []
  const target = options.place.url === undefined ? 'compute unit' : 'node'
  const cause =
    progress.answer === undefined
      ? causeOf(error, options, owner)
      : [`The ${target} does not give the result. When asked again, the request failed: ${progress.answer}`]
  return [...cause, ...nextStep(error, options, progress)]
}

function causeOf({ code, details, message }: AoError, options: DeployOptions, owner: string): string[] {
  const { place, module, process } = options
  const { status, body } = details
  const target = place.url === undefined ? 'the unit' : 'the node'
  if (status === 402 || /insufficient (funds|balance)|payment required/i.test(String(body))) {
    return [`${capital(target)} wants to be paid by the wallet ${owner}. Fund the wallet there, or choose another one.`]
  }
  if (status === 401 || status === 403)
    return [
      `${capital(target)} does not accept messages of the wallet ${owner}. Choose another wallet, or another network.`
    ]
  if (status === 429) return [`${capital(target)} has too many requests. Wait a minute.`]
  if (process !== undefined && (status === 404 || code === 'TIMEOUT')) {
    return [`Check the process ${process}: this network may not have it.`]
  }
  if (code === 'NOT_FOUND' || /\bmodule\b/i.test(message + String(body))) {
    return [
      `Check the module ${module}: --module takes its id on Arweave.`,
      place.url === undefined
        ? 'The gateway must have it: --gateway names another one. A new module takes some minutes to appear there.'
        : 'The node must be able to load it from Arweave.',
      'An `aoxide localnet` has its own Lua module (--module lua), and others that it was started with (--module <id>=<file>).'
    ]
  }
  if (code === 'HTTP_NETWORK' || code === 'TIMEOUT') return ['Check the addresses of the network, and the connection.']
  if (code === 'BAD_RESPONSE') {
    return place.url === undefined
      ? ['Check that --mu, --cu and --gateway are the addresses of such units. A HyperBEAM node is named with --url.']
      : ['Check that --url is the address of a HyperBEAM node. Units are named with --mu and --cu.']
  }
  if (code === 'BAD_KEY' || code === 'SIGNER')
    return ['The wallet cannot sign. Give the key file as the wallet exported it.']
  return []
}

function nextStep(error: AoError, options: DeployOptions, { step, process, message }: Progress): string[] {
  if (process === undefined) return ['Nothing was sent. Deploy again.']
  const isLost = isUncertain(error)
  const again = 'Use the same options with'
  if (step === 'spawn') {
    const advice = `If it did, ${again.toLowerCase()} --process ${process}. A deployment without --process spawns another process.`
    return isLost ? [`The spawn of ${process} may have arrived. ${advice}`] : ['No process was spawned. Deploy again.']
  }
  if (step === 'send' && !isLost) return [`The process is there. ${again} --process ${process}.`]
  if (message === undefined) return [`The process is there. ${again} --process ${process}.`]
  const isSlot = /^\d+$/.test(message)
  if (options.place.url !== undefined && !isSlot) {
    return [
      `The message ${message} may have arrived at the process ${process}, and the node may still evaluate it.`,
      `${again} --process ${process} only if the file may be evaluated twice.`
    ]
  }
  return [
    `The file may have been evaluated. ${again} --process ${process} --message ${message} to wait for the result.`
  ]
}

/** What the client says of requests that may have arrived although they failed. The advice says it with the ids. */
const UNCERTAIN = /[.;]? (The message may have arrived|What was sent may still arrive)[^]*$/

const isUncertain = ({ code, message }: AoError): boolean => code === 'CRASH' || UNCERTAIN.test(message)

/** The message of an error, without the part that the advice replaces. */
export const reasonOf = (error: unknown): string => (error as Error).message.replace(UNCERTAIN, '')

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
