// The Verify view: replays the signed schedule of a process in this page, and says what an answer rests on.
import { PHASES, checkOf } from './checks.js'
import { $, announce, h } from './dom.js'
import { networkStore } from './network-store.js'
import { lyingFetch } from './lies.js'
import { moduleOf } from './network.js'
import { proofView, slotView, verdictView } from './proof-view.js'
import { session } from './session.js'
import { SlotStrip, legend } from './slot-strip.js'
import { advance, verify } from './verification.js'
import { VerifyForm } from './verify-form.js'
import { AsyncStatus } from './async-status.js'

/** Gas limit of one message, as in the network of this page. */
const GAS_PER_MESSAGE = 3e11

const panel = (id, title, ...content) =>
  h(
    'section',
    { class: 'panel', id, 'aria-labelledby': `${id}-title` },
    h('div', { class: 'panel-head' }, h('h2', { id: `${id}-title` }, title)),
    content
  )

const introduction = () =>
  h(
    'ol',
    { class: 'plan' },
    h(
      'li',
      null,
      h('b', null, 'Read.'),
      ' The page reads the schedule: which messages the process got, in which order.'
    ),
    h('li', null, h('b', null, 'Verify.'), ' It verifies each signature, each id and the hash chain.'),
    h('li', null, h('b', null, 'Compute.'), ' It evaluates every message itself, and compares with the compute unit.')
  )

/** The newest message that the compute unit has a result of: the one whose result it may lie about. */
const newestResult = (process) =>
  networkStore.processes.get(process)?.messages.findLast(({ id, result }) => id && result && !result.Error)?.id

/** Options of `follow`. Modules of the network in this page are not signed: their hashes are given. */
async function optionsOf({ process, isHere, lie, source, trust }) {
  if (!isHere) return { source, trust }
  const module = await moduleOf(process)
  return {
    source,
    fetch: lyingFetch(lie, newestResult(process)),
    computeLimit: GAS_PER_MESSAGE,
    ...(module ? { module: module.bytes, trust: { ...trust, module: { sha256: module.sha256 } } } : { trust })
  }
}

export function startVerify() {
  const start = h('button', { type: 'submit', class: 'primary', id: 'verify-start' }, 'Verify')
  const more = h('button', { type: 'button', id: 'verify-more', hidden: true }, 'Verify what is new')
  const form = new VerifyForm(h('div', { class: 'actions' }, start, more))
  const bar = h('progress', { id: 'verify-progress', 'aria-label': 'Verified slots', hidden: true })
  const statusHost = h('div', { class: 'async-status' })
  const verdict = h('div', { class: 'body', id: 'verify-verdict' }, introduction())
  const slotHead = h('h2', { id: 'verify-slot-title' }, 'Slot')
  const slotBody = h('div', { class: 'body', id: 'verify-slot-body' }, h('p', { class: 'hint' }, 'Select a slot.'))
  const proofBody = h('div', { class: 'body', id: 'verify-proof-body' })
  const stripPanel = panel('verify-slots', 'Schedule')
  const status = new AsyncStatus(statusHost, { controls: [start, more] })
  /** The view that is followed: `{ view, options, input }`. */
  let followed

  const claimedOf = async (column) => {
    if (column.error?.code !== 'MISMATCH') return undefined
    const { options, input } = followed
    const url = `${options.source.unit}/result/${column.report.message}?process-id=${input.process}`
    const response = await (options.fetch ?? fetch)(url)
    return response.ok ? response.json() : undefined
  }
  let selected
  const strip = new SlotStrip(async (column) => {
    selected = column
    slotHead.textContent = `Slot ${column.report.slot}`
    slotBody.replaceChildren(...slotView(column))
    const claimed = await claimedOf(column).catch(() => undefined)
    if (claimed && selected === column) slotBody.replaceChildren(...slotView(column, claimed))
  })
  stripPanel.querySelector('.panel-head').append(legend())
  stripPanel.append(strip.element)

  const results = h(
    'div',
    { class: 'verify-results', hidden: true },
    stripPanel,
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'verify-slot-title' },
      h('div', { class: 'panel-head' }, slotHead),
      slotBody
    ),
    panel('verify-proof', 'Proof', proofBody)
  )
  $('verify').append(
    panel('verify-what', 'What to verify', form.element),
    h('div', { class: 'verify-side' }, panel('verify-outcome', 'Outcome', verdict, bar, statusHost), results)
  )

  const show = (outcome) => {
    const { slot } = outcome.proof ?? {}
    const subject = slot === undefined ? 'No slot' : slot === 0 ? 'Slot 0' : `Slots 0 to ${slot}`
    verdict.replaceChildren(verdictView(outcome, subject))
    proofBody.replaceChildren(proofView(outcome.proof))
    const { error } = outcome
    if (Number.isInteger(error?.details?.slot)) strip.wrong(error.details.slot, checkOf(error), error)
    else strip.selectLast()
    results.hidden = strip.size === 0 && !outcome.proof
    more.hidden = Boolean(error) || !followed
    announce([...verdict.querySelectorAll('h3, p')].map(({ textContent }) => textContent).join('. '))
  }

  const run = async (stage, work) => {
    bar.hidden = false
    bar.removeAttribute('value')
    verdict.replaceChildren(h('p', { class: 'hint' }, 'Nothing is believed yet.'))
    const outcome = await status.run(stage, ({ stage, signal }) => {
      const on = {
        view: (view) => (followed.view = view),
        progress({ slot, of, phase }) {
          bar.max = of + 1
          bar.value = slot + 1
          stage(`Slot ${Math.max(slot, 0)} of ${of}: ${PHASES[phase]}`)
        },
        slot(report) {
          if (report.slot === undefined) return
          results.hidden = false
          strip.add(report)
        },
        compared(slot, unit, error) {
          stage(`Compares slot ${slot} with the compute unit`)
          strip.compared(slot, unit, error)
        }
      }
      return work(on, signal)
    })
    bar.hidden = true
    if (outcome.value) show(outcome.value)
    else verdict.replaceChildren(introduction())
  }

  const begin = async () => {
    let input
    try {
      input = form.read()
    } catch (error) {
      return status.fail(error)
    }
    await followed?.view?.close()
    followed = { input }
    more.hidden = true
    await run('Looking up the process…', async (on, signal) => {
      followed.options = await optionsOf(input)
      strip.clear(Boolean(input.source.unit))
      proofBody.replaceChildren()
      return verify({ process: input.process, options: followed.options }, on, signal)
    })
  }

  form.element.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!status.busy) begin()
  })
  more.addEventListener('click', () =>
    run('Reading the schedule…', (on, signal) => advance(followed.view, followed.options, on, signal))
  )
  $('verify').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') status.stop()
  })
  const offer = () => form.offer([...networkStore.processes.values()])
  networkStore.addEventListener('change', offer)
  session.addEventListener('process', offer)
  offer()
}
