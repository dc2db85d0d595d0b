// Switches between the views of the page.
import { $ } from './dom.js'

/** Element, target of the skip link, and name of each view. */
const VIEWS = {
  console: { element: 'local', skip: '#prompt-code', label: 'Skip to the console' },
  workbench: { element: 'workbench', skip: '#code', label: 'Skip to the message' },
  verify: { element: 'verify', skip: '#verify-process', label: 'Skip to the process' }
}

/**
 * Shows the switch of views. The console belongs to the network in this page.
 *
 * @param onShow called with the name of the view that is shown
 */
export function startViews({ local, onShow }) {
  const show = (name) => {
    for (const [each, { element }] of Object.entries(VIEWS)) $(element).hidden = each !== name
    $('shortcuts').hidden = name !== 'workbench'
    $('skip').href = VIEWS[name].skip
    $('skip').textContent = VIEWS[name].label
    onShow(name)
  }
  const radios = [...document.querySelectorAll('[name=view]')]
  const first = local ? 'console' : 'workbench'
  for (const radio of radios) {
    radio.addEventListener('change', () => show(radio.value))
    // Browsers restore the field after a reload. The page starts with its default.
    radio.checked = radio.value === first
    radio.closest('label').hidden = radio.value === 'console' && !local
  }
  $('views').hidden = false
  show(first)
  return {
    show(name) {
      radios.find(({ value }) => value === name).checked = true
      show(name)
    }
  }
}
