// Step 1: chooses the key that signs messages.
import { AoError, createSigner, generateJwk, jwkToAddress } from 'aoxide'
import { DataItem } from 'aoxide/ans104'
import { $, announce, download, idText, short } from './dom.js'
import { session } from './session.js'
import { AsyncStatus } from './async-status.js'

const STORED = 'aoxide-key'
const KINDS = { created: 'Made on this page', file: 'Key file', kept: 'Kept for this tab', wallet: 'Browser wallet' }
/** Stored keys of a network in the page. The network is persistent, so its keys are stored too. */
const KINDS_HERE = { ...KINDS, kept: 'Kept in this browser' }

const parseKey = (text) => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AoError('BAD_KEY', 'This is not a key file. A key file holds one JSON object (JWK).', { cause })
  }
}

/** Signs a test item, so that a public or damaged key is rejected here and not with the first message. */
async function keyOf(jwk, kind) {
  const isEd25519 = jwk.crv === 'Ed25519'
  let address = isEd25519 ? undefined : await jwkToAddress(jwk)
  const signer = createSigner(jwk)
  const trial = await DataItem.create({ data: 'trial' }).sign(signer)
  address ??= await addressOf(trial.owner)
  const { valid } = await trial.verify()
  if (!valid) throw new AoError('BAD_KEY', 'This key is damaged: its signature is not valid. Choose another key.')
  return { address, signer, jwk, kind }
}

/** Address of a public key: its SHA-256. */
async function addressOf(owner) {
  const bytes = Uint8Array.from(atob(owner.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.codePointAt(0))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return btoa(String.fromCodePoint(...hash))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}

async function walletKey(wallet) {
  await wallet.connect(['ACCESS_ADDRESS', 'SIGN_TRANSACTION'], { name: 'aoxide playground' })
  return { address: await wallet.getActiveAddress(), signer: createSigner(wallet), kind: 'wallet' }
}

const storage = {
  place: () => (session.local ? localStorage : sessionStorage),
  read: () => {
    try {
      return storage.place().getItem(STORED)
    } catch {
      return null
    }
  },
  write: (text) => storage.place().setItem(STORED, text),
  remove: () => {
    try {
      storage.place().removeItem(STORED)
    } catch {
      // Storage is blocked: there is nothing to restore.
    }
  }
}

function showKey() {
  const { key } = session
  $('key-choose').hidden = Boolean(key)
  $('key-current').hidden = !key
  $('key-kind').hidden = !key
  $('key-panel').classList.toggle('settled', Boolean(key))
  if (!key) return
  $('key-kind').textContent = (session.local ? KINDS_HERE : KINDS)[key.kind]
  $('key-address').replaceChildren(idText(key.address, 'address'))
  $('key-save').hidden = !key.jwk
  $('key-keep-row').hidden = !key.jwk
  $('key-keep').checked = storage.read() !== null
}

function showWallet() {
  const present = Boolean(globalThis.arweaveWallet)
  $('key-wallet').disabled = !present
  $('key-wallet-hint').textContent = present
    ? 'Your wallet asks for your permission before each signature.'
    : `${session.local ? '' : 'Creating a key takes a few seconds. '}No browser wallet was found on this page.`
}

/**
 * Makes a private key. RSA takes seconds, and is what Arweave's wallets have. The network in this page accepts Ed25519 too,
 * which takes no time.
 */
async function generateKey(stage) {
  if (session.local)
    try {
      const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
      const { kty, crv, x, d } = await crypto.subtle.exportKey('jwk', privateKey)
      return { kty, crv, x, d }
    } catch {
      // This browser has no Ed25519.
    }
  stage('Creating a 4096-bit key…')
  return generateJwk()
}

/** Creates a key. Stores it if the network is persistent. */
export async function createKey({ stage }) {
  const jwk = await generateKey(stage)
  stage('Checking the key…')
  const key = await keyOf(jwk, 'created')
  try {
    if (session.local) storage.write(JSON.stringify(jwk))
  } catch {
    // Storage is blocked: the network is not persistent either.
  }
  return key
}

export async function startKeys() {
  const controls = ['key-create', 'key-use', 'key-open'].map($)
  const status = new AsyncStatus($('key-status'), { controls })

  const settle = ({ value: key }) => {
    if (!key) return
    session.useKey(key)
    announce(`Signing as ${short(key.address)}`)
    $('key-paste').value = ''
    $('key-forget').focus({ preventScroll: true })
  }
  const take = async (text, kind = 'file') =>
    settle(await status.run('Checking the key…', async () => keyOf(parseKey(await text), kind)))

  $('key-create').addEventListener('click', async () => settle(await status.run('Creating a key…', createKey)))
  $('key-use').addEventListener('click', () => take($('key-paste').value))
  $('key-open').addEventListener('click', () => $('key-file').click())
  $('key-file').addEventListener('change', ({ target }) => {
    const [file] = target.files
    if (file) take(file.text())
    target.value = ''
  })

  const drop = $('key-drop')
  drop.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  drop.addEventListener('dragleave', () => drop.classList.remove('over'))
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    const [file] = event.dataTransfer.files
    take(file ? file.text() : event.dataTransfer.getData('text'))
  })

  $('key-wallet').addEventListener('click', async () =>
    settle(await status.run('Waiting for the wallet…', () => walletKey(globalThis.arweaveWallet)))
  )
  // Wallet extensions inject their object at any time after the page has loaded.
  addEventListener('arweaveWalletLoaded', showWallet)
  addEventListener('walletSwitch', ({ detail }) => {
    if (session.key?.kind === 'wallet' && detail?.address) session.useKey({ ...session.key, address: detail.address })
  })

  $('key-save').addEventListener('click', () =>
    download(
      `${session.key.jwk.kty === 'RSA' ? 'arweave' : 'ed25519'}-key-${session.key.address}.json`,
      'application/json',
      JSON.stringify(session.key.jwk)
    )
  )
  $('key-keep').addEventListener('change', ({ target }) => {
    try {
      if (target.checked) storage.write(JSON.stringify(session.key.jwk))
      else storage.remove()
      status.clear()
    } catch (error) {
      target.checked = false
      status.fail(error)
    }
  })
  $('key-forget').addEventListener('click', () => {
    storage.remove()
    if (session.key.kind === 'wallet') globalThis.arweaveWallet?.disconnect?.()
    session.useKey(undefined)
    announce('The key was removed')
    $('key-create').focus()
  })

  session.addEventListener('key', showKey)
  showWallet()
  const kept = storage.read()
  if (session.local) $('key-keep-where').textContent = 'Keep in this browser'
  if (session.local) $('key-keep-how').textContent = '– stores the private key unencrypted in this browser’s storage.'
  if (kept !== null) await take(kept, 'kept')
}
