// Makes the same calls through aoconnect and through aoxide. Both must send equal requests and return equal values, or
// differ as support/differences.mjs lists.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { responses } from './support/cases/responses.mjs'
import { args } from './support/cases/arguments.mjs'
import { broken, crons } from './support/cases/cron.mjs'
import { stricter } from './support/cases/stricter.mjs'
import { mainnet } from './support/cases/mainnet.mjs'
import { mainnetDiffers } from './support/cases/mainnet-differs.mjs'
import { httpMessages, httpMessagesDiffer } from './support/cases/mainnet-httpsig.mjs'
import { read } from './support/cases/read.mjs'
import { send } from './support/cases/send.mjs'
import { signers } from './support/cases/signers.mjs'
import { tags } from './support/cases/tags.mjs'
import { assertAoError, compare, ids, observe, urls } from './support/compare.mjs'
import { rows } from './support/differences.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { aoconnect, decode, idOf, verifies } from './support/peers.mjs'
import { recorder, withGlobalFetch } from './support/record.mjs'
import { network, node } from './support/replies.mjs'

const tables = {
  'messages, spawns, monitors and assignments': send,
  'tags of items': tags,
  'results, dryruns and schedules': read,
  'error responses and unusual responses': responses,
  'missing and wrong arguments': args,
  'signers and wallets': signers,
  'input that only aoxide checks': stricter,
  'mainnet mode': mainnet,
  'mainnet mode, differences': mainnetDiffers,
  'HTTP messages': httpMessages,
  'HTTP messages, differences': httpMessagesDiffer
}

for (const [title, cases] of Object.entries(tables)) {
  describe(title, () => {
    for (const entry of cases) {
      const { differs } = entry
      test(
        differs ? `${entry.name} (differs, row ${differs.row}: ${rows[differs.row]})` : `${entry.name} (same in both)`,
        () => compare(entry)
      )
    }
  })
}

describe('the tables of cases', () => {
  const all = Object.values(tables).flat()

  test('every row of differences has a case, and every differing case has a row', () => {
    const used = new Set(all.filter(({ differs }) => differs).map(({ differs }) => String(differs.row)))
    assert.deepEqual([...used].sort(), Object.keys(rows).sort())
  })

  test('names of cases are unique', () => {
    const names = Object.entries(tables).flatMap(([title, cases]) => cases.map(({ name }) => `${title}: ${name}`))
    const twice = names.filter((name, at) => names.indexOf(name) !== at)
    assert.deepEqual(twice, [])
  })

  test('bad arguments reject in both libraries before a request', async () => {
    for (const entry of all.filter(({ mustFail }) => mustFail)) {
      for (const name of ['aoconnect', 'aoxide']) {
        const { error, requests } = await observe(name, entry, ids.process)
        assert.ok(error, `${name}: ${entry.name}`)
        const toUnits = requests.filter(({ url }) => !url.startsWith('https://gateway.test'))
        assert.deepEqual(toUnits, [], `${name}: ${entry.name}`)
      }
    }
  })
})

describe('serializeCron', () => {
  const outcome = (library, cron) => {
    try {
      return { value: library.serializeCron(cron) }
    } catch (error) {
      return { error }
    }
  }
  for (const cron of crons) {
    test(JSON.stringify(cron), () => {
      const theirs = outcome(aoconnect, cron)
      const ours = outcome(aoxide, cron)
      if (!theirs.error) return assert.deepEqual(ours, theirs)
      assertAoError(ours.error, 'BAD_ARGUMENT')
      assert.ok(ours.error.message.startsWith(theirs.error.message), `${ours.error.message} / ${theirs.error.message}`)
    })
  }
  for (const cron of broken) {
    test(`${JSON.stringify(cron)} (differs, row 11: ${rows[11]})`, () => {
      const theirs = outcome(aoconnect, cron)
      assert.ok(theirs.error instanceof TypeError || theirs.value.includes(undefined))
      assertAoError(outcome(aoxide, cron).error, 'BAD_ARGUMENT')
    })
  }
})

