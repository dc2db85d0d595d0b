// State of the page. Panels change it through these methods and listen to its events.

class Session extends EventTarget {
  /** Network in this page (local mode). */
  local
  /** Modules for processes of the network in this page: `{ name, id }`. The first one is the default. */
  runtimes = []
  /** URLs of the network (gateway, graphql, mu, cu) and defaults for spawning. */
  units = {}
  /** `{ address, signer, jwk?, kind }` or `undefined`. */
  key
  /** Id of the process that receives messages. */
  process
  /** History of calls, oldest first. */
  entries = []
  selected
  /** Selected message of the network. */
  reading

  #say(name) {
    this.dispatchEvent(new Event(name))
  }

  useNetwork(network, units) {
    this.local = network
    this.useUnits(units)
  }

  /** Dispatches an event of the network in this page. */
  hear(event) {
    this.dispatchEvent(Object.assign(new Event('news'), { news: event }))
  }

  useUnits(units) {
    this.units = units
    this.#say('units')
  }

  useKey(key) {
    this.key = key
    this.#say('key')
  }

  useProcess(id) {
    this.process = id
    this.#say('process')
  }

  read(message) {
    this.reading = message
    this.#say('read')
  }

  /** Adds a history entry. `kind` is spawn, eval, message or dryrun. */
  begin(fields) {
    const entry = { number: this.entries.length + 1, at: new Date(), state: 'busy', requests: [], ...fields }
    this.entries.push(entry)
    this.select(entry)
    return entry
  }

  change(entry, fields) {
    Object.assign(entry, fields)
    this.dispatchEvent(Object.assign(new Event('entry'), { entry, fields }))
  }

  select(entry) {
    this.selected = entry
    this.#say('select')
  }
}

export const session = new Session()
