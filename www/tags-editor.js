// Rows of name and value. Enter adds a row, Backspace in an empty row removes it.
import { h } from './dom.js'

let editors = 0

export class TagsEditor {
  #rows = h('ul', { class: 'tag-rows' })
  #prefix
  #count = 0
  #onChange

  constructor(host, { legend, tags = [], onChange = () => {} }) {
    this.#prefix = `tags-${++editors}`
    this.#onChange = onChange
    const add = h(
      'button',
      { type: 'button', class: 'quiet', 'data-testid': 'add-tag', onclick: () => this.#add('', '').focus() },
      'Add tag'
    )
    host.append(
      h(
        'fieldset',
        { class: 'tags-editor' },
        h('legend', null, legend),
        this.#rows,
        h('div', { class: 'actions' }, add)
      )
    )
    this.set(tags)
  }

  /** Tags with a name. Empty rows are ignored. */
  get tags() {
    return [...this.#rows.children]
      .map((row) => {
        const [name, value] = row.querySelectorAll('input')
        return { name: name.value, value: value.value }
      })
      .filter(({ name, value }) => name !== '' || value !== '')
  }

  set(tags) {
    this.#rows.replaceChildren()
    for (const { name, value } of tags) this.#add(name, value)
    this.#onChange()
  }

  #add(name, value) {
    const id = `${this.#prefix}-${++this.#count}`
    const input = (part, text) =>
      h('input', {
        id: `${id}-${part}`,
        class: 'mono',
        'aria-label': `Tag ${part}`,
        placeholder: part,
        value: text,
        spellcheck: 'false',
        autocomplete: 'off',
        autocapitalize: 'off',
        'data-testid': `tag-${part}`
      })
    const nameInput = input('name', name)
    const remove = h('button', { type: 'button', class: 'quiet remove', 'aria-label': `Remove tag ${name}` }, '×')
    const row = h('li', { class: 'tag-row', 'data-testid': 'tag-row' }, nameInput, input('value', value), remove)
    const drop = () => {
      const near = row.previousElementSibling ?? row.nextElementSibling
      const button = this.#rows.nextElementSibling.firstElementChild
      row.remove()
      this.#onChange()
      ;(near?.querySelector('input') ?? button).focus()
    }
    remove.addEventListener('click', drop)
    nameInput.addEventListener('input', () => remove.setAttribute('aria-label', `Remove tag ${nameInput.value}`))
    row.addEventListener('input', () => this.#onChange())
    row.addEventListener('keydown', (event) => {
      if (!(event.target instanceof HTMLInputElement)) return
      const empty = [...row.querySelectorAll('input')].every((field) => field.value === '')
      if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
        event.preventDefault()
        const next = row.nextElementSibling?.querySelector('input') ?? this.#add('', '')
        next.focus()
      } else if (event.key === 'Backspace' && empty) {
        event.preventDefault()
        drop()
      }
    })
    this.#rows.append(row)
    return nameInput
  }
}
