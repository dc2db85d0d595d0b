// Form of the Verify view: which process, where the schedule comes from, whom to trust, which unit lies.
import { AoError } from 'aoxide'
import { h } from './dom.js'
import { LIES } from './lies.js'
import { session } from './session.js'

const PUBLIC_SCHEDULER = 'https://su-router.ao-testnet.xyz'

const field = (id, label, props = {}) => {
  const input = h('input', { id, class: 'mono', spellcheck: 'false', autocomplete: 'off', ...props })
  return h('div', { class: 'field', id: `${id}-field` }, h('label', { for: id }, label), input)
}

const choice = (name, value, label, checked, hint) => {
  const input = h('input', { type: 'radio', name, value, checked })
  return hint === undefined
    ? h('label', null, input, h('span', null, label))
    : h('label', { class: 'check' }, input, h('span', null, label, hint && h('span', { class: 'hint' }, ` ${hint}`)))
}

const segments = (name, legend, all) =>
  h(
    'fieldset',
    { class: 'segments small' },
    h('legend', { class: 'visually-hidden' }, legend),
    all.map(([value, label], at) => choice(name, value, label, at === 0))
  )

/** Fields of each source. */
const SOURCES = {
  here: ['verify-lies'],
  units: ['verify-scheduler-field', 'verify-gateway-field', 'verify-unit-field']
}

const list = (text) => text.split(/[\s,]+/).filter(Boolean)
const tidy = (address) => address.trim().replace(/\/+$/, '')

export class VerifyForm {
  #value = (id) => this.element.querySelector(`#${id}`).value.trim()
  #chosen = (name) => this.element.querySelector(`[name=${name}]:checked`).value
  /** Whether the user has entered an id. */
  #edited = false
  element

  /** @param parts elements below the fields: the buttons */
  constructor(...parts) {
    const { units } = session
    const sources = [
      ['here', 'This page'],
      ['units', 'Units']
    ]
    this.element = h(
      'form',
      { class: 'body stack', id: 'verify-form', novalidate: true },
      field('verify-process', 'Process id', { list: 'verify-known', placeholder: '43 characters of base64url' }),
      h('datalist', { id: 'verify-known' }),
      segments('verify-source', 'Where the schedule comes from', session.local ? sources : sources.slice(1)),
      field('verify-scheduler', 'Scheduler unit (SU)', {
        type: 'url',
        value: session.local ? PUBLIC_SCHEDULER : (units.su ?? PUBLIC_SCHEDULER)
      }),
      field('verify-gateway', 'Gateway', { type: 'url', value: session.local ? 'https://arweave.net' : units.gateway }),
      field('verify-unit', 'Compute unit (CU) to compare with; may be empty', {
        type: 'url',
        value: session.local ? '' : units.cu
      }),
      h(
        'fieldset',
        { class: 'lies', id: 'verify-lies' },
        h('legend', null, 'Let a unit lie'),
        LIES.map(([name, label, hint], at) => choice('verify-lie', name, label, at === 0, hint))
      ),
      h(
        'details',
        { class: 'more' },
        h('summary', null, 'Trust'),
        field('verify-checkpoints', 'Addresses whose checkpoints are believed; empty: start from slot 0'),
        field('verify-module', 'SHA-256 of the module, in hexadecimal; empty: the module must be a signed item'),
        field('verify-signer', 'Scheduler’s address; empty: the one that the process names')
      ),
      ...parts
    )
    for (const radio of this.element.querySelectorAll('[name=verify-source]'))
      radio.addEventListener('change', () => this.#showSource())
    this.element.querySelector('#verify-process').addEventListener('input', () => (this.#edited = true))
    this.#showSource()
  }

  #showSource() {
    const shown = SOURCES[this.#chosen('verify-source')]
    for (const id of new Set(Object.values(SOURCES).flat()))
      this.element.querySelector(`#${id}`).hidden = !shown.includes(id)
  }

  /** Offers known processes, and the selected one unless the user has entered another. */
  offer(processes) {
    const options = processes.map(({ id, name }) => new Option(name, id))
    this.element.querySelector('#verify-known').replaceChildren(...options)
    const input = this.element.querySelector('#verify-process')
    if (session.process && (!this.#edited || input.value === '')) input.value = session.process
  }

  /** What the user entered: `{ process, isHere, lie, source, trust }`. */
  read() {
    const process = this.#value('verify-process')
    if (!/^[\w-]{43}$/.test(process))
      throw new AoError('BAD_ID', 'A process id is 43 characters of base64url.', { details: { value: process } })
    const from = this.#chosen('verify-source')
    const checkpoints = list(this.#value('verify-checkpoints'))
    const scheduler = this.#value('verify-signer')
    const sha256 = this.#value('verify-module').toLowerCase()
    return {
      process,
      isHere: from === 'here',
      lie: this.#chosen('verify-lie'),
      source: this.#source(from),
      trust: {
        ...(checkpoints.length > 0 && { checkpoints }),
        ...(scheduler && { scheduler }),
        ...(sha256 && { module: { sha256 } })
      }
    }
  }

  #source(from) {
    const { units } = session
    if (from === 'here') return { scheduler: units.su, gateway: units.gateway, graphql: units.graphql, unit: units.cu }
    const gateway = tidy(this.#value('verify-gateway'))
    const unit = tidy(this.#value('verify-unit'))
    return { scheduler: tidy(this.#value('verify-scheduler')), gateway, ...(unit && { unit }) }
  }
}
