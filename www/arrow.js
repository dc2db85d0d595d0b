// Shape and colour of the diagram's arrows.
import { curveCatmullRom, line, linkVertical } from 'd3'

const KINDS = ['message', 'spawn', 'out', 'failed']
/** Horizontal distance that an arrow covers, in pixels. */
const LEAN = 7

const between = linkVertical()
const loop = line().curve(curveCatmullRom)

/** Style of an arrow. `failed` wins over every other kind. A tick is a message that cron sent. */
export function kindOf({ kind, result }) {
  if (result?.Error) return 'failed'
  return kind === 'tick' ? 'message' : kind
}

/** Path of an arrow from one lane to another, or back to the same lane. */
export function arrowPath(x, from, to) {
  if (from === to)
    return loop([
      [x, from],
      [x - 5, from - 13],
      [x + 2, from - 19],
      [x + 9, from - 14],
      [x + 7, from - 4]
    ])
  const gap = to > from ? -4 : 4
  return between({ source: [x, from], target: [x + LEAN, to + gap] })
}

/** Arrow heads, referenced by `marker-end`. */
export function arrowHeads(defs) {
  for (const kind of KINDS) {
    defs
      .append('marker')
      .attr('id', `head-${kind}`)
      .attr('class', `head kind-${kind}`)
      .attr('viewBox', '0 0 8 8')
      .attr('refX', 5)
      .attr('refY', 4)
      .attr('markerWidth', 7)
      .attr('markerHeight', 7)
      .attr('markerUnits', 'userSpaceOnUse')
      .attr('orient', 'auto')
      .append('path')
      .attr('d', 'M0,0.5 L7,4 L0,7.5 Z')
  }
}
