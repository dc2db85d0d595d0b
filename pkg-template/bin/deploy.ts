// `aoxide deploy`: spawns a process on a network, and evaluates a file in it.

import { DataItem } from '../ans104/index.js'
import { AoError, createSigner, type Evaluation } from '../index.js'
import { readScript } from './arguments.js'
import { adviceFor, reasonOf } from './deploy-advice.js'
import { deployNetwork, type Progress } from './deploy-network.js'
import { type DeployOptions, readDeployOptions, USAGE } from './deploy-options.js'
import { errorText, outputText } from './evaluation-text.js'
import { readWallet } from './key-file.js'
import { findModule } from './module-source.js'
import { Screen } from './screen.js'
import { UsageError } from './usage-error.js'

export async function main(args: string[]): Promise<void> {
  const options = readDeployOptions(args)
  if (options) await deploy(options)
  else console.log(USAGE)
}

async function deploy(options: DeployOptions): Promise<void> {
  const screen = new Screen()
  const code = await readScript(options.file)
  const signer = createSigner(await readWallet(options.wallet))
  // Signing an item shows that the key can be used, before anything is sent.
  const { address: owner } = await DataItem.create({ data: '' })
    .sign(signer)
    .catch((error: Error) => {
      throw new UsageError(`The wallet ${options.wallet} cannot sign: ${error.message}`)
    })
  const network = deployNetwork(options, signer)
  screen.note(`The wallet ${owner} deploys ${options.file} to ${network.name}.`)
  const progress: Progress = { step: 'spawn', process: options.process, message: options.message }
  try {
    report(await evaluate().catch(resultOrReason))
  } catch (error) {
    screen.fail(reasonOf(error))
    for (const line of adviceFor(error, options, progress, owner)) screen.note(line)
    if (options.json) print({ error: (error as Error).message, code: (error as { code?: string }).code })
    process.exitCode = 1
  }

  async function evaluate(): Promise<Evaluation> {
    if (options.process !== undefined && options.message !== undefined) {
      progress.step = 'result'
      return network.result(options.process, options.message)
    }
    const id = options.process ?? (await spawn())
    progress.process = id
    progress.step = 'send'
    screen.note(`Evaluating ${options.file} …`)
    return network.evaluate(id, code, options.process === undefined, progress)
  }

  /**
   * After the time for a result is over, asks once more. The client waits while a network answers that it cannot evaluate, so
   * its error does not have the reason.
   */
  async function resultOrReason(error: unknown): Promise<Evaluation> {
    const { step, process, message } = progress
    const isLate = error instanceof AoError && error.code === 'TIMEOUT' && step === 'result'
    if (!isLate || process === undefined || message === undefined) throw error
    try {
      return await network.ask(process, message)
    } catch (answer) {
      if (!(answer instanceof AoError) || answer.code !== 'TIMEOUT') progress.answer = (answer as Error).message
      throw error
    }
  }

  async function spawn(): Promise<string> {
    const module = options.module === 'lua' ? (await findModule(undefined)).id : options.module
    return network.spawn(module, options.tags, (id) => {
      progress.process = id
      screen.note(`Spawning the process ${id} …`)
    })
  }

  function report(evaluation: Evaluation): void {
    if (options.json) {
      const { Messages = [], Spawns = [], Assignments = [] } = evaluation
      const error = errorText(evaluation, false)
      const output = outputText(evaluation, false)
      print({
        output,
        messages: Messages,
        spawns: Spawns,
        assignments: Assignments,
        ...(error !== undefined && { error })
      })
    } else {
      screen.show(evaluation)
      screen.print(`Process ${progress.process}`)
    }
    const again = `with the same options and --process ${progress.process}`
    if (errorText(evaluation, false) !== undefined) {
      screen.note(`The process is there, but the file failed. Correct it, and deploy it ${again}.`)
    } else if (isRefused(evaluation)) {
      screen.fail(
        `The process took the file for an ordinary message: the wallet ${owner} does not own it. Give its owner's.`
      )
    } else return
    process.exitCode = 1
  }

  function print(result: object): void {
    screen.print(JSON.stringify({ process: progress.process, message: progress.message, owner, ...result }))
  }
}

/** Whether a process has put the code into its inbox, as aos does with code that its owner did not send. */
const isRefused = (evaluation: Evaluation): boolean =>
  /^New Message From \S+: Action = Eval/.test(outputText(evaluation, false))
