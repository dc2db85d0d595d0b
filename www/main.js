// Starts the panels.
import { startComposer } from './composer.js'
import { $, h, keys, size } from './dom.js'
import { startHistory } from './history.js'
import { startKeys } from './keys.js'
import { startProcess } from './process.js'
import { startCallDetail } from './call-detail.js'
import { loadEditor } from './lua-field.js'
import { findNetwork, openNetwork } from './network.js'
import { session } from './session.js'
import { startUnits } from './units.js'
import { startViews } from './views.js'

const apple = /Mac|iPhone|iPad/.test(navigator.platform)
const command = apple ? '⌘' : 'Ctrl'
const option = apple ? '⌥' : 'Alt'

const SHORTCUTS = [
  [[command, 'Enter'], 'send'],
  [[command, 'Shift', 'Enter'], 'dryrun'],
  [['Esc'], 'stop waiting'],
  [[option, '↑'], 'earlier code'],
  [['Enter'], 'next tag'],
  [['←', '→'], 'between tabs']
]

/** Shows the size of the SDK's files as the browser measured it. */
function showPackageSize() {
  const files = performance
    .getEntriesByType('resource')
    .filter(({ name }) => new URL(name).pathname.startsWith('/pkg/'))
  const bytes = files.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)
  if (bytes > 0)
    $('package-size').textContent = `aoxide on this page: ${size(bytes)} in ${files.length} files, uncompressed.`
}

$('shortcuts').append(
  ...SHORTCUTS.map(([names, what]) => h('div', null, h('dt', null, keys(...names)), h('dd', null, what)))
)
$('code-keys').append(h('span', null, keys(command, 'Enter'), ' sends, ', keys(command, 'Shift', 'Enter'), ' dryruns'))

const network = await findNetwork()
if (network.mode === 'local') await openNetwork(network)

const callDetail = startCallDetail()
startHistory(callDetail.open)
startProcess()
startComposer({ showCallDetail: callDetail.open })
const keyIsThere = startKeys()
session.addEventListener('entry', showPackageSize)
session.addEventListener('key', showPackageSize)
let verify
const views = startViews({
  local: Boolean(session.local),
  onShow(name) {
    if (name === 'verify') verify ??= import('./verify.js').then(({ startVerify }) => startVerify())
  }
})
if (session.local) {
  const { startLocal } = await import('./local.js')
  await startLocal({ keyIsThere, showCallDetail: callDetail.open, views })
} else startUnits(network.mode === 'units' ? network : undefined)
showPackageSize()
document.documentElement.dataset.ready = 'true'
// The editor is as large as the rest of the page. The text areas work until it is there.
document.documentElement.dataset.editor = (await loadEditor()) ? 'loaded' : 'none'
