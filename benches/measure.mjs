// Times of several contestants in the same run, in turns, so that what disturbs the machine disturbs all of them.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Medians in milliseconds.
 *
 * A turn is `inTurn` runs. Where one run leaves megabytes behind, take several: the first of them, which pays for what the
 * contestant before left, is then not counted.
 *
 * @param {Record<string, () => Promise<number | unknown>>} contestants async functions; one that measures itself returns
 * its milliseconds
 */
export async function race(contestants, { rounds, warmUp, inTurn = 1 }) {
  const entries = Object.entries(contestants)
  const times = new Map(entries.map(([name]) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    // Nobody always comes first.
    if (round % 2) entries.reverse()
    for (const [name, contestant] of entries) {
      const turn = []
      while (turn.length < inTurn) {
        const began = performance.now()
        const own = await contestant()
        turn.push(typeof own === 'number' ? own : performance.now() - began)
      }
      if (round >= 0) times.get(name).push(...turn.slice(inTurn > 1 ? 1 : 0))
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]))
}
