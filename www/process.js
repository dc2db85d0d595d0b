// Step 2: spawns a process or selects a known one.
import { AoError } from 'aoxide'
import { $, announce, idText, short } from './dom.js'
import { provideModule } from './network.js'
import { session } from './session.js'
import { TagsEditor } from './tags-editor.js'
import { AsyncStatus } from './async-status.js'
import { runCall } from './call.js'

const FIELDS = ['module', 'scheduler', 'authority']
const isId = (text) => /^[\w-]{43}$/.test(text)

function showProcess() {
  const id = session.process
  $('process-current').hidden = !id
  $('process-change').hidden = !id
  $('process-panel').classList.toggle('settled', Boolean(id))
  showChooser(!id)
  if (id) $('process-id').replaceChildren(idText(id, 'process id'))
}

function showChooser(open) {
  $('process-choose').hidden = !open
  $('process-change').setAttribute('aria-expanded', String(open))
  $('process-change').textContent = open ? 'Keep this one' : 'Change'
}

function remember(id) {
  const known = [...$('known-ids').options].some((option) => option.value === id)
  if (!known) $('known-ids').append(new Option('', id))
}

export function startProcess() {
  const status = new AsyncStatus($('process-status'), { controls: [$('spawn'), $('known-use')] })
  const tags = new TagsEditor($('spawn-tags'), {
    legend: 'Tags of the process',
    tags: [{ name: 'Name', value: 'Playground' }]
  })

  const prefill = () => {
    for (const name of FIELDS) $(`spawn-${name}`).value ||= session.units[name] ?? ''
  }
  $('known-modules').append(...session.runtimes.map(({ name, id }) => new Option(name, id)))
  session.addEventListener('units', prefill)
  prefill()
  session.addEventListener('process', showProcess)

  const use = (id) => {
    remember(id)
    session.useProcess(id)
    announce(`Messages go to process ${short(id)}`)
    $('process-change').focus({ preventScroll: true })
  }

  $('process-change').addEventListener('click', () => {
    const open = $('process-choose').hidden
    showChooser(open)
    if (open) document.querySelector('[name=process-mode]:checked').focus()
  })
  for (const radio of document.querySelectorAll('[name=process-mode]'))
    radio.addEventListener('change', () => {
      $('spawn-form').hidden = radio.value !== 'new'
      $('known-form').hidden = radio.value !== 'known'
      status.clear()
    })

  $('known-form').addEventListener('submit', (event) => {
    event.preventDefault()
    if (status.busy) return
    const id = $('known-id').value.trim()
    status.clear()
    if (isId(id)) use(id)
    else status.fail(new AoError('BAD_ID', 'A process id is 43 characters of base64url.', { details: { value: id } }))
  })

  $('spawn-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    if (status.busy) return
    if (!session.key)
      return status.fail(new AoError('BAD_ARGUMENT', 'A spawn must be signed. Choose a key first (step 1).'))
    const [module, scheduler, authority] = FIELDS.map((name) => $(`spawn-${name}`).value.trim())
    const authorities = authority ? [{ name: 'Authority', value: authority }] : []
    const input = { module, scheduler, tags: [...tags.tags, ...authorities] }
    const entry = session.begin({ kind: 'spawn', title: 'A process', input })
    const { value: id } = await runCall(status, 'Looking up the module…', entry, async (ao) => {
      await provideModule(module)
      return ao.spawn({ ...input, signer: session.key.signer })
    })
    if (!id) return
    session.change(entry, { id, process: id, answer: short(id) })
    use(id)
  })
}