describe('environment variables', () => {
  // They apply to the top-level verbs. connect() uses only its options.
  const environments = [
    {},
    { MU_URL: 'https://mu.env', CU_URL: 'https://cu.env' },
    { GATEWAY_URL: 'https://gateway.env' },
    { GATEWAY_URL: 'https://gateway.env/arweave/' },
    { GATEWAY_URL: 'https://gateway.env', GRAPHQL_URL: 'https://graphql.env/ql' },
    { MU_URL: '', GATEWAY_URL: '' }
  ]
  const ask = (env, ...page) => {
    const script = fileURLToPath(new URL('support/environment.mjs', import.meta.url))
    const { PATH } = process.env
    const options = { env: { PATH, ...env }, encoding: 'utf8' }
    return JSON.parse(execFileSync(process.execPath, [script, ...page], options))
  }
  const compared = (...where) => {
    const { aoconnect: theirs, aoxide: ours } = ask(...where)
    assert.equal(theirs.topLevel.length, 4)
    assert.deepEqual(ours, theirs)
  }
  for (const env of environments) {
    test(`of a Node process: ${inspect(env)}`, () => compared(env))
    test(`of a page with the globals ${inspect(env)}`, () => compared({}, JSON.stringify(env)))
  }

  test('the retries that a page sets are used', () => {
    const page = { GRAPHQL_URL: 'https://graphql.page', GRAPHQL_MAX_RETRIES: '2', GRAPHQL_RETRY_BACKOFF: 5 }
    compared({}, JSON.stringify(page))
  })

  test('in a process with page globals too, the environment takes precedence', () => {
    const { aoxide } = ask({ MU_URL: 'https://mu.env' }, JSON.stringify({ MU_URL: 'https://mu.page' }))
    const { topLevel } = aoxide
    assert.ok(topLevel.includes('POST https://mu.env'), topLevel)
  })

  test('a list of addresses on the page is used, and a page element with such an id is ignored', () => {
    const page = { MU_URL: ['https://mu.page', 'https://other.page'], CU_URL: { id: 'CU_URL' } }
    const { aoxide } = ask({}, JSON.stringify(page))
    const { topLevel } = aoxide
    assert.ok(topLevel.includes('POST https://mu.page'), topLevel)
    assert.ok(topLevel.at(-1).startsWith('GET https://cu.ao-testnet.xyz/'), topLevel)
  })
})

describe('signers of one library work in the other', () => {
  const libraries = { aoconnect, aoxide }
  for (const [maker, user] of [
    ['aoxide', 'aoconnect'],
    ['aoconnect', 'aoxide'],
    ['aoxide', 'aoxide']
  ]) {
    test(`a signer of ${maker} in ${user}`, async () => {
      const signer = libraries[maker].createDataItemSigner(jwk)
      const { fetch, requests } = recorder(network())
      const ao = libraries[user].connect({ ...urls, fetch })
      const id = await ao.message({ process: ids.process, signer, data: 'd', tags: [{ name: 'A', value: 'b' }] })
      assert.equal(requests.length, 1)
      assert.equal(id, idOf(requests[0].body))
      assert.equal(decode(requests[0].body).owner, jwk.n)
      assert.ok(await verifies(requests[0].body))
    })
  }

  for (const [maker, user] of [
    ['aoxide', 'aoconnect'],
    ['aoconnect', 'aoxide']
  ]) {
    test(`a signer of ${maker} in ${user}, in mainnet mode`, async () => {
      const signer = libraries[maker].createSigner(jwk)
      const { fetch, requests } = recorder(node())
      const slot = await withGlobalFetch(fetch, () => {
        const ao = libraries[user].connect({ MODE: 'mainnet', URL: 'https://node.test', signer, fetch })
        return ao.message({ process: ids.process, data: 'd', tags: [{ name: 'A', value: 'b' }] })
      })
      assert.equal(slot, 7)
      assert.equal(decode(requests[0].body).owner, jwk.n)
      assert.ok(await verifies(requests[0].body))
    })
  }

  test('create is called with the same arguments and returns the same values', async () => {
    const asked = []
    const create = async (fields) => {
      asked.push(fields)
      return new Uint8Array(48)
    }
    const answers = [
      await aoconnect.createSigner(jwk)(create, 'ans104'),
      await aoxide.createSigner(jwk)(create, 'ans104')
    ]
    for (const { type, publicKey } of asked) {
      assert.equal(type, 1)
      assert.deepEqual(new Uint8Array(publicKey), new Uint8Array(owner))
    }
    for (const answer of answers) {
      assert.equal(answer.address, address)
      assert.equal(answer.signature.length, 512)
      assert.ok(answer.signature instanceof Uint8Array)
    }
    assert.equal(asked.length, 2)
  })
})

