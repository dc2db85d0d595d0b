// Helpers that build the page. They insert strings as text nodes, so foreign data cannot become markup.

export const $ = (id) => document.getElementById(id)

/** Creates an element. `on…` props become listeners, booleans set or omit attributes, the rest are attributes. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'value') element.value = value
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false))
  return element
}

/** Announces a text to screen readers without moving the focus. */
export const announce = (text) => {
  $('announcer').textContent = text
}

const copyText = async (text, host) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // Pages on plain HTTP have no clipboard object. Copying from a selected text area works everywhere.
  const area = h('textarea', { class: 'visually-hidden', readonly: true, value: text })
  host.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (!copied) throw new Error('the browser does not allow it')
}

/** @param what names the thing for screen readers: "Copy process id" */
export function copyButton(text, what) {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` }, 'Copy')
  button.addEventListener('click', async () => {
    try {
      await copyText(text, button.parentElement)
      button.textContent = 'Copied'
      announce(`Copied ${what}`)
    } catch (error) {
      button.textContent = 'Not copied'
      announce(`Not copied: ${error.message}`)
    }
    button.focus()
    setTimeout(() => (button.textContent = 'Copy'), 1600)
  })
  return button
}

/** View of a whole id or address with a copy button. */
export const idText = (id, what) =>
  h('span', { class: 'id' }, h('code', { class: 'id-text' }, id), copyButton(id, what))

/** Downloads a file with the given content. */
export function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }))
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** View of a key combination. */
export const keys = (...names) => names.map((name, at) => [at ? ' ' : '', h('kbd', null, name)])

export const short = (id) => (id?.length > 16 ? `${id.slice(0, 6)}…${id.slice(-5)}` : (id ?? ''))

export const oneLine = (text, length = 60) => {
  const line = String(text).replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}

export const size = (bytes) => {
  if (bytes == null) return ''
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

export const duration = (ms) => {
  if (ms == null) return ''
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** Decodes bytes as UTF-8. Returns `undefined` for other bytes and for control characters. */
export function readable(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /[\0-\x08\x0e-\x1a]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** Indents JSON. Returns other text unchanged. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** Keyboard navigation of a tab list: arrow keys, Home, End. */
export function tabs(list, onSelect) {
  const all = [...list.querySelectorAll('[role=tab]')]
  const select = (tab) => {
    for (const other of all) {
      const chosen = other === tab
      other.setAttribute('aria-selected', String(chosen))
      other.tabIndex = chosen ? 0 : -1
      $(other.getAttribute('aria-controls')).hidden = !chosen
    }
    onSelect?.(tab.id)
  }
  list.addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab]')
    if (tab) select(tab)
  })
  list.addEventListener('keydown', (event) => {
    const at = all.indexOf(document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const tab = all[(to + all.length) % all.length]
    select(tab)
    tab.focus()
  })
  select(all[0])
  return { select: (id) => select($(id)) }
}
