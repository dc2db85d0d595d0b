// Chooses a sample. Its steps are buttons that put code into the console.
import { $, h } from './dom.js'
import { SAMPLES } from './samples/index.js'

/** @param put called with the code of a step */
export function startSamples(put) {
  const show = () => {
    const { steps, about } = SAMPLES[$('sample').selectedIndex]
    const chip = ([label, code]) => h('button', { type: 'button', class: 'chip', onclick: () => put(code) }, label)
    $('sample-about').textContent = about
    $('sample-steps').replaceChildren(...steps.map(chip))
  }
  $('sample').append(...SAMPLES.map(({ name }) => new Option(name)))
  $('sample').addEventListener('change', show)
  show()
}