describe('connect and exports', () => {
  test('aoxide exports everything that aoconnect exports', () => {
    for (const name of Object.keys(aoconnect)) assert.equal(typeof aoxide[name], 'function', name)
    assert.equal(aoxide.createDataItemSigner, aoxide.createSigner)
  })

  test("connect returns everything that aoconnect's returns", () => {
    const signer = aoxide.createSigner(jwk)
    const mainnet = { MODE: 'mainnet', URL: 'https://node.test' }
    for (const options of [undefined, {}, { MODE: 'legacy' }, { ...urls }, mainnet, { ...mainnet, signer }]) {
      const ours = aoxide.connect(options)
      for (const [name, value] of Object.entries(aoconnect.connect(options))) {
        if (typeof value === 'function') assert.equal(typeof ours[name], 'function', name)
      }
    }
    for (const library of [aoconnect, aoxide]) {
      const { MODE, createSigner, createDataItemSigner } = library.connect({ ...mainnet, signer })
      assert.deepEqual([MODE, createSigner(), createDataItemSigner()], ['mainnet', signer, signer])
      assert.equal(library.connect(mainnet).createSigner, library.createSigner)
    }
  })

  test('an unknown mode rejects in both', () => {
    assert.throws(() => aoconnect.connect({ MODE: 'x' }), { message: 'Unrecognized MODE: x' })
    assert.throws(
      () => aoxide.connect({ MODE: 'x' }),
      (error) => assertAoError(error, 'BAD_ARGUMENT') ?? error.message.startsWith('Unrecognized MODE: x')
    )
  })

  for (const [verb, call] of Object.entries({
    message: (ao, signer) => ao.message({ process: ids.process, signer, data: 'd' }),
    spawn: (ao, signer) => ao.spawn({ module: ids.module, scheduler: ids.scheduler, signer }),
    result: (ao) => ao.result({ process: ids.process, message: ids.message }),
    results: (ao) => ao.results({ process: ids.process }),
    dryrun: (ao) => ao.dryrun({ process: ids.process }),
    monitor: (ao, signer) => ao.monitor({ process: ids.process, signer }),
    unmonitor: (ao, signer) => ao.unmonitor({ process: ids.process, signer }),
    assign: (ao) => ao.assign({ process: ids.process, message: ids.message })
  })) {
    test(`${verb} without connect uses the public units`, async () => {
      const urlsOf = async (library) => {
        const { fetch, requests } = recorder((request) =>
          network()({ ...request, url: request.url.replace(/^https:\/\/(mu|cu)\.ao-testnet\.xyz/, 'https://$1.test') })
        )
        await withGlobalFetch(fetch, () => call(library, aoxide.createSigner(jwk)).catch(() => {}))
        return requests.map(({ method, url }) => `${method} ${url}`)
      }
      const theirs = await urlsOf(aoconnect)
      assert.ok(theirs.length > 0)
      assert.deepEqual(await urlsOf(aoxide), theirs)
    })
  }
})
