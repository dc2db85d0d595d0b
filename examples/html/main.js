import { connect, createSigner, generateJwk, jwkToAddress } from 'aoxide'

const $ = (id) => document.getElementById(id)
const parameters = new URLSearchParams(location.search)
const ao = connect({
  MODE: 'legacy',
  MU_URL: parameters.get('mu') ?? undefined,
  CU_URL: parameters.get('cu') ?? undefined
})
$('process').value = parameters.get('process') ?? ''

let signer

function show(state, ...lines) {
  $('answer').dataset.state = state
  $('answer').replaceChildren(...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })))
}

/** Runs the handler of a button, and shows its error. */
const attempt = (task) => async (event) => {
  event.preventDefault()
  try {
    await task()
  } catch (error) {
    show('failed', `${error.code ?? error.name}: ${error.message}`)
  }
}

async function use(wallet, address) {
  signer = createSigner(wallet)
  $('address').textContent = address
  $('send').disabled = false
}

const useKey = async (jwk) => use(jwk, await jwkToAddress(jwk))

$('key').onchange = attempt(async () => useKey(JSON.parse(await $('key').files[0].text())))

$('new-key').onclick = attempt(async () => {
  $('address').textContent = 'Creating a key takes a few seconds …'
  await useKey(await generateJwk())
})

// A wallet adds itself to the page when it is ready, which may be after this script has run.
const offerWallet = () => ($('wallet').disabled = !window.arweaveWallet)
addEventListener('arweaveWalletLoaded', offerWallet)
offerWallet()
$('wallet').onclick = attempt(async () => {
  await window.arweaveWallet.connect(['ACCESS_ADDRESS', 'SIGN_TRANSACTION'])
  await use(window.arweaveWallet, await window.arweaveWallet.getActiveAddress())
})

$('form').onsubmit = attempt(async () => {
  const process = $('process').value
  show('busy', 'Signing and sending …')
  const tags = [{ name: 'Action', value: $('action').value }]
  const message = await ao.message({ process, signer, tags, data: $('text').value })

  show('busy', `Sent as ${message}.`, 'Waiting for the result …')
  const { Output, Messages, Error } = await ao.result({ process, message })
  const replies = Messages.map(({ Target, Data }) => `To ${Target}: ${Data}`)
  const output = Output?.data?.output ?? Output?.data ?? Output
  show(Error ? 'failed' : 'done', `Sent as ${message}.`, String(Error ?? output ?? ''), ...replies)
})
