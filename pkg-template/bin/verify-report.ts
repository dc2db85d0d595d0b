// What `aoxide verify` prints: text for people, or one line of JSON for each event.

import { styleText } from 'node:util'
import type { AoError } from '../errors.js'
import type { FollowProgress, Proof, SlotReport } from '../verify/index.js'
import type { VerifyOptions } from './verify-options.js'

export interface Report {
  progress(progress: FollowProgress): void
  slot(slot: SlotReport): void
  comparing(done: number, of: number): void
  /** `compared`: what the unit says about each slot that was compared. */
  proof(proof: Proof, compared: Proof['unit'][]): void
  failure(error: AoError): void
}

export function jsonReport(): Report {
  const print = (what: string, event: object) => console.log(JSON.stringify({ time: Date.now(), what, ...event }))
  return {
    progress: (progress) => print('progress', progress),
    slot: ({ result, ...slot }) => print('slot', { ...slot, ...(result.Error ? { error: result.Error } : {}) }),
    comparing: (done, of) => print('progress', { slot: done, of, phase: 'comparison' }),
    proof: (proof, compared) => print('proof', { ...proof, compared: countsOf(compared) }),
    failure: ({ code, message, details }) => print('failure', { code, message, details, verified: false })
  }
}

const PHASES = { schedule: 'reading the schedule', messages: 'reading messages', evaluation: 'evaluating' }

const SUBJECTS: Record<Proof['unverifiable'][number]['subject'], string> = {
  cron: 'messages of crons, which have no signature',
  message: 'messages whose bytes neither scheduler nor gateway has',
  assignment: 'assignments without a signature that can be checked',
  chain: 'a broken hash chain, as schedulers wrote it before March 2025',
  assigned: 'fields of assigned transactions',
  repeated: 'messages that an earlier slot has, which some nodes skip',
  state: 'what led to the state of the compute unit'
}

const PARTIES: Record<Proof['trusted'][number]['party'], string> = {
  scheduler: 'scheduler, for the order, the end of the schedule, and times',
  'checkpoint-signer': 'signer of the checkpoint, for everything before it',
  gateway: 'gateway, for times of blocks and fields that no signature covers',
  pinned: 'a hash that you gave',
  unit: 'a compute unit, for the state at the start',
  'kept-view': 'the folder of an earlier run, up to this slot',
  node: 'node, for the order, the end of the schedule, and times: it shows no signatures of assignments'
}

const UNIT: Record<Proof['unit'], string> = {
  agrees: 'the same',
  'other-order': 'the same, but for the order of Lua tables',
  differs: 'different',
  stale: 'of another slot',
  'no-answer': 'no answer',
  'not-asked': 'not asked'
}

export function textReport({ process: id, slots }: VerifyOptions): Report {
  const isTerminal = process.stdout.isTTY
  const began = Date.now()
  const counts = { evaluated: 0, skipped: 0, error: 0 }
  let last = -1
  /** Shows how far the work is, on one line of a terminal. */
  const show = (text: string) => isTerminal && !slots && process.stdout.write(`\r\u001b[K${text}`)
  const colour = (name: 'green' | 'red' | 'yellow', text: string) => (isTerminal ? styleText(name, text) : text)
  const row = (name: string, text: string) => console.log(`  ${name.padEnd(13)}${text}`)
  return {
    progress: ({ slot, of, phase }) => show(`${PHASES[phase]}: slot ${Math.max(slot, 0)} of ${of}`),
    slot(report) {
      counts[report.outcome === 'skipped' || report.outcome === 'error' ? report.outcome : 'evaluated']++
      last = report.slot ?? last
      if (slots) console.log(lineOf(report))
    },
    comparing: (done, of) => show(`comparing with the unit: ${done} of ${of}`),
    proof(proof, compared) {
      show('')
      const { evaluated, skipped, error } = counts
      const seconds = ((Date.now() - began) / 1000).toFixed(1)
      const verdict = proof.verified ? colour('green', 'verified') : colour('yellow', 'not verified')
      console.log(`Process ${id}: ${verdict}`)
      row('slot', `${proof.slot}, assigned ${new Date(proof.timestamp).toISOString()}, ${durationOf(proof.age)} ago`)
      row('assignment', proof.assignment)
      row('began at', anchorOf(proof))
      row('this run', `${evaluated} evaluated, ${error} failed, ${skipped} skipped as units do, in ${seconds} s`)
      for (const { party, name } of proof.trusted) row('trusted', `${name}: ${PARTIES[party]}`)
      for (const { subject, slot, count } of proof.unverifiable)
        row('unverifiable', `${count} from slot ${slot} on: ${SUBJECTS[subject]}`)
      if (compared.length === 0) row('unit', proof.unit === 'not-asked' ? 'none asked' : UNIT[proof.unit])
      for (const [unit, count] of Object.entries(countsOf(compared)))
        row('unit', `${count} ${count === 1 ? 'result' : 'results'}: ${UNIT[unit as Proof['unit']]}`)
    },
    failure({ code, message }) {
      show('')
      console.error(`Process ${id}: ${colour('red', 'not verified')}${last < 0 ? '' : `, after slot ${last}`}`)
      console.error(`  ${code}: ${message}`)
    }
  }
}

function countsOf(compared: Proof['unit'][]): Partial<Record<Proof['unit'], number>> {
  const counts: Partial<Record<Proof['unit'], number>> = {}
  for (const unit of compared) counts[unit] = (counts[unit] ?? 0) + 1
  return counts
}

function anchorOf({ anchor, checkpoint }: Proof): string {
  if (anchor === 'genesis') return 'slot 0'
  if (!checkpoint) return 'a state that a unit served'
  return `checkpoint ${checkpoint.id} of slot ${checkpoint.slot}, signed by ${checkpoint.owner}`
}

function lineOf({ slot, message, action, from, checks, outcome }: SlotReport): string {
  const place = slot === undefined ? '-' : String(slot)
  const sender = from ? ` from ${from}` : ''
  const label = outcome === 'ok' ? '' : `  [${outcome}]`
  return `${place.padStart(6)}  ${message ?? 'cron'}  ${action ?? ''}${sender}  ${checks.join(', ')}${label}`
}

/** 90061000 → "1 d 1 h". */
function durationOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's']
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}
