// Hex view of a data item. Each region has its own colour.
import { h, size } from './dom.js'

const SHOWN = 4096
const narrow = matchMedia('(max-width: 40rem)')

/**
 * Regions of a data item with their offsets, computed from the parsed item. Presence bytes belong to their region. The
 * bytes between anchor and data are the tags with their two counts.
 */
export function regionsOf(item) {
  const decoded = (base64url) => Math.floor((base64url.length * 3) / 4)
  const lengths = [
    ['signature type', 2],
    ['signature', decoded(item.signature)],
    ['owner', decoded(item.owner)],
    ['target', 1 + decoded(item.target)],
    ['anchor', 1 + item.anchor.length]
  ]
  const before = lengths.reduce((sum, [, length]) => sum + length, 0)
  return inSequence([...lengths, ['tags', item.raw.length - before - item.data.length], ['data', item.data.length]])
}

function inSequence(lengths) {
  let start = 0
  return lengths.map(([name, length]) => {
    const region = { name, start, end: start + length, class: `r-${name.replace(' ', '-')}` }
    start += length
    return region
  })
}

/** Example item: a message with a few tags, signed with an RSA key. */
export const EXAMPLE = inSequence([
  ['signature type', 2],
  ['signature', 512],
  ['owner', 512],
  ['target', 33],
  ['anchor', 1],
  ['tags', 96],
  ['data', 13]
])

/** Bar with the item's regions to scale. Tiny regions get a minimum width. */
export function regionBar(regions) {
  const label = regions.map(({ name, start, end }) => `${name} ${end - start}`).join(', ')
  const parts = regions.map((region) => {
    const bytes = region.end - region.start
    const part = h(
      'span',
      { class: `bar-part ${region.class}`, title: `${region.name}: ${bytes} bytes` },
      bytes > 60 && region.name
    )
    part.style.flexGrow = bytes
    return part
  })
  return h('div', { class: 'bar', role: 'img', 'aria-label': `Bytes: ${label}` }, parts)
}

const hex = (byte) => byte.toString(16).padStart(2, '0')
const glyph = (byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')

function row(raw, regions, start, width) {
  const end = Math.min(start + width, raw.length)
  const inRow = regions.filter((region) => region.start < end && region.end > start)
  const paint = (show, separator) =>
    inRow.map((region) => {
      const bytes = [...raw.subarray(Math.max(region.start, start), Math.min(region.end, end))]
      return h('span', { class: region.class }, bytes.map(show).join(separator) + separator)
    })
  const filler = '   '.repeat(start + width - end)
  return h(
    'div',
    { class: 'hex-row', 'data-start': start },
    h('span', { class: 'hex-offset' }, start.toString(16).padStart(4, '0')),
    h('span', { class: 'hex-bytes' }, paint(hex, ' '), filler),
    h('span', { class: 'hex-text' }, paint(glyph, ''))
  )
}

export function hexView(item) {
  const { raw } = item
  const regions = regionsOf(item)
  const dump = h('div', {
    class: 'hex',
    role: 'region',
    'aria-label': 'Bytes of the data item',
    tabindex: '0',
    'data-testid': 'hex'
  })
  let shown = Math.min(raw.length, SHOWN)
  const more = h('button', { type: 'button', class: 'quiet' })
  const draw = () => {
    const width = narrow.matches ? 8 : 16
    const starts = Array.from({ length: Math.ceil(shown / width) }, (_, at) => at * width)
    dump.replaceChildren(...starts.map((start) => row(raw, regions, start, width)))
    more.hidden = shown >= raw.length
    more.textContent = `Show more (${size(raw.length - shown)} left)`
  }
  more.addEventListener('click', () => {
    shown = Math.min(raw.length, shown * 4)
    draw()
  })
  const find = (region) => {
    while (shown <= region.start && shown < raw.length) shown = Math.min(raw.length, shown * 4)
    draw()
    const target = [...dump.children].findLast((line) => Number(line.dataset.start) <= region.start)
    dump.scrollTop = target.offsetTop - dump.offsetTop
    for (const span of dump.querySelectorAll(`.${region.class}`)) span.classList.add('found')
    dump.focus({ preventScroll: true })
  }
  const legend = regions.map((region) =>
    h(
      'li',
      null,
      h(
        'button',
        {
          type: 'button',
          class: 'legend',
          disabled: region.end === region.start,
          'data-testid': `region-${region.name.replace(' ', '-')}`,
          onclick: () => find(region)
        },
        h('span', { class: `swatch ${region.class}`, 'aria-hidden': 'true' }),
        region.name,
        h('span', { class: 'hint' }, ` ${region.end - region.start}`)
      )
    )
  )
  narrow.addEventListener('change', draw)
  draw()
  return h(
    'div',
    { class: 'hex-view' },
    regionBar(regions),
    h('ul', { class: 'legends', 'aria-label': 'Regions, in bytes' }, legend),
    dump,
    more
  )
}
